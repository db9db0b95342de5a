package dev.catwalk.bgp.wire;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Attribute sets by the raw bytes that they were decoded from, so that a block that repeats costs a
 * comparison and not a parse. Direct-mapped, of fixed size: a new block replaces the one in its
 * place. Only blocks without any problem are kept, and from the second time on that they come: a
 * table has each of its blocks once, and to keep them all for a while costs more than they do. One for each {@link DecodeContext} (the meaning of
 * the bytes depends on the peer), used by one thread.
 */
public final class AttributeCache {
  private static final int SLOTS = 1 << 10;
  private static final int LONGEST = 512;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private byte[] key = {};
  private int length;
  private int hash;
  private byte[] @Nullable [] keys = {}; // all of them are made when the first block is there
  private @Nullable PathAttributes[] values = {};
  private int[] hashes = {};

  /**
   * Makes the key of the next {@link #find} and {@link #put}: the attributes in the octets {@code
   * from} to {@code to} but for the prefixes of {@code reach}, if that is among them.
   *
   * @return whether there is a key: the block is not too long
   */
  boolean key(ByteBuf in, int from, int to, @Nullable MpReach reach) {
    if (to - from + 8 > LONGEST + (reach == null ? 0 : reach.end() - reach.prefixesAt())) {
      return false;
    }
    if (key.length == 0) {
      key = new byte[LONGEST];
      keys = new byte[SLOTS][];
      values = new PathAttributes[SLOTS];
      hashes = new int[SLOTS];
    }
    if (reach == null) {
      key[0] = 0;
      length = 1;
      append(in, from, to);
    } else {
      int before = reach.start() - from;
      key[0] = 1;
      key[1] = (byte) (before >> 8);
      key[2] = (byte) before;
      length = 3;
      append(in, reach.valueAt(), reach.prefixesAt());
      append(in, from, reach.start());
      append(in, reach.end(), to);
    }
    hash = hash(key, length);
    return true;
  }

  private void append(ByteBuf in, int from, int to) {
    in.getBytes(from, key, length, to - from);
    length += to - from;
  }

  @Nullable
  PathAttributes find() {
    int slot = hash & (SLOTS - 1);
    byte[] there = keys[slot];
    return there != null
            && hashes[slot] == hash
            && Arrays.equals(there, 0, there.length, key, 0, length)
        ? values[slot]
        : null;
  }

  void put(PathAttributes value) {
    int slot = hash & (SLOTS - 1);
    boolean again = hashes[slot] == hash;
    hashes[slot] = hash;
    keys[slot] = again ? Arrays.copyOf(key, length) : null;
    values[slot] = again ? value : null;
  }

  static int hash(byte[] key, int length) {
    long hash = length;
    int at = 0;
    for (; at + 8 <= length; at += 8) {
      hash = HashKey.mix(hash, (long) LONGS.get(key, at));
    }
    long rest = 0;
    for (; at < length; at++) {
      rest = rest << 8 | key[at] & 0xff;
    }
    return HashKey.fold(HashKey.mix(hash, rest));
  }
}
