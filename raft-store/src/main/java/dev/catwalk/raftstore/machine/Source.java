package dev.catwalk.raftstore.machine;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads what {@link Sink} wrote. Every length is checked before it is trusted; what is short, too
 * long or not UTF-8 is a {@link MalformedException}.
 */
final class Source {
  private final byte[] bytes;
  private int at;

  Source(byte[] bytes) {
    this.bytes = bytes;
  }

  int u8() {
    need(1);
    return bytes[at++] & 0xff;
  }

  int u32() {
    need(4);
    int value = 0;
    for (int i = 0; i < 4; i++) {
      value = value << 8 | bytes[at++] & 0xff;
    }
    return value;
  }

  long u64() {
    return (long) u32() << 32 | u32() & 0xffff_ffffL;
  }

  /** A count of things that take at least {@code size} bytes each: bounded by what is left. */
  int count(int size) {
    int count = u32();
    if (count < 0 || (long) count * size > bytes.length - at) {
      throw new MalformedException("count " + count + " does not fit at byte " + (at - 4));
    }
    return count;
  }

  byte[] raw(int length) {
    need(length);
    at += length;
    return Arrays.copyOfRange(bytes, at - length, at);
  }

  byte[] blob() {
    return raw(count(1));
  }

  String text() {
    byte[] utf8 = blob();
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedException("text before byte " + at + " is not UTF-8", e);
    }
  }

  void version(int expected, String what) {
    int version = u8();
    if (version != expected) {
      throw new MalformedException(
          what + " has format version " + version + ", this program knows " + expected);
    }
  }

  /** Whether nothing is left. */
  boolean atEnd() {
    return at == bytes.length;
  }

  void end() {
    if (at != bytes.length) {
      throw new MalformedException((bytes.length - at) + " bytes too many at byte " + at);
    }
  }

  private void need(int count) {
    if (count < 0 || count > bytes.length - at) {
      throw new MalformedException(
          "ends at byte " + bytes.length + ", " + count + " more needed at " + at);
    }
  }
}
