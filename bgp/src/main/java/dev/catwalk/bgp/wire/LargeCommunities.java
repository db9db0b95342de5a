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

  /** RFC 8092 §3: each once, where it stands first. */
  LargeCommunities distinct() {
    List<Large> each = values.stream().distinct().toList();
    return each.size() == values.size() ? this : new LargeCommunities(each);
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
