package dev.catwalk.net.addr;

import org.jspecify.annotations.Nullable;

/** The text forms of addresses: RFC 4291 §2.2 in, RFC 5952 out. */
final class AddressText {
  private static final int GROUPS = 8;

  private AddressText() {}

  static @Nullable IpAddress parse(String text) {
    if (text.indexOf(':') >= 0) {
      return parseV6(text);
    }
    long bits = parseV4(text, 0, text.length());
    return bits < 0 ? null : IpAddress.v4((int) bits);
  }

  /** The 32 bits, or -1: four decimal numbers up to 255 without leading zeros, nothing else. */
  private static long parseV4(String text, int from, int to) {
    long bits = 0;
    int at = from;
    for (int part = 0; part < 4; part++) {
      int start = at;
      int value = 0;
      while (at < to && isDigit(text.charAt(at)) && at - start < 4) {
        value = value * 10 + (text.charAt(at++) - '0');
      }
      boolean leadingZero = at - start > 1 && text.charAt(start) == '0';
      if (at == start || at - start > 3 || value > 255 || leadingZero) {
        return -1;
      }
      bits = bits << 8 | value;
      if (part < 3 && (at == to || text.charAt(at++) != '.')) {
        return -1;
      }
    }
    return at == to ? bits : -1;
  }

  private static @Nullable IpAddress parseV6(String text) {
    int[] groups = new int[GROUPS];
    int count = 0;
    int gap = -1;
    int at = 0;
    int end = text.length();
    if (text.startsWith("::")) {
      gap = 0;
      at = 2;
    }
    while (at < end) {
      int start = at;
      int value = 0;
      while (at < end && at - start < 5 && Character.digit(text.charAt(at), 16) >= 0) {
        if (text.charAt(at) > 'f') {
          return null; // full-width digits are digits to Character.digit, not to RFC 4291
        }
        value = value << 4 | Character.digit(text.charAt(at++), 16);
      }
      if (at < end && text.charAt(at) == '.' && count <= GROUPS - 2) {
        long v4 = parseV4(text, start, end);
        if (v4 < 0) {
          return null;
        }
        groups[count++] = (int) (v4 >>> 16);
        groups[count++] = (int) (v4 & 0xffff);
        at = end;
        break;
      }
      if (at == start || at - start > 4 || count == GROUPS) {
        return null;
      }
      groups[count++] = value;
      if (at == end) {
        break;
      }
      if (text.charAt(at++) != ':' || at == end) {
        return null;
      }
      if (text.charAt(at) == ':') {
        if (gap >= 0) {
          return null;
        }
        gap = count;
        at++;
      }
    }
    return assemble(groups, count, gap);
  }

  private static @Nullable IpAddress assemble(int[] groups, int count, int gap) {
    if (gap < 0 ? count != GROUPS : count > GROUPS - 1) {
      return null;
    }
    long[] halves = new long[2];
    for (int i = 0; i < GROUPS; i++) {
      int tail = i - (GROUPS - count);
      int value = gap < 0 || i < gap ? groups[i] : tail >= gap ? groups[tail] : 0;
      halves[i / 4] = halves[i / 4] << 16 | value;
    }
    return IpAddress.v6(halves[0], halves[1]);
  }

  static String format(IpAddress address) {
    if (address.isV4()) {
      int b = address.v4Bits();
      return (b >>> 24) + "." + (b >>> 16 & 0xff) + "." + (b >>> 8 & 0xff) + "." + (b & 0xff);
    }
    if (address.high() == 0 && address.low() >>> 32 == 0xffff) { // RFC 5952 §5
      return "::ffff:" + format(IpAddress.v4((int) address.low()));
    }
    int runStart = -1;
    int runLength = 1; // a single zero group is not shortened, RFC 5952 §4.2.2
    for (int i = 0; i < GROUPS; i++) {
      int length = 0;
      while (i + length < GROUPS && group(address, i + length) == 0) {
        length++;
      }
      if (length > runLength) {
        runStart = i;
        runLength = length;
      }
      i += length;
    }
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < GROUPS; i++) {
      if (i == runStart) {
        out.append("::");
        i += runLength - 1;
        continue;
      }
      if (!out.isEmpty() && out.charAt(out.length() - 1) != ':') {
        out.append(':');
      }
      out.append(Integer.toHexString(group(address, i)));
    }
    return out.toString();
  }

  private static int group(IpAddress address, int index) {
    long half = index < 4 ? address.high() : address.low();
    return (int) (half >>> 16 * (3 - index % 4) & 0xffff);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
