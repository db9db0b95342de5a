package dev.catwalk.bgp.wire;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** EXTENDED COMMUNITIES, RFC 4360: at least one of eight octets each, in the order received. */
public final class ExtendedCommunities implements Attribute {
  /** RFC 4360 §2: the T bit of the type's first octet. */
  private static final long NON_TRANSITIVE = 1L << 62;

  private final long[] values;

  private ExtendedCommunities(long[] values) {
    assert values.length > 0;
    this.values = values;
  }

  public static ExtendedCommunities of(long... values) {
    return new ExtendedCommunities(values.clone());
  }

  @Override
  public int type() {
    return AttributeType.EXTENDED_COMMUNITIES;
  }

  public int size() {
    return values.length;
  }

  /** All eight octets, type first. */
  public long at(int index) {
    return values[index];
  }

  /** RFC 4360 §6: those that may leave the AS; null: none of them. */
  public @Nullable ExtendedCommunities transitive() {
    long[] kept =
        Arrays.stream(values).filter(value -> (value & NON_TRANSITIVE) == 0).toArray();
    return kept.length == 0 ? null : kept.length == values.length ? this : of(kept);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ExtendedCommunities c && Arrays.equals(values, c.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  /** Sixteen hexadecimal digits each, separated by blanks. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (long value : values) {
      text.append(text.isEmpty() ? "" : " ").append(String.format("%016x", value));
    }
    return text.toString();
  }
}
