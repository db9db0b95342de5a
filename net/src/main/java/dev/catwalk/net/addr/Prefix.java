package dev.catwalk.net.addr;

import java.util.Optional;

/**
 * A range of addresses as CIDR writes it (RFC 4632 §3.1): the bits after {@code length} are zero.
 * Order: by address, then shorter prefixes first, so that a covering prefix comes before what it
 * covers.
 *
 * @param length 0..32 or 0..128
 */
public record Prefix(IpAddress address, int length) implements Comparable<Prefix> {

  public Prefix {
    if (length < 0 || length > address.family().bits()) {
      throw new IllegalArgumentException(
          "/" + length + " is not a prefix length of " + address.family());
    }
    if (!address.masked(length).equals(address)) {
      throw new IllegalArgumentException(
          address + "/" + length + " has bits beyond its length: " + of(address, length));
    }
  }

  /** The prefix of that length that holds {@code address}: bits beyond the length are cleared. */
  public static Prefix of(IpAddress address, int length) {
    if (length < 0 || length > address.family().bits()) {
      throw new IllegalArgumentException(
          "/" + length + " is not a prefix length of " + address.family());
    }
    return new Prefix(address.masked(length), length);
  }

  /**
   * Reads {@code ADDRESS/LENGTH}, strictly: no bit set beyond the length.
   *
   * @throws IllegalArgumentException with a sentence fit for a user
   */
  public static Prefix parse(String text) {
    int slash = text.indexOf('/');
    Optional<IpAddress> address =
        slash < 0 ? Optional.empty() : IpAddress.tryParse(text.substring(0, slash));
    int length = slash < 0 ? -1 : parseLength(text.substring(slash + 1));
    if (address.isEmpty() || length < 0 || length > address.get().family().bits()) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a prefix (want 10.42.0.0/16 or 2001:db8::/32)");
    }
    return new Prefix(address.get(), length);
  }

  private static int parseLength(String text) {
    if (text.isEmpty() || text.length() > 3 || text.length() > 1 && text.startsWith("0")) {
      return -1;
    }
    int value = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      value = value * 10 + (c - '0');
    }
    return value;
  }

  public Family family() {
    return address.family();
  }

  public boolean contains(IpAddress other) {
    return other.family() == family() && other.masked(length).equals(address);
  }

  /** Whether every address of {@code other} is in this prefix; true for the prefix itself. */
  public boolean contains(Prefix other) {
    return other.length >= length && contains(other.address);
  }

  public boolean overlaps(Prefix other) {
    return contains(other) || other.contains(this);
  }

  /** How many addresses it holds, at most {@link Long#MAX_VALUE}. */
  public long size() {
    int hostBits = family().bits() - length;
    return hostBits >= 63 ? Long.MAX_VALUE : 1L << hostBits;
  }

  /** The address at {@code offset} from the first one, 0 &le; offset &lt; {@link #size}. */
  public IpAddress at(long offset) {
    assert offset >= 0 && offset < size() : offset;
    return address.plus(offset);
  }

  /** The last address: the broadcast address of an IPv4 subnet. */
  public IpAddress last() {
    if (address.isV4()) {
      return IpAddress.v4(length == 32 ? address.v4Bits() : address.v4Bits() | (-1 >>> length));
    }
    long high = length >= 64 ? address.high() : address.high() | (-1L >>> length);
    long low = length == 128
        ? address.low()
        : length <= 64 ? -1L : address.low() | (-1L >>> (length - 64));
    return IpAddress.v6(high, low);
  }

  /** Whether it holds one address only. */
  public boolean isHost() {
    return length == family().bits();
  }

  @Override
  public int compareTo(Prefix other) {
    int byAddress = address.compareTo(other.address);
    return byAddress != 0 ? byAddress : Integer.compare(length, other.length);
  }

  @Override
  public String toString() {
    return address + "/" + length;
  }
}
