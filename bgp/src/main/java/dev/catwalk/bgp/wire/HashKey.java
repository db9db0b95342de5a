package dev.catwalk.bgp.wire;

/**
 * What the hashes of prefixes and attributes are made with. Peers choose these: one that knew the key
 * could choose such as meet in one place of a table, and every look there would walk over all of them.
 * So a shell draws a key at its start, before the first hash, and sets {@link #PROPERTY}. Without that,
 * as in virtual time, it is a constant. Nothing that a speaker says depends on it.
 */
public final class HashKey {
  /** The system property: a number of 64 bits. */
  public static final String PROPERTY = "catwalk.bgp.hashKey";

  private static final long KEY = Long.getLong(PROPERTY, 0x9e37_79b9_7f4a_7c15L);

  private HashKey() {}

  /** {@code hash} and eight octets more. */
  public static long mix(long hash, long value) {
    return mix(hash, value, KEY);
  }

  /**
   * As above, by that key: all 128 bits of a product, since in its lower half alone, and in sums and
   * shifts of it, some differences of the values come to the same whatever the key is.
   */
  static long mix(long hash, long value, long key) {
    long at = hash ^ value ^ Long.rotateLeft(key, 32);
    long factor = key | 1;
    return at * factor ^ Math.multiplyHigh(at, factor);
  }

  /** The 32 bits of it that tables use. */
  public static int fold(long hash) {
    return (int) (hash ^ hash >>> 32);
  }
}
