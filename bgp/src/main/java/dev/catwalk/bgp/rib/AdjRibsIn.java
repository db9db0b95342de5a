package dev.catwalk.bgp.rib;

import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Every peer's Adj-RIB-In of one family, and which prefixes they touched since the last decision. A
 * path belongs to a source and, where that one names several of a prefix, to a path identifier.
 */
final class AdjRibsIn {
  /** With fewer prefixes there is nothing to gain. */
  static final int TRIM_LEAST = 1 << 16;

  /** Where there are no more prefixes than that, what a source had is removed at once. */
  static final int AT_ONCE = 1 << 15;

  final AttributePool pool = new AttributePool();
  final PrefixIndex index;
  final PathStore paths = new PathStore();
  private int[] heads = new int[64]; // path + 1, by prefix; a decided best path comes first
  private int[] holds = new int[64]; // how many peers hold the prefix from us
  private final Bits lostUsed = new Bits(); // a path in use was replaced or removed since then
  private final Touched touched = new Touched();
  private @Nullable IntConsumer watch;
  private final ArrayDeque<Integer> leaving = new ArrayDeque<>(); // slots
  private int leftUpTo; // of the first of them: it has no prefix below
  private int trimAt = Integer.MAX_VALUE; // with no more prefixes than that it is tried
  private @Nullable Source[] sources = new Source[8];
  private int[] received = new int[8];
  private int[] refused = new int[8];
  private int[] stale = new int[8];

  AdjRibsIn(Family family) {
    this.index = new PrefixIndex(family);
  }

  /** The first path of a prefix, or END. */
  int first(int p) {
    return heads[p] - 1;
  }

  int receivedCount(int slot) {
    return slot < received.length ? received[slot] : 0;
  }

  int refusedCount(int slot) {
    return slot < refused.length ? refused[slot] : 0;
  }

  int staleCount(int slot) {
    return slot < stale.length ? stale[slot] : 0;
  }

  void announce(Source from, Nlri prefixes, PathAttributes attributes, @Nullable Refusal refusal) {
    know(from);
    int set = pool.acquire(attributes, from.slot());
    index.glance(prefixes);
    for (int i = 0; i < prefixes.size(); i++) {
      int p = index.add(prefixes.high(i), prefixes.low(i), prefixes.length(i));
      reserve(p);
      put(p, from.slot(), prefixes.pathId(i), set, refusal);
    }
    pool.release(set);
  }

  void withdraw(Source from, Nlri prefixes) {
    for (int i = 0; i < prefixes.size(); i++) {
      int p = index.find(prefixes.high(i), prefixes.low(i), prefixes.length(i));
      if (p != PrefixIndex.NONE) {
        int path = find(p, from.slot(), prefixes.pathId(i));
        if (path != PathStore.END) {
          remove(p, path);
        }
      }
    }
  }

  /** All paths of a source go: at once where that is soon done, else by {@link #leave}. */
  void drop(Source from) {
    int slot = from.slot();
    if (index.limit() > AT_ONCE && receivedCount(slot) > 0) {
      leaving.remove((Integer) slot);
      leaving.add(slot);
      leftUpTo = leaving.size() == 1 ? 0 : leftUpTo;
    } else {
      remove(slot);
    }
  }

  private void remove(int slot) {
    for (int p = 0; p < index.limit() && receivedCount(slot) > 0; p++) {
      removeAll(p, slot, false);
    }
  }

  /** What {@link #drop} has begun, in so many prefixes at most. */
  void leave(int limit) {
    int left = limit;
    while (left > 0 && !leaving.isEmpty()) {
      int slot = leaving.getFirst();
      while (left > 0 && leftUpTo < index.limit() && receivedCount(slot) > 0) {
        removeAll(leftUpTo++, slot, false);
        left--;
      }
      if (leftUpTo >= index.limit() || receivedCount(slot) == 0) {
        leaving.removeFirst();
        leftUpTo = 0;
      }
    }
  }

  /** Before anything else is done to its paths. */
  private void settle(int slot) {
    if (!leaving.isEmpty() && leaving.remove((Integer) slot)) {
      leftUpTo = 0; // of the next one: from the beginning
      remove(slot);
    }
  }

  void mark(Source from) {
    int slot = from.slot();
    settle(slot);
    for (int p = 0; p < index.limit() && staleCount(slot) < receivedCount(slot); p++) {
      for (int path = first(p); path != PathStore.END; path = paths.next(path)) {
        if (paths.slot(path) == slot && !paths.isStale(path)) {
          paths.setStale(path, true);
          stale[slot]++;
        }
      }
    }
  }

  void sweep(Source from) {
    settle(from.slot());
    for (int p = 0; p < index.limit() && staleCount(from.slot()) > 0; p++) {
      removeAll(p, from.slot(), true);
    }
  }

  /** What is stale of a source becomes what {@code change} makes of it, or goes where that is null. */
  void changeStale(Source from, Function<PathAttributes, @Nullable PathAttributes> change) {
    int slot = from.slot();
    settle(slot);
    for (int p = 0; p < index.limit() && staleCount(slot) > 0; p++) {
      int path = first(p);
      while (path != PathStore.END) {
        int next = paths.next(path);
        if (paths.slot(path) == slot && paths.isStale(path)) {
          PathAttributes after = change.apply(pool.attributes(paths.set(path)));
          if (after == null) {
            remove(p, path);
          } else {
            int set = pool.acquire(after, slot);
            put(p, slot, paths.pathId(path), set, paths.refusal(path));
            pool.release(set);
            paths.setStale(path, true);
            stale[slot]++;
          }
        }
        path = next;
      }
    }
  }

  private void removeAll(int p, int slot, boolean staleOnly) {
    int path = first(p);
    while (path != PathStore.END) {
      int next = paths.next(path);
      if (paths.slot(path) == slot && (!staleOnly || paths.isStale(path))) {
        remove(p, path);
      }
      path = next;
    }
  }

  List<Prefix> prefixesOf(Source from) {
    List<Prefix> found = new ArrayList<>();
    for (int p = 0; p < index.limit(); p++) {
      for (int path = first(p); path != PathStore.END; path = paths.next(path)) {
        if (paths.slot(path) == from.slot()) {
          found.add(index.prefix(p));
          break;
        }
      }
    }
    found.sort(null);
    return found;
  }

  /** All prefixes with a path, refused ones included, in order. */
  List<Prefix> prefixes() {
    List<Prefix> all = new ArrayList<>();
    for (int p = 0; p < index.limit(); p++) {
      if (heads[p] != 0) {
        all.add(index.prefix(p));
      }
    }
    all.sort(null);
    return all;
  }

  /**
   * Gives back the room of prefixes that were there once, where that is most of it and they have come
   * last: numbers do not change. To be asked when nothing is touched.
   *
   * @return all numbers of prefixes are below this from now on; {@link PrefixIndex#NONE}: all is as
   *     it was
   */
  int trim() {
    if (spare() == 0) {
      return PrefixIndex.NONE;
    }
    int top = index.limit();
    while (top > 0 && heads[top - 1] == 0 && holds[top - 1] == 0) {
      top--;
    }
    if (top > index.limit() / 2) {
      trimAt = index.size() / 2; // what is left stands at the end: not before half of it is gone
      return PrefixIndex.NONE;
    }
    trimAt = Integer.MAX_VALUE;
    index.truncate(top);
    int capacity = Math.max(64, top);
    heads = Arrays.copyOf(heads, capacity);
    holds = Arrays.copyOf(holds, capacity);
    lostUsed.truncate(top);
    touched.truncate(top);
    trimPaths();
    return top;
  }

  /** How many prefixes more there is room for, where that is worth an attempt to {@link #trim}. */
  int spare() {
    return index.limit() < TRIM_LEAST || index.size() > Math.min(index.limit() / 4, trimAt)
        ? 0
        : index.limit() - index.size();
  }

  private void trimPaths() {
    Bits used = new Bits();
    int top = 0;
    for (int p = 0; p < index.limit(); p++) {
      for (int path = first(p); path != PathStore.END; path = paths.next(path)) {
        used.add(path);
        top = Math.max(top, path + 1);
      }
    }
    if (top < paths.limit() / 2) {
      paths.truncate(top, used);
    }
  }

  /** How many prefixes wait for a decision, and one for those that {@link #leave} will come to. */
  int touchedCount() {
    return touched.count() + (leaving.isEmpty() ? 0 : 1);
  }

  /** The next prefix to be decided, no longer touched; {@link PrefixIndex#NONE}: there is none. */
  int takeTouched() {
    return touched.take();
  }

  /** Whether a path in use went or became another since it was asked last. */
  boolean takeLostUsed(int p) {
    return lostUsed.remove(p);
  }

  /** The numbers of all sets are others. */
  void renumber(IntUnaryOperator moved) {
    for (int p = 0; p < heads.length; p++) {
      for (int path = first(p); path != PathStore.END; path = paths.next(path)) {
        paths.renumber(path, moved);
      }
    }
  }

  private void put(int p, int slot, int pathId, int set, @Nullable Refusal refusal) {
    int last = PathStore.END;
    int path = first(p);
    while (path != PathStore.END && !paths.is(path, slot, pathId)) {
      last = path;
      path = paths.next(path);
    }
    if (path == PathStore.END) {
      path = paths.add(slot, pathId, pool.acquire(set), refusal);
      if (last == PathStore.END) {
        heads[p] = path + 1;
      } else {
        paths.link(last, path);
      }
      received[slot]++;
    } else {
      int before = paths.set(path);
      Refusal refusedBefore = paths.refusal(path);
      refresh(path, slot);
      if (before == set && refusedBefore == refusal) {
        return;
      }
      if (paths.isUsed(path)) {
        lostUsed.add(p);
      }
      refused[slot] -= refusedBefore == null ? 0 : 1;
      paths.replace(path, pool.acquire(set), refusal);
      pool.release(before);
    }
    refused[slot] += refusal == null ? 0 : 1;
    touch(p, slot);
  }

  private void remove(int p, int path) {
    int slot = paths.slot(path);
    if (paths.isUsed(path)) {
      lostUsed.add(p);
    }
    unlink(p, path);
    refresh(path, slot);
    received[slot]--;
    refused[slot] -= paths.isEligible(path) ? 0 : 1;
    pool.release(paths.set(path));
    paths.release(path);
    touch(p, slot);
  }

  private void unlink(int p, int path) {
    int first = first(p);
    if (first == path) {
      heads[p] = paths.next(path) + 1;
      return;
    }
    int last = first;
    while (paths.next(last) != path) {
      last = paths.next(last);
    }
    paths.link(last, paths.next(path));
  }

  private void refresh(int path, int slot) {
    if (paths.isStale(path)) {
      paths.setStale(path, false);
      stale[slot]--;
    }
  }

  void moveToFront(int p, int path) {
    int first = first(p);
    if (first != path) {
      unlink(p, path);
      paths.link(path, first);
      heads[p] = path + 1;
    }
  }

  private int find(int p, int slot, int pathId) {
    int path = first(p);
    while (path != PathStore.END && !paths.is(path, slot, pathId)) {
      path = paths.next(path);
    }
    return path;
  }

  /** From now on that is told of each prefix with a path that came, went or is another. */
  void watch(IntConsumer touched) {
    watch = touched;
  }

  /** Of each path of a peer's that has no flaw but its next hop; some more than once. */
  void forEachNextHop(Consumer<IpAddress> to) {
    int last = AttributePool.NONE;
    for (int p = 0; p < index.limit(); p++) {
      for (int path = first(p); path != PathStore.END; path = paths.next(path)) {
        if (dependsOnNextHop(path) && paths.set(path) != last) {
          last = paths.set(path);
          to.accept(pool.nextHop(last));
        }
      }
    }
  }

  private boolean dependsOnNextHop(int path) {
    Refusal refusal = paths.refusal(path);
    return (refusal == null || refusal == Refusal.UNREACHABLE_NEXT_HOP)
        && source(path).kind() != Source.Kind.LOCAL;
  }

  /** Refuses the paths whose next hop is not reached, and no others for that reason. */
  void recheck(Predicate<IpAddress> reached) {
    int last = AttributePool.NONE;
    boolean good = true;
    for (int p = 0; p < index.limit(); p++) {
      for (int path = first(p); path != PathStore.END; path = paths.next(path)) {
        if (dependsOnNextHop(path)) {
          if (paths.set(path) != last) {
            last = paths.set(path);
            good = reached.test(pool.nextHop(last));
          }
          if (good != paths.isEligible(path)) {
            if (paths.isUsed(path)) {
              lostUsed.add(p);
            }
            paths.refuse(path, good ? null : Refusal.UNREACHABLE_NEXT_HOP);
            refused[paths.slot(path)] += good ? -1 : 1;
            touch(p, paths.slot(path));
          }
        }
      }
    }
  }

  private void touch(int p, int slot) {
    IntConsumer watching = watch;
    if (watching != null) {
      watching.accept(p);
    }
    touched.add(p, slot);
  }

  private void reserve(int p) {
    if (p >= heads.length) {
      int capacity = Math.max(p + 1, heads.length + (heads.length >> 1));
      heads = Arrays.copyOf(heads, capacity);
      holds = Arrays.copyOf(holds, capacity);
    }
  }

  private void know(Source from) {
    int slot = from.slot();
    settle(slot);
    if (slot >= sources.length) {
      int capacity = Math.max(slot + 1, 2 * sources.length);
      sources = Arrays.copyOf(sources, capacity);
      received = Arrays.copyOf(received, capacity);
      refused = Arrays.copyOf(refused, capacity);
      stale = Arrays.copyOf(stale, capacity);
    }
    assert received[slot] == 0 || from.equals(sources[slot]) : "slot " + slot + " is taken";
    sources[slot] = from;
  }

  void releaseIfUnused(int p) {
    if (heads[p] == 0 && holds[p] == 0 && !touched.get(p)) {
      index.release(p);
    }
  }

  Source source(int path) {
    return Objects.requireNonNull(sources[paths.slot(path)]);
  }

  void hold(int p) {
    holds[p]++;
  }

  void unhold(int p) {
    holds[p]--;
    releaseIfUnused(p);
  }
}
