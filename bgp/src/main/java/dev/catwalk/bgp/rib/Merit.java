package dev.catwalk.bgp.rib;

/**
 * What the {@link Rung}s above the MED say of a path, in one number: less is better, and equal is
 * equal on each of them. They look at one path by itself and so need no ladder; most paths fall here.
 */
final class Merit {
  private static final int LENGTH_BITS = 20; // more than an attribute has room for
  private static final int ORIGIN_BITS = 2;
  private static final int PREF_SHIFT = LENGTH_BITS + ORIGIN_BITS;
  private static final long HIGHEST_PREF = 0xffff_ffffL;

  private Merit() {}

  /** Of a path with that set of attributes, 0 to 2^56-1. */
  static long of(AttributePool pool, int set, Source source) {
    long learned = source.kind() == Source.Kind.LOCAL ? 0 : 2;
    long rank = learned + (pool.isLongLivedStale(set) ? 1 : 0);
    return rank << 32 + PREF_SHIFT
        | HIGHEST_PREF - pool.localPref(set) << PREF_SHIFT
        | (long) pool.asPathLength(set) << ORIGIN_BITS
        | pool.originCode(set);
  }
}
