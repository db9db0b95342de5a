package dev.catwalk.raftstore.machine;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A chain of SHA-256 over every applied command and its outcome. Two members with the same value at
 * one revision have seen the same history and answered it alike.
 */
final class StateHash {
  static final int LENGTH = 32;

  private final MessageDigest digest = sha256();
  private byte[] value = new byte[LENGTH];

  void add(long revision, String machine, byte[] command, byte[] outcome) {
    digest.update(value);
    number(revision);
    byte[] name = machine.getBytes(StandardCharsets.UTF_8);
    for (byte[] part : new byte[][] {name, command, outcome}) {
      number(part.length);
      digest.update(part);
    }
    value = digest.digest();
  }

  byte[] value() {
    return value.clone();
  }

  void set(byte[] restored) {
    assert restored.length == LENGTH : restored.length;
    value = restored.clone();
  }

  /** The first 64 bits. */
  long bits() {
    long bits = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      bits = bits << 8 | value[i] & 0xff;
    }
    return bits;
  }

  /** The first 16 hex digits. */
  String text() {
    return HexFormat.of().formatHex(value, 0, 8);
  }

  private void number(long number) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      digest.update((byte) (number >>> shift));
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
