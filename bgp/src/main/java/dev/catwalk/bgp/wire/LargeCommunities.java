package dev.catwalk.bgp.wire;

import java.util.List;

/** LARGE_COMMUNITY, RFC 8092: at least one, in the order received. */
public record LargeCommunities(List<Large> values) implements Attribute {

  /** Three unsigned numbers of four octets. */
  public record Large(int administrator, int data1, int data2) {
    /** {@code 64601:1:2}. */
    @Override
    public String toString() {
      return Integer.toUnsignedString(administrator)
          + ":"
          + Integer.toUnsignedString(data1)
          + ":"
          + Integer.toUnsignedString(data2);
    }
  }

  public LargeCommunities {
    values = List.copyOf(values);
    assert !values.isEmpty();
  }

  @Override
  public int type() {
    return AttributeType.LARGE_COMMUNITIES;
  }

  /** Separated by blanks. */
  @Override
  public String toString() {
    return String.join(" ", values.stream().map(Large::toString).toList());
  }
}
