package dev.catwalk.net.addr;

import java.util.Arrays;
import java.util.Optional;

/**
 * An IPv4 or IPv6 address. An IPv4 address keeps its 32 bits in {@code low} and zero in {@code
 * high}; it never equals an IPv6 address, not even the IPv4-mapped one. Order: IPv4 before IPv6,
 * then by unsigned value.
 *
 * @param high the upper 64 bits of an IPv6 address, 0 for IPv4
 * @param low the lower 64 bits of an IPv6 address, or the 32 bits of an IPv4 address
 */
public record IpAddress(Family family, long high, long low) implements Comparable<IpAddress> {

  public IpAddress {
    if (family == Family.IPV4 && (high != 0 || low >>> 32 != 0)) {
      throw new IllegalArgumentException("an IPv4 address has 32 bits");
    }
  }

  /** The IPv4 address whose bits, most significant first, are those of {@code bits}. */
  public static IpAddress v4(int bits) {
    return new IpAddress(Family.IPV4, 0, bits & 0xffff_ffffL);
  }

  public static IpAddress v6(long high, long low) {
    return new IpAddress(Family.IPV6, high, low);
  }

  /**
   * From network byte order.
   *
   * @throws IllegalArgumentException unless there are 4 or 16 bytes
   */
  public static IpAddress of(byte... bytes) {
    return switch (bytes.length) {
      case 4 -> new IpAddress(Family.IPV4, 0, big(bytes, 0, 4));
      case 16 -> v6(big(bytes, 0, 8), big(bytes, 8, 8));
      default -> throw new IllegalArgumentException(bytes.length + " bytes are no IP address");
    };
  }

  /**
   * Reads the text form: dotted quad without leading zeros, or RFC 4291 §2.2 (all three forms, no
   * zone).
   *
   * @throws IllegalArgumentException with a sentence fit for a user
   */
  public static IpAddress parse(String text) {
    return tryParse(text)
        .orElseThrow(() -> new IllegalArgumentException(
            "'" + text + "' is not an IP address (want 192.0.2.1 or 2001:db8::1)"));
  }

  /** As {@link #parse}, or nothing where the text is not an address. */
  public static Optional<IpAddress> tryParse(String text) {
    return Optional.ofNullable(AddressText.parse(text));
  }

  public boolean isV4() {
    return family == Family.IPV4;
  }

  /** The 32 bits of an IPv4 address. Must not be asked of an IPv6 address. */
  public int v4Bits() {
    assert isV4() : this;
    return (int) low;
  }

  /** In network byte order: a new array of 4 or 16 bytes. */
  public byte[] toBytes() {
    byte[] bytes = new byte[family.bytes()];
    for (int i = 0; i < bytes.length; i++) {
      int fromEnd = bytes.length - 1 - i;
      bytes[i] = (byte) (fromEnd >= 8 ? high >>> 8 * (fromEnd - 8) : low >>> 8 * fromEnd);
    }
    return bytes;
  }

  /** Bit {@code index}, 0 being the most significant one. */
  public boolean bit(int index) {
    int fromEnd = family.bits() - 1 - index;
    return ((fromEnd >= 64 ? high >>> (fromEnd - 64) : low >>> fromEnd) & 1) != 0;
  }

  /**
   * The address {@code offset} further on, wrapping silently at the end of the family's space: a
   * caller that minds has checked its prefix first.
   *
   * @param offset not negative
   */
  public IpAddress plus(long offset) {
    assert offset >= 0 : offset;
    if (isV4()) {
      return v4((int) (low + offset));
    }
    long sum = low + offset;
    return v6(Long.compareUnsigned(sum, low) < 0 ? high + 1 : high, sum);
  }

  /** With all bits after the first {@code length} cleared; {@code length} within the family's. */
  IpAddress masked(int length) {
    if (isV4()) {
      return v4(length == 0 ? 0 : (int) low & (-1 << (32 - length)));
    }
    if (length <= 64) {
      return v6(length == 0 ? 0 : high & (-1L << (64 - length)), 0);
    }
    return v6(high, low & (-1L << (128 - length)));
  }

  public boolean isUnspecified() {
    return high == 0 && low == 0;
  }

  /** 127.0.0.0/8 or ::1. */
  public boolean isLoopback() {
    return isV4() ? low >>> 24 == 127 : high == 0 && low == 1;
  }

  /** 224.0.0.0/4 or ff00::/8. */
  public boolean isMulticast() {
    return isV4() ? low >>> 28 == 0xe : high >>> 56 == 0xff;
  }

  /** fe80::/10 or 169.254.0.0/16. */
  public boolean isLinkLocal() {
    return isV4() ? low >>> 16 == 0xa9fe : high >>> 54 == 0xfe80 >> 6;
  }

  /** The prefix that holds this address alone: /32 or /128. */
  public Prefix asPrefix() {
    return new Prefix(this, family.bits());
  }

  @Override
  public int compareTo(IpAddress other) {
    if (family != other.family) {
      return family.compareTo(other.family);
    }
    int byHigh = Long.compareUnsigned(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }

  /** Dotted quad, or the canonical form of RFC 5952. */
  @Override
  public String toString() {
    return AddressText.format(this);
  }

  private static long big(byte[] bytes, int from, int count) {
    long value = 0;
    for (byte b : Arrays.copyOfRange(bytes, from, from + count)) {
      value = value << 8 | (b & 0xff);
    }
    return value;
  }
}
