package dev.catwalk.bgp.mrt;

import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.Arrays;

/** Octets that are read in order, never beyond their end. Big-endian. */
final class Span {
  private static final int AFI_IPV4 = 1;
  private static final int AFI_IPV6 = 2;

  private final byte[] octets;
  private int at;
  private final int end;

  Span(byte[] octets, int from, int to) {
    this.octets = octets;
    this.at = from;
    this.end = to;
  }

  int left() {
    return end - at;
  }

  boolean isEmpty() {
    return at == end;
  }

  /** The octet that {@link #u8} would read. */
  int peek(String what) throws MrtException {
    need(1, what);
    return octets[at] & 0xff;
  }

  int u8(String what) throws MrtException {
    need(1, what);
    return octets[at++] & 0xff;
  }

  int u16(String what) throws MrtException {
    need(2, what);
    return u8(what) << 8 | u8(what);
  }

  long u32(String what) throws MrtException {
    need(4, what);
    return (long) u16(what) << 16 | u16(what);
  }

  /** An AS number of two or four octets. */
  long as(boolean four, String what) throws MrtException {
    return four ? u32(what) : u16(what);
  }

  byte[] bytes(int count, String what) throws MrtException {
    need(count, what);
    at += count;
    return Arrays.copyOfRange(octets, at - count, at);
  }

  byte[] rest() {
    byte[] rest = Arrays.copyOfRange(octets, at, end);
    at = end;
    return rest;
  }

  /** The next {@code count} octets by themselves. */
  Span part(int count, String what) throws MrtException {
    need(count, what);
    at += count;
    return new Span(octets, at - count, at);
  }

  IpAddress address(boolean v6, String what) throws MrtException {
    return IpAddress.of(bytes(v6 ? 16 : 4, what));
  }

  IpAddress addressOf(int afi, String what) throws MrtException {
    return address(isV6(afi), what);
  }

  static boolean isV6(int afi) throws MrtException {
    return switch (afi) {
      case AFI_IPV4 -> false;
      case AFI_IPV6 -> true;
      default -> throw new MrtException("address family " + afi + " has no addresses here");
    };
  }

  /** A length in bits and as many octets as it needs; bits beyond it count for nothing. */
  Prefix prefix(boolean v6, String what) throws MrtException {
    int bits = u8(what);
    if (bits > (v6 ? 128 : 32)) {
      throw new MrtException(what + " of " + bits + " bits");
    }
    byte[] address = new byte[v6 ? 16 : 4];
    int count = (bits + 7) / 8;
    need(count, what);
    System.arraycopy(octets, at, address, 0, count);
    at += count;
    return Prefix.of(IpAddress.of(address), bits);
  }

  private void need(int count, String what) throws MrtException {
    if (count > end - at) {
      throw new MrtException(what + " needs " + count + " octets where " + left() + " are left");
    }
  }
}
