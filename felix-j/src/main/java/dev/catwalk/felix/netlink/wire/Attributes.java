package dev.catwalk.felix.netlink.wire;

import dev.catwalk.net.addr.IpAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A cursor over the attributes of a message. Each length is checked before it is used. */
final class Attributes {
  private static final int TYPE_MASK = 0x3fff; // without NLA_F_NESTED, NLA_F_NET_BYTEORDER

  private final ByteBuffer in;
  private int at;
  private int type;
  private int value;
  private int length;

  private Attributes(ByteBuffer in, int at) {
    this.in = in;
    this.at = at;
  }

  static void require(ByteBuffer body, int length, String what) throws MalformedException {
    if (body.remaining() < length) {
      throw new MalformedException(what + " of " + body.remaining() + " bytes");
    }
  }

  /** Those that follow the fixed part; the body's position stays. */
  static Attributes after(ByteBuffer body, int fixed) throws MalformedException {
    require(body, fixed, "message");
    return new Attributes(body, body.position() + Rt.align(fixed));
  }

  static IpAddress zero(int family) throws MalformedException {
    return switch (family) {
      case Rt.AF_INET -> IpAddress.v4(0);
      case Rt.AF_INET6 -> IpAddress.v6(0, 0);
      default -> throw new MalformedException("address family " + family);
    };
  }

  boolean next() throws MalformedException {
    if (in.limit() - at < Rt.ATTRIBUTE) {
      return false; // padding
    }
    int whole = in.getShort(at) & 0xffff;
    if (whole < Rt.ATTRIBUTE || whole > in.limit() - at) {
      throw new MalformedException("attribute of length " + whole);
    }
    type = in.getShort(at + 2) & TYPE_MASK;
    value = at + Rt.ATTRIBUTE;
    length = whole - Rt.ATTRIBUTE;
    at += Rt.align(whole);
    return true;
  }

  int type() {
    return type;
  }

  int length() {
    return length;
  }

  int int32() throws MalformedException {
    if (length != 4) {
      throw new MalformedException("attribute " + type + " of length " + length + ", not 4");
    }
    return in.getInt(value);
  }

  /** As netfilter writes it: most significant byte first. */
  int net32() throws MalformedException {
    return in.order() == ByteOrder.BIG_ENDIAN ? int32() : Integer.reverseBytes(int32());
  }

  byte[] bytes() {
    byte[] bytes = new byte[length];
    in.get(value, bytes);
    return bytes;
  }

  /** Up to the first zero. */
  String text() {
    byte[] bytes = bytes();
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }

  IpAddress address(int family) throws MalformedException {
    if (family == Rt.AF_INET && length == 4) {
      int bits = 0;
      for (int i = 0; i < 4; i++) {
        bits = bits << 8 | in.get(value + i) & 0xff;
      }
      return IpAddress.v4(bits);
    }
    if (family == Rt.AF_INET6 && length == 16) {
      return IpAddress.of(bytes());
    }
    throw new MalformedException("address of " + length + " bytes in family " + family);
  }

  /** {@code struct rtvia}: the address says of which family it is. */
  IpAddress addressWithFamily() throws MalformedException {
    byte[] all = bytes();
    if (all.length != 6 && all.length != 18) {
      throw new MalformedException("rtvia of " + all.length + " bytes");
    }
    return IpAddress.of(Arrays.copyOfRange(all, 2, all.length));
  }

  ByteBuffer slice() {
    return in.slice(value, length).order(in.order());
  }

  Attributes nested() {
    return new Attributes(slice(), 0);
  }
}
