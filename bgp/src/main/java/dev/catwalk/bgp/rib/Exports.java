package dev.catwalk.bgp.rib;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a group made of the sets that it met last, so that prefixes that share attributes are worked
 * out once. It keeps no set in use: what is no longer the set that it was is forgotten. Direct-mapped,
 * of fixed size.
 */
final class Exports {
  /** There is no answer here. */
  static final int UNKNOWN = -1;

  private static final int BITS = 8;
  private static final int SIZE = 1 << BITS;

  private final AttributePool pool;
  private final int[] sets = new int[SIZE];
  private final int[] serials = new int[SIZE];
  private final int[] verdicts = new int[SIZE];
  private final int[] results = new int[SIZE];
  private final int[] resultSerials = new int[SIZE];
  private final @Nullable Source[] sources = new Source[SIZE];
  private int epoch;

  Exports(AttributePool pool) {
    this.pool = pool;
    this.epoch = pool.epoch();
  }

  /**
   * What was made of a set of that source and verdict: a set, {@link AttributePool#NONE} where it is
   * not told, or {@link #UNKNOWN}.
   */
  int find(int set, Source from, int verdict) {
    int at = at(set);
    if (sets[at] != set
        || epoch != pool.epoch()
        || serials[at] != pool.serial(set)
        || verdicts[at] != verdict
        || !Objects.equals(sources[at], from)) { // mostly one and the same
      return UNKNOWN;
    }
    int result = results[at];
    return result == AttributePool.NONE || pool.isInUse(result, resultSerials[at])
        ? result
        : UNKNOWN;
  }

  void keep(int set, Source from, int verdict, int result) {
    if (epoch != pool.epoch()) {
      Arrays.fill(sets, AttributePool.NONE);
      epoch = pool.epoch();
    }
    int at = at(set);
    sets[at] = set;
    serials[at] = pool.serial(set);
    verdicts[at] = verdict;
    results[at] = result;
    resultSerials[at] = result == AttributePool.NONE ? 0 : pool.serial(result);
    sources[at] = from;
  }

  private static int at(int set) {
    return set * 0x9e3779b9 >>> 32 - BITS;
  }
}
