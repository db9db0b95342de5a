package dev.catwalk.bgp.exabgp;

import dev.catwalk.net.addr.IpAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** Reads big-endian fields from a slice of bytes; running over its end is malformed, never an accident. */
final class Cursor {
  private static final HexFormat UPPER = HexFormat.of().withUpperCase();

  private final byte[] bytes;
  private int at;
  private final int end;

  Cursor(byte... bytes) {
    this(bytes, 0, bytes.length);
  }

  private Cursor(byte[] bytes, int at, int end) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  int left() {
    return end - at;
  }

  boolean hasMore() {
    return at < end;
  }

  private int advance(int length, String what) throws MalformedException {
    if (length < 0 || length > left()) {
      throw new MalformedException(
          what + " needs " + length + " octets where " + left() + " are left");
    }
    int from = at;
    at += length;
    return from;
  }

  /** The next {@code length} octets as a cursor of their own. */
  Cursor slice(int length, String what) throws MalformedException {
    int from = advance(length, what);
    return new Cursor(bytes, from, from + length);
  }

  byte[] take(int length, String what) throws MalformedException {
    int from = advance(length, what);
    return Arrays.copyOfRange(bytes, from, from + length);
  }

  void skip(int length, String what) throws MalformedException {
    advance(length, what);
  }

  /** An octet ahead, without going there. */
  int peek(int ahead) throws MalformedException {
    if (ahead >= left()) {
      throw new MalformedException("octet " + (ahead + 1) + " of the " + left() + " that are left");
    }
    return bytes[at + ahead] & 0xff;
  }

  int u8(String what) throws MalformedException {
    return bytes[advance(1, what)] & 0xff;
  }

  int u16(String what) throws MalformedException {
    return (int) unsigned(2, what);
  }

  int u24(String what) throws MalformedException {
    return (int) unsigned(3, what);
  }

  long u32(String what) throws MalformedException {
    return unsigned(4, what);
  }

  /** The next {@code length} octets, at most 8, as one number. */
  long unsigned(int length, String what) throws MalformedException {
    int from = advance(length, what);
    long value = 0;
    for (int i = 0; i < length; i++) {
      value = value << 8 | bytes[from + i] & 0xff;
    }
    return value;
  }

  float f32(String what) throws MalformedException {
    return Float.intBitsToFloat((int) u32(what));
  }

  IpAddress v4(String what) throws MalformedException {
    return IpAddress.of(take(4, what));
  }

  IpAddress v6(String what) throws MalformedException {
    return IpAddress.of(take(16, what));
  }

  /** An address as long as what is given: 4 or 16. */
  IpAddress address(int length, String what) throws MalformedException {
    if (length != 4 && length != 16) {
      throw new MalformedException(what + " has " + length + " octets, no address has");
    }
    return IpAddress.of(take(length, what));
  }

  String ascii(int length, String what) throws MalformedException {
    return new String(take(length, what), StandardCharsets.UTF_8);
  }

  /** All that is left, in upper-case hexadecimal digits; stays where it is. */
  String hex() {
    return UPPER.formatHex(bytes, at, end);
  }

  static String hex(byte... bytes) {
    return UPPER.formatHex(bytes);
  }
}
