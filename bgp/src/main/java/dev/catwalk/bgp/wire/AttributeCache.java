package dev.catwalk.bgp.wire;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Attribute sets by the raw bytes that they were decoded from, so that a block that repeats costs a
 * comparison and not a parse. Direct-mapped, of fixed size: a new block replaces the one in its
 * place. One for each {@link DecodeContext} (the meaning of the bytes depends on the peer), used by
 * one thread.
 */
public final class AttributeCache {
  private static final int SLOTS = 1 << 10;
  private static final int LONGEST = 512;

  private final int[] hashes = new int[SLOTS];
  private final byte[] @Nullable [] keys = new byte[SLOTS][];
  private final @Nullable PathAttributes[] values = new PathAttributes[SLOTS];

  @Nullable
  PathAttributes find(ByteBuf in, int from, int length) {
    if (length > LONGEST) {
      return null;
    }
    int hash = hash(in, from, length);
    int slot = hash & (SLOTS - 1);
    byte[] key = keys[slot];
    return key != null && hashes[slot] == hash && equal(key, in, from, length)
        ? values[slot]
        : null;
  }

  void put(ByteBuf in, int from, int length, PathAttributes value) {
    if (length > LONGEST) {
      return;
    }
    int hash = hash(in, from, length);
    int slot = hash & (SLOTS - 1);
    byte[] key = new byte[length];
    in.getBytes(from, key);
    hashes[slot] = hash;
    keys[slot] = key;
    values[slot] = value;
  }

  /** Forgets everything: after the session's terms changed. */
  public void clear() {
    Arrays.fill(keys, null);
    Arrays.fill(values, null);
  }

  private static boolean equal(byte[] key, ByteBuf in, int from, int length) {
    if (key.length != length) {
      return false;
    }
    int i = 0;
    for (; i + 8 <= length; i += 8) {
      if (in.getLong(from + i) != big(key, i)) {
        return false;
      }
    }
    for (; i < length; i++) {
      if (in.getByte(from + i) != key[i]) {
        return false;
      }
    }
    return true;
  }

  private static long big(byte[] key, int at) {
    return (long) BIG_ENDIAN.get(key, at);
  }

  private static final java.lang.invoke.VarHandle BIG_ENDIAN =
      java.lang.invoke.MethodHandles.byteArrayViewVarHandle(
          long[].class, java.nio.ByteOrder.BIG_ENDIAN);

  private static int hash(ByteBuf in, int from, int length) {
    long hash = length;
    int i = 0;
    for (; i + 8 <= length; i += 8) {
      hash = (hash ^ in.getLong(from + i)) * 0x9e3779b97f4a7c15L;
      hash ^= hash >>> 29;
    }
    for (; i < length; i++) {
      hash = (hash ^ in.getByte(from + i)) * 0x100000001b3L;
    }
    return (int) (hash ^ hash >>> 32);
  }
}
