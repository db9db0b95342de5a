package dev.catwalk.bgp.rib;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The paths of all prefixes as linked chains in parallel arrays: 12 bytes a path, and 4 more once
 * some path has an identifier (RFC 7911). What a chain's head belongs to is {@link AdjRibsIn}'s
 * affair.
 */
final class PathStore {
  static final int END = -1;

  private static final int SLOT = 0xfffff;
  private static final int USED = 1 << 20;
  private static final int BEST = 1 << 21;
  private static final int STALE = 1 << 22;
  private static final int REFUSAL_SHIFT = 24;
  private static final List<Refusal> REFUSALS = List.of(Refusal.values());

  private int[] next = new int[64];
  private int[] info = new int[64];
  private int[] sets = new int[64];
  private int @Nullable [] pathIds; // since the first one that is not 0
  private int free = END;
  private int limit;
  private int count;

  /** A path that is not used and ends its chain. */
  int add(int slot, int pathId, int set, @Nullable Refusal refusal) {
    int path;
    count++;
    if (free != END) {
      path = free;
      free = next[path];
    } else {
      path = limit++;
      if (path == next.length) {
        int capacity = path + (path >> 1);
        next = Arrays.copyOf(next, capacity);
        info = Arrays.copyOf(info, capacity);
        sets = Arrays.copyOf(sets, capacity);
        pathIds = pathIds == null ? null : Arrays.copyOf(pathIds, capacity);
      }
    }
    next[path] = END;
    info[path] = slot;
    int[] ids = pathIds;
    if (ids == null && pathId != 0) {
      ids = new int[next.length];
      pathIds = ids;
    }
    if (ids != null) {
      ids[path] = pathId;
    }
    replace(path, set, refusal);
    return path;
  }

  /** Gives it another value, fresh; it is no longer used until the next decision. */
  void replace(int path, int set, @Nullable Refusal refusal) {
    sets[path] = set;
    info[path] = info[path] & SLOT | (refusal == null ? 0 : refusal.code) << REFUSAL_SHIFT;
  }

  /** Keeps it out of the decision, for that reason, or lets it in: no longer used until then. */
  void refuse(int path, @Nullable Refusal refusal) {
    int kept = info[path] & (SLOT | STALE);
    info[path] = kept | (refusal == null ? 0 : refusal.code) << REFUSAL_SHIFT;
  }

  /** Its set has another number. */
  void renumber(int path, IntUnaryOperator moved) {
    sets[path] = moved.applyAsInt(sets[path]);
  }

  void release(int path) {
    count--;
    chain(path);
  }

  private void chain(int path) {
    next[path] = free;
    free = path;
  }

  /** How many are in use. */
  int count() {
    return count;
  }

  /**
   * All from {@code top} on, none of which is in use, are forgotten, with the room for them.
   *
   * @param used those in use
   */
  void truncate(int top, Bits used) {
    int capacity = Math.max(64, top);
    limit = top;
    next = Arrays.copyOf(next, capacity);
    info = Arrays.copyOf(info, capacity);
    sets = Arrays.copyOf(sets, capacity);
    pathIds = pathIds == null ? null : Arrays.copyOf(pathIds, capacity);
    free = END;
    for (int path = top - 1; path >= 0; path--) {
      if (!used.get(path)) {
        chain(path);
      }
    }
  }

  /** All paths ever in use are below this. */
  int limit() {
    return limit;
  }

  int next(int path) {
    return next[path];
  }

  void link(int path, int successor) {
    next[path] = successor;
  }

  int slot(int path) {
    return info[path] & SLOT;
  }

  /** As the peer named it; 0 where it does not. */
  int pathId(int path) {
    return pathIds == null ? 0 : pathIds[path];
  }

  boolean is(int path, int slot, int pathId) {
    return slot(path) == slot && pathId(path) == pathId;
  }

  /** Of the {@link AttributePool}. */
  int set(int path) {
    return sets[path];
  }

  @Nullable
  Refusal refusal(int path) {
    int code = info[path] >>> REFUSAL_SHIFT;
    return code == 0 ? null : REFUSALS.get(code - 1);
  }

  boolean isEligible(int path) {
    return info[path] >>> REFUSAL_SHIFT == 0;
  }

  boolean isBest(int path) {
    return (info[path] & BEST) != 0;
  }

  boolean isUsed(int path) {
    return (info[path] & USED) != 0;
  }

  /** Whether the peer has not named it since its last session fell (RFC 4724 §4.2). */
  boolean isStale(int path) {
    return (info[path] & STALE) != 0;
  }

  void setStale(int path, boolean stale) {
    info[path] = stale ? info[path] | STALE : info[path] & ~STALE;
  }

  /** Whether that is news. */
  boolean mark(int path, boolean used, boolean best) {
    int before = info[path];
    info[path] = before & ~(USED | BEST) | (used ? USED : 0) | (best ? BEST : 0);
    return info[path] != before;
  }
}
