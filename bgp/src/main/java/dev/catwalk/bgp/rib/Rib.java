package dev.catwalk.bgp.rib;

import dev.catwalk.bgp.rib.RouteListener.RouteChange;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The tables of one family: every peer's Adj-RIB-In, the Loc-RIB, and the {@link ExportGroup}s that
 * hold the Adj-RIBs-Out. Changes only note which prefixes they touch; {@link #decide} then works off
 * those and no others. One thread.
 */
public final class Rib {
  private final Family family;
  private final Decision decision;
  private final ToLongFunction<IpAddress> igpCost;
  private final AttributePool pool = new AttributePool();
  private final PrefixIndex index;
  private final PathStore paths = new PathStore();
  private int[] heads = new int[64]; // path + 1, by prefix; a decided best path comes first
  private int[] holds = new int[64]; // how many peers hold the prefix from us
  private final Bits reachable = new Bits(); // has a best path since its last decision
  private final Bits lostUsed = new Bits(); // a path in use was replaced or removed since then
  private final Bits touched = new Bits();
  private final IntList touchedInTurn = new IntList();
  private int turn;
  private @Nullable Source[] sources = new Source[8];
  private int[] received = new int[8];
  private int[] refused = new int[8];
  private int[] stale = new int[8];
  private final List<ExportGroup> groups = new ArrayList<>();

  /**
   * @param maximumPaths how many equally good paths are used at once, 1 or more
   * @param relaxAsPath whether paths with another AS_PATH of the same length are equally good
   * @param igpCost how far a next hop is; lower is nearer
   */
  public Rib(
      Family family, int maximumPaths, boolean relaxAsPath, ToLongFunction<IpAddress> igpCost) {
    this.family = family;
    this.index = new PrefixIndex(family);
    this.decision = new Decision(maximumPaths, relaxAsPath);
    this.igpCost = igpCost;
  }

  public Family family() {
    return family;
  }

  /** How many prefixes have a path. */
  public int reachableCount() {
    return reachable.count();
  }

  /** How many paths that source holds here, those refused included. */
  public int receivedCount(int slot) {
    return slot < received.length ? received[slot] : 0;
  }

  public int refusedCount(int slot) {
    return slot < refused.length ? refused[slot] : 0;
  }

  /** How many paths of that source wait to be named again. */
  public int staleCount(int slot) {
    return slot < stale.length ? stale[slot] : 0;
  }

  /**
   * {@code from} has these prefixes now, in place of what it had for them.
   *
   * @param refusal keeps the path out of the decision, with its reason
   */
  public void announce(
      Source from, Nlri prefixes, PathAttributes attributes, @Nullable Refusal refusal) {
    know(from);
    AttributeSet set = pool.acquire(attributes);
    for (int i = 0; i < prefixes.size(); i++) {
      int p = index.add(prefixes.high(i), prefixes.low(i), prefixes.length(i));
      reserve(p);
      put(p, from.slot(), set, refusal);
    }
    pool.release(set);
  }

  /** What it did not have is no error. */
  public void withdraw(Source from, Nlri prefixes) {
    for (int i = 0; i < prefixes.size(); i++) {
      int p = index.find(prefixes.high(i), prefixes.low(i), prefixes.length(i));
      if (p != PrefixIndex.NONE) {
        remove(p, from.slot());
      }
    }
  }

  /** Removes all paths of a source. */
  public void drop(Source from) {
    for (int p = 0; p < index.limit() && receivedCount(from.slot()) > 0; p++) {
      if (heads[p] != 0) {
        remove(p, from.slot());
      }
    }
  }

  /**
   * A source's session fell and may come back: its paths are stale from now on, in use as before.
   * What was stale already goes (RFC 4724 §4.2).
   */
  public void retain(Source from) {
    sweep(from);
    for (int p = 0;
        p < index.limit() && staleCount(from.slot()) < receivedCount(from.slot());
        p++) {
      int path = heads[p] == 0 ? PathStore.END : find(p, from.slot());
      if (path != PathStore.END) {
        paths.setStale(path, true);
        stale[from.slot()]++;
      }
    }
  }

  /** Removes the stale paths of a source: it has named again all that it has. */
  public void sweep(Source from) {
    for (int p = 0; p < index.limit() && staleCount(from.slot()) > 0; p++) {
      int path = heads[p] == 0 ? PathStore.END : find(p, from.slot());
      if (path != PathStore.END && paths.isStale(path)) {
        remove(p, from.slot());
      }
    }
  }

  /** The prefixes that a source has now, in order. */
  public List<Prefix> prefixesOf(Source from) {
    List<Prefix> found = new ArrayList<>();
    for (int p = 0; p < index.limit(); p++) {
      if (heads[p] != 0 && find(p, from.slot()) != PathStore.END) {
        found.add(index.prefix(p));
      }
    }
    found.sort(null);
    return found;
  }

  public boolean hasWork() {
    return touched.count() > 0;
  }

  /** How many prefixes wait for a decision. */
  public int touchedCount() {
    return touched.count();
  }

  /**
   * Decides at most {@code limit} of the touched prefixes and says what that changes.
   *
   * @param changes gets what is selected anew
   */
  public void decide(int limit, @Nullable List<RouteChange> changes, Feed feed) {
    for (int done = 0; done < limit && turn < touchedInTurn.size(); done++) {
      int p = touchedInTurn.get(turn++);
      touched.remove(p);
      decide(p, changes);
    }
    if (turn == touchedInTurn.size()) {
      touchedInTurn.clear();
      turn = 0;
    }
    for (ExportGroup group : groups) {
      group.flush(feed);
    }
  }

  /** A new group, which knows all that is selected already. */
  public ExportGroup addGroup(Exporter exporter) {
    int number = 0;
    for (ExportGroup group : groups) { // they are in the order of their numbers
      if (group.number() != number) {
        break;
      }
      number++;
    }
    ExportGroup group = new ExportGroup(this, number, exporter);
    groups.add(number, group);
    group.fill();
    return group;
  }

  /** Its members must have left. */
  public void removeGroup(ExportGroup group) {
    group.close();
    groups.remove(group);
  }

  /** All prefixes with a path, refused ones included, in order. */
  public List<Prefix> prefixes() {
    List<Prefix> all = new ArrayList<>();
    for (int p = 0; p < index.limit(); p++) {
      if (heads[p] != 0) {
        all.add(index.prefix(p));
      }
    }
    all.sort(null);
    return all;
  }

  /** Every path of {@code prefix}: the best one, those used beside it, the losers, the refused. */
  public List<PathInfo> explain(Prefix prefix) {
    int p = index.find(prefix.address().high(), prefix.address().low(), prefix.length());
    if (p == PrefixIndex.NONE) {
      return List.of();
    }
    Candidate[] candidates = candidates(p);
    int used = candidates.length == 0 ? 0 : decision.decide(candidates, candidates.length);
    Arrays.sort(candidates, Math.min(used, candidates.length), candidates.length, Rib::byMerit);
    List<PathInfo> all = new ArrayList<>();
    for (int i = 0; i < candidates.length; i++) {
      Candidate c = candidates[i];
      String lost = c.lostAt == null ? "" : c.lostAt.lost();
      String why = i == 0
          ? candidates.length == 1 ? "only path" : "best"
          : i < used ? "used beside the best: " + lost : lost;
      all.add(new PathInfo(c.source, c.set.attributes, i == 0, i < used, why));
    }
    for (int path = heads[p] - 1; path != PathStore.END; path = paths.next(path)) {
      Refusal refusal = paths.refusal(path);
      if (refusal != null) {
        all.add(new PathInfo(
            source(path), set(path).attributes, false, false, "refused: " + refusal.text()));
      }
    }
    return all;
  }

  /** Among losers: who fell later was better. */
  private static int byMerit(Candidate a, Candidate b) {
    int byRung = Objects.requireNonNull(b.lostAt).compareTo(Objects.requireNonNull(a.lostAt));
    return byRung != 0 ? byRung : a.source.address().compareTo(b.source.address());
  }

  private void decide(int p, @Nullable List<RouteChange> changes) {
    int bestBefore = best(p);
    boolean wasReachable = reachable.get(p);
    boolean changed = lostUsed.remove(p);
    int best = PathStore.END;
    int eligible = 0;
    for (int path = heads[p] - 1; path != PathStore.END; path = paths.next(path)) {
      if (paths.isEligible(path)) {
        best = path;
        eligible++;
      }
    }
    List<Path> selected = List.of();
    if (eligible == 1) {
      changed |= paths.mark(best, true, true);
      selected = changes == null ? selected : List.of(path(best));
    } else if (eligible > 1) {
      Candidate[] candidates = candidates(p);
      int used = decision.decide(candidates, eligible);
      for (int i = 0; i < eligible; i++) {
        changed |= paths.mark(candidates[i].path, i < used, i == 0);
      }
      best = candidates[0].path;
      if (changes != null) {
        selected = Arrays.stream(candidates, 0, used).map(c -> path(c.path)).toList();
      }
    }
    if (best == PathStore.END) {
      reachable.remove(p);
      changed |= wasReachable;
    } else {
      reachable.add(p);
      moveToFront(p, best);
    }
    if (changed && changes != null) {
      changes.add(new RouteChange(index.prefix(p), selected));
    }
    if (best == PathStore.END ? wasReachable : best != bestBefore) {
      for (ExportGroup group : groups) {
        group.reconsider(p, best);
      }
    }
    releaseIfUnused(p);
  }

  private Path path(int path) {
    return new Path(source(path), set(path).attributes);
  }

  private Candidate[] candidates(int p) {
    List<Candidate> found = new ArrayList<>();
    for (int path = heads[p] - 1; path != PathStore.END; path = paths.next(path)) {
      if (paths.isEligible(path)) {
        AttributeSet set = set(path);
        long cost = igpCost.applyAsLong(set.attributes.nextHop());
        found.add(new Candidate(path, source(path), set, cost));
      }
    }
    return found.toArray(new Candidate[0]);
  }

  private void put(int p, int slot, AttributeSet set, @Nullable Refusal refusal) {
    int last = PathStore.END;
    int path = heads[p] - 1;
    while (path != PathStore.END && paths.slot(path) != slot) {
      last = path;
      path = paths.next(path);
    }
    if (path == PathStore.END) {
      path = paths.add(slot, pool.acquire(set), refusal);
      if (last == PathStore.END) {
        heads[p] = path + 1;
      } else {
        paths.link(last, path);
      }
      received[slot]++;
    } else {
      AttributeSet before = set(path);
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
    touch(p);
  }

  private void remove(int p, int slot) {
    int last = PathStore.END;
    int path = heads[p] - 1;
    while (path != PathStore.END && paths.slot(path) != slot) {
      last = path;
      path = paths.next(path);
    }
    if (path == PathStore.END) {
      return;
    }
    if (paths.isUsed(path)) {
      lostUsed.add(p);
    }
    if (last == PathStore.END) {
      heads[p] = paths.next(path) + 1;
    } else {
      paths.link(last, paths.next(path));
    }
    refresh(path, slot);
    received[slot]--;
    refused[slot] -= paths.isEligible(path) ? 0 : 1;
    pool.release(set(path));
    paths.release(path);
    touch(p);
  }

  private void refresh(int path, int slot) {
    if (paths.isStale(path)) {
      paths.setStale(path, false);
      stale[slot]--;
    }
  }

  private void moveToFront(int p, int path) {
    int first = heads[p] - 1;
    if (first == path) {
      return;
    }
    int last = first;
    while (paths.next(last) != path) {
      last = paths.next(last);
    }
    paths.link(last, paths.next(path));
    paths.link(path, first);
    heads[p] = path + 1;
  }

  private int find(int p, int slot) {
    int path = heads[p] - 1;
    while (path != PathStore.END && paths.slot(path) != slot) {
      path = paths.next(path);
    }
    return path;
  }

  private void touch(int p) {
    if (touched.add(p)) {
      touchedInTurn.add(p);
    }
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

  private void releaseIfUnused(int p) {
    if (heads[p] == 0 && holds[p] == 0 && !touched.get(p)) {
      index.release(p);
    }
  }

  int limit() {
    return index.limit();
  }

  AttributePool pool() {
    return pool;
  }

  /** The path that the last decision found best, while it is unchanged; else END. */
  int best(int p) {
    int first = heads[p] - 1;
    return first != PathStore.END && paths.isBest(first) ? first : PathStore.END;
  }

  /** Whose path is the best one; -1 where that is not decided. */
  int bestSlot(int p) {
    int best = best(p);
    return best == PathStore.END ? -1 : paths.slot(best);
  }

  AttributeSet set(int path) {
    return paths.set(path);
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

  Nlri nlri(IntList prefixes) {
    Nlri.Builder builder = new Nlri.Builder(family);
    for (int i = 0; i < prefixes.size(); i++) {
      int p = prefixes.get(i);
      builder.add(index.high(p), index.low(p), index.length(p));
    }
    return builder.build();
  }
}
