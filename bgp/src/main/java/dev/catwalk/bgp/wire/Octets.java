package dev.catwalk.bgp.wire;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.HexFormat;

/** Bytes as an immutable value. */
public final class Octets {
  public static final Octets EMPTY = new Octets(new byte[0]);

  private final byte[] bytes;

  private Octets(byte[] bytes) {
    this.bytes = bytes;
  }

  public static Octets of(byte... bytes) {
    return bytes.length == 0 ? EMPTY : new Octets(bytes.clone());
  }

  /** From hexadecimal digits; spaces are ignored. */
  public static Octets hex(String digits) {
    return new Octets(HexFormat.of().parseHex(digits.replace(" ", "")));
  }

  /** The next {@code length} bytes of {@code in}, which must be there. */
  static Octets read(ByteBuf in, int length) {
    if (length == 0) {
      return EMPTY;
    }
    byte[] bytes = new byte[length];
    in.readBytes(bytes);
    return new Octets(bytes);
  }

  /** Bytes {@code from} (inclusive) to {@code to} (exclusive) of {@code in}, by absolute index. */
  public static Octets copy(ByteBuf in, int from, int to) {
    byte[] bytes = new byte[to - from];
    in.getBytes(from, bytes);
    return new Octets(bytes);
  }

  /** To the end of {@code out}. */
  public void write(ByteBuf out) {
    out.writeBytes(bytes);
  }

  public int length() {
    return bytes.length;
  }

  /** A new array. */
  public byte[] toBytes() {
    return bytes.clone();
  }

  /** Octet {@code index}, 0..255. */
  public int at(int index) {
    return bytes[index] & 0xff;
  }

  /** The number in the four octets from {@code index} on. */
  long unsignedInt(int index) {
    return (long) at(index) << 24 | at(index + 1) << 16 | at(index + 2) << 8 | at(index + 3);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Octets o && Arrays.equals(bytes, o.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** Hexadecimal digits. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }
}
