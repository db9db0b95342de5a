package dev.catwalk.bgp.wire;

import java.util.Arrays;

/** COMMUNITIES, RFC 1997: at least one, in the order received. */
public final class Communities implements Attribute {
  /** Well-known communities, RFC 1997, RFC 8326, RFC 7999, RFC 9494. */
  public static final int NO_EXPORT = 0xffff_ff01;

  public static final int NO_ADVERTISE = 0xffff_ff02;
  public static final int NO_EXPORT_SUBCONFED = 0xffff_ff03;
  public static final int GRACEFUL_SHUTDOWN = 0xffff_0000;
  public static final int LLGR_STALE = 0xffff_0006;
  public static final int NO_LLGR = 0xffff_0007;
  public static final int BLACKHOLE = 0xffff_029a;

  private final int[] values;

  private Communities(int[] values) {
    assert values.length > 0;
    this.values = values;
  }

  public static Communities of(int... values) {
    return new Communities(values.clone());
  }

  @Override
  public int type() {
    return AttributeType.COMMUNITIES;
  }

  public int size() {
    return values.length;
  }

  public int at(int index) {
    return values[index];
  }

  public boolean contains(int community) {
    for (int value : values) {
      if (value == community) {
        return true;
      }
    }
    return false;
  }

  /** These and that one. */
  public Communities with(int community) {
    if (contains(community)) {
      return this;
    }
    int[] more = Arrays.copyOf(values, values.length + 1);
    more[values.length] = community;
    return new Communities(more);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Communities c && Arrays.equals(values, c.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  /** {@code 65001:100} separated by blanks. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int value : values) {
      text.append(text.isEmpty() ? "" : " ")
          .append(value >>> 16)
          .append(':')
          .append(value & 0xffff);
    }
    return text.toString();
  }
}
