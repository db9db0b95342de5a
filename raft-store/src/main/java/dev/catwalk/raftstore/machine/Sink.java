package dev.catwalk.raftstore.machine;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Grows a byte array: big-endian numbers, and texts and blobs behind their length. */
final class Sink {
  private byte[] bytes;
  private int length;

  Sink(int expected) {
    bytes = new byte[Math.max(16, expected)];
  }

  Sink u8(int value) {
    room(1);
    bytes[length++] = (byte) value;
    return this;
  }

  Sink u32(int value) {
    room(4);
    for (int shift = 24; shift >= 0; shift -= 8) {
      bytes[length++] = (byte) (value >>> shift);
    }
    return this;
  }

  Sink u64(long value) {
    return u32((int) (value >>> 32)).u32((int) value);
  }

  Sink raw(byte[] value) {
    room(value.length);
    System.arraycopy(value, 0, bytes, length, value.length);
    length += value.length;
    return this;
  }

  Sink blob(byte[] value) {
    return u32(value.length).raw(value);
  }

  Sink text(String value) {
    return blob(value.getBytes(StandardCharsets.UTF_8));
  }

  int length() {
    return length;
  }

  byte[] bytes() {
    return Arrays.copyOf(bytes, length);
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(length, more), bytes.length * 2));
    }
  }
}
