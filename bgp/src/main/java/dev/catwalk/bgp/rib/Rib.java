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
import java.util.SortedSet;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The tables of one family: every peer's Adj-RIB-In, the Loc-RIB, and the {@link ExportGroup}s that
 * hold the Adj-RIBs-Out. Changes only note which prefixes they touch; {@link #decide} then works off
 * those and no others. One thread.
 */
public final class Rib {
  /** About what a prefix takes here, and a path of it beside its attributes. */
  static final int PREFIX_OCTETS = 48;

  static final int PATH_OCTETS = 16;

  /** To remove a path takes so much less than to decide. */
  private static final int LEAVE_AT_ONCE = 4;

  private long givenBack; // octets, but for attributes

  private final Family family;
  private final Decision decision;
  private final ToLongFunction<IpAddress> igpCost;
  private final AdjRibsIn in;
  private final PathStore paths;
  private final Bits reachable = new Bits(); // has a best path since its last decision
  private final List<ExportGroup> groups = new ArrayList<>();
  private final Stirred stirred = new Stirred();
  private final IntList front = new IntList(); // paths of the best merit, of one prefix
  private Candidate[] contenders = {};
  private int groupsOfPaths;
  private final AwaitedKernel kernel = new AwaitedKernel();

  /**
   * @param maximumPaths how many equally good paths are used at once, 1 or more
   * @param relaxAsPath whether paths with another AS_PATH of the same length are equally good
   * @param igpCost how far a next hop is; 0 or more, lower is nearer
   */
  public Rib(
      Family family, int maximumPaths, boolean relaxAsPath, ToLongFunction<IpAddress> igpCost) {
    this.family = family;
    this.in = new AdjRibsIn(family);
    this.paths = in.paths;
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
    return in.receivedCount(slot);
  }

  public int refusedCount(int slot) {
    return in.refusedCount(slot);
  }

  /** How many paths of that source wait to be named again. */
  public int staleCount(int slot) {
    return in.staleCount(slot);
  }

  /**
   * {@code from} has these prefixes now, in place of what it had for them.
   *
   * @param refusal keeps the path out of the decision, with its reason
   */
  public void announce(
      Source from, Nlri prefixes, PathAttributes attributes, @Nullable Refusal refusal) {
    in.announce(from, prefixes, attributes, refusal);
  }

  /** What it did not have is no error. */
  public void withdraw(Source from, Nlri prefixes) {
    in.withdraw(from, prefixes);
  }

  /** Removes all paths of a source. */
  public void drop(Source from) {
    in.drop(from);
  }

  /**
   * A source's session fell and may come back: its paths are stale from now on, in use as before.
   * What was stale already goes (RFC 4724 §4.2).
   */
  public void retain(Source from) {
    in.sweep(from);
    in.mark(from);
  }

  /** A source names all that it has again: what it does not goes at the next {@link #sweep}. */
  public void mark(Source from) {
    in.mark(from);
  }

  /** Removes the stale paths of a source: it has named again all that it has. */
  public void sweep(Source from) {
    in.sweep(from);
  }

  /** What is stale of a source becomes what {@code change} makes of it, or goes where that is null. */
  public void changeStale(Source from, Function<PathAttributes, @Nullable PathAttributes> change) {
    in.changeStale(from, change);
  }

  /** The prefixes that a source has now, in order. */
  public List<Prefix> prefixesOf(Source from) {
    return in.prefixesOf(from);
  }

  public boolean hasWork() {
    return in.touchedCount() > 0 || kernel.hasNews();
  }

  /**
   * From now on what draws packets ({@link Exporter#draws}) is told of these prefixes alone.
   *
   * @param prefixes which; of each change of its answer {@link #forwarding} is to be told
   */
  public void tellForwarded(Predicate<Prefix> prefixes) {
    kernel.watch(prefixes);
  }

  /** Packets for that prefix are forwarded from now on, or no longer. */
  public void forwarding(Prefix prefix) {
    int p = find(prefix);
    if (p != PrefixIndex.NONE) {
      kernel.note(p);
    }
  }

  private void tellNews(int limit, Feed feed) {
    if (!kernel.hasNews()) {
      return;
    }
    kernel.takeNews(limit, p -> {
      int best = best(p);
      if (best != PathStore.END) { // else it is decided next, or there is nothing to tell
        groups.forEach(group -> group.reconsider(p, best));
      }
    });
    groups.forEach(group -> group.flush(feed));
  }

  private int find(Prefix prefix) {
    return in.index.find(prefix.address().high(), prefix.address().low(), prefix.length());
  }

  /** Whether not all that draws packets may be told. */
  boolean awaitsForwarding() {
    return kernel.isWatched();
  }

  /** Whether a route that draws packets may be told. */
  boolean isForwarded(int p) {
    return !kernel.isWatched() || kernel.forwards(in.index.prefix(p));
  }

  /** How many prefixes wait for a decision. */
  public int touchedCount() {
    return in.touchedCount();
  }

  /**
   * Decides at most {@code limit} of the touched prefixes and says what that changes.
   *
   * @param changes gets what is selected anew
   */
  public void decide(int limit, @Nullable List<RouteChange> changes, Feed feed) {
    compact();
    in.leave(LEAVE_AT_ONCE * limit);
    tellNews(limit, feed);
    for (int done = 0; done < limit; done++) {
      int p = in.takeTouched();
      if (p == PrefixIndex.NONE) {
        break;
      }
      decide(p, changes);
    }
    for (ExportGroup group : groups) {
      group.flush(feed);
    }
    tidy();
  }

  /** Else what has gone would be held until the next change. */
  private void tidy() {
    if (!hasWork()) {
      compact();
    }
  }

  private void compact() {
    if (in.pool.isSparse()) {
      IntUnaryOperator moved = in.pool.compact();
      in.renumber(moved);
      groups.forEach(group -> group.renumber(moved));
    }
  }

  /**
   * Lets go of the room of large tables that have gone. Until it is asked the room stays, for who comes
   * back; does nothing while there is work.
   */
  public void giveBack() {
    if (hasWork()) {
      return;
    }
    int before = in.index.limit();
    int top = in.trim();
    if (top != PrefixIndex.NONE) {
      reachable.truncate(top);
      groups.forEach(group -> group.truncate(top));
      givenBack += (long) (before - top) * PREFIX_OCTETS;
    }
  }

  /** How many octets all that is held takes, about. */
  public long octets() {
    return in.pool.used()
        + (long) PREFIX_OCTETS * in.index.size()
        + (long) PATH_OCTETS * in.paths.count();
  }

  /** How many of them there would not be without that source. */
  public long octets(int slot) {
    return in.pool.used(slot) + (long) (PREFIX_OCTETS + PATH_OCTETS) * in.receivedCount(slot);
  }

  /** Attributes are kept so that there is little between them when they take so many octets. */
  public void limit(long octets) {
    in.pool.limit(octets);
  }

  /**
   * How many octets of memory the tables have given back until now and would by {@link #giveBack},
   * about; less again where a table comes back into its room.
   */
  public long givenBack() {
    return givenBack + in.pool.givenBack() + (long) in.spare() * PREFIX_OCTETS;
  }

  /** Whether something waits for a member of a group that takes it now. */
  public boolean isTelling() {
    return stirred.hasWork();
  }

  /** Gives members at most {@code limit} each of what waits for them, and together not much more. */
  public void tell(int limit, Feed feed) {
    stirred.tell(limit, feed);
    tidy();
  }

  Stirred stirred() {
    return stirred;
  }

  /** A new group, which knows all that is selected already. */
  public ExportGroup addGroup(Exporter exporter) {
    return addGroup(exporter, 0);
  }

  /**
   * A new group, which knows all that is selected already.
   *
   * @param pathsEach how many paths of a prefix it tells at most, with identifiers (RFC 7911); 0: the
   *     best one, without
   */
  public ExportGroup addGroup(Exporter exporter, int pathsEach) {
    int number = 0;
    for (ExportGroup group : groups) { // they are in the order of their numbers
      if (group.number() != number) {
        break;
      }
      number++;
    }
    ExportGroup group = pathsEach == 0
        ? new BestGroup(this, number, exporter)
        : new PathsGroup(this, number, exporter, pathsEach);
    groupsOfPaths += pathsEach == 0 ? 0 : 1;
    groups.add(number, group);
    group.fill();
    return group;
  }

  /** Its members must have left. */
  public void removeGroup(ExportGroup group) {
    group.close();
    groups.remove(group);
    groupsOfPaths -= group instanceof PathsGroup ? 1 : 0;
  }

  /** All prefixes with a path, refused ones included, in order. */
  public List<Prefix> prefixes() {
    return in.prefixes();
  }

  /** Every path of {@code prefix}: the best one, those used beside it, the losers, the refused. */
  public List<PathInfo> explain(Prefix prefix) {
    int p = find(prefix);
    if (p == PrefixIndex.NONE) {
      return List.of();
    }
    Candidate[] candidates = candidates(p);
    int used = rank(candidates);
    List<PathInfo> all = new ArrayList<>();
    for (int i = 0; i < candidates.length; i++) {
      Candidate c = candidates[i];
      String lost = c.lostAt == null ? "" : c.lostAt.lost();
      String why = i == 0
          ? candidates.length == 1 ? "only path" : "best"
          : i < used ? "used beside the best: " + lost : lost;
      all.add(new PathInfo(c.source, c.pathId, c.attributes(), i == 0, i < used, why));
    }
    for (int path = in.first(p); path != PathStore.END; path = paths.next(path)) {
      Refusal refusal = paths.refusal(path);
      if (refusal != null) {
        all.add(new PathInfo(
            source(path),
            paths.pathId(path),
            in.pool.attributes(set(path)),
            false,
            false,
            PathInfo.refused(refusal)));
      }
    }
    return all;
  }

  /** Puts them in order, best first; returns how many are used. */
  private int rank(Candidate[] candidates) {
    int used = candidates.length == 0 ? 0 : decision.decide(candidates, candidates.length);
    Arrays.sort(candidates, used, candidates.length, Rib::byMerit);
    return used;
  }

  /** All paths that take part in the decision on a prefix, best first. */
  Candidate[] ranked(int p) {
    Candidate[] candidates = candidates(p);
    rank(candidates);
    return candidates;
  }

  /** Among losers: who fell later was better. */
  private static int byMerit(Candidate a, Candidate b) {
    int byRung = Objects.requireNonNull(b.lostAt).compareTo(Objects.requireNonNull(a.lostAt));
    int byAddress = a.source.address().compareTo(b.source.address());
    return byRung != 0
        ? byRung
        : byAddress != 0 ? byAddress : Integer.compareUnsigned(a.pathId, b.pathId);
  }

  private void decide(int p, @Nullable List<RouteChange> changes) {
    int bestBefore = best(p);
    boolean wasReachable = reachable.get(p);
    boolean changed = in.takeLostUsed(p);
    int best = PathStore.END;
    int eligible = 0;
    for (int path = in.first(p); path != PathStore.END; path = paths.next(path)) {
      if (paths.isEligible(path)) {
        best = path;
        eligible++;
      }
    }
    if (eligible > 1) {
      changed |= eliminate(p);
      eligible = front.size();
      best = front.get(0);
    }
    List<Path> selected = List.of();
    if (eligible == 1) {
      changed |= paths.mark(best, true, true);
      selected = changes == null ? selected : List.of(path(best));
    } else if (eligible > 1) {
      Candidate[] candidates = contenders();
      int used = decision.decideEquals(candidates, eligible);
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
      in.moveToFront(p, best);
    }
    if (changed && changes != null) {
      changes.add(new RouteChange(in.index.prefix(p), selected));
    }
    boolean anotherBest = best == PathStore.END ? wasReachable : best != bestBefore;
    if (anotherBest || groupsOfPaths > 0) {
      for (ExportGroup group : groups) {
        if (anotherBest || group instanceof PathsGroup) {
          group.reconsider(p, best);
        }
      }
    }
    in.releaseIfUnused(p);
  }

  /**
   * Leaves the paths of the best merit in {@link #front} and marks all others as not used; returns
   * whether that is news.
   */
  private boolean eliminate(int p) {
    long best = Long.MAX_VALUE;
    for (int path = in.first(p); path != PathStore.END; path = paths.next(path)) {
      if (paths.isEligible(path)) {
        long merit = Merit.of(in.pool, paths.set(path), source(path));
        if (merit < best) {
          best = merit;
          front.clear();
        }
        if (merit == best) {
          front.add(path);
        }
      }
    }
    boolean changed = false;
    int inFront = 0;
    for (int path = in.first(p); path != PathStore.END; path = paths.next(path)) {
      if (inFront < front.size() && front.get(inFront) == path) {
        inFront++;
      } else if (paths.isEligible(path)) {
        changed |= paths.mark(path, false, false);
      }
    }
    return changed;
  }

  /** Those of {@link #front} as candidates; until the next call. */
  private Candidate[] contenders() {
    int count = front.size();
    if (contenders.length < count) {
      int before = contenders.length;
      contenders = Arrays.copyOf(contenders, Math.max(count, 2 * before));
      Arrays.setAll(contenders, i -> i < before ? contenders[i] : new Candidate(in.pool, igpCost));
    }
    for (int i = 0; i < count; i++) {
      int path = front.get(i);
      contenders[i].become(path, paths.pathId(path), source(path), set(path));
    }
    return contenders;
  }

  AdjRibsIn in() {
    return in;
  }

  /** What is selected for the prefixes that are reached through one of these next hops. */
  List<RouteChange> usedThrough(SortedSet<IpAddress> nextHops) {
    List<RouteChange> found = new ArrayList<>();
    for (int p = 0; p < in.index.limit(); p++) {
      boolean through = false;
      for (int path = in.first(p); path != PathStore.END; path = paths.next(path)) {
        through |= paths.isUsed(path) && nextHops.contains(in.pool.nextHop(set(path)));
      }
      if (through) {
        Candidate[] candidates = candidates(p);
        int used = rank(candidates);
        List<Path> selected =
            Arrays.stream(candidates, 0, used).map(c -> path(c.path)).toList();
        found.add(new RouteChange(in.index.prefix(p), selected));
      }
    }
    return found;
  }

  private Path path(int path) {
    return new Path(source(path), in.pool.attributes(set(path)));
  }

  private Candidate[] candidates(int p) {
    List<Candidate> found = new ArrayList<>();
    for (int path = in.first(p); path != PathStore.END; path = paths.next(path)) {
      if (paths.isEligible(path)) {
        found.add(new Candidate(in.pool, igpCost)
            .become(path, paths.pathId(path), source(path), set(path)));
      }
    }
    return found.toArray(new Candidate[0]);
  }

  int limit() {
    return in.index.limit();
  }

  AttributePool pool() {
    return in.pool;
  }

  /** The path that the last decision found best, while it is unchanged; else END. */
  int best(int p) {
    int first = in.first(p);
    return first != PathStore.END && paths.isBest(first) ? first : PathStore.END;
  }

  /** Whose path is the best one; -1 where that is not decided. */
  int bestSlot(int p) {
    int best = best(p);
    return best == PathStore.END ? -1 : paths.slot(best);
  }

  int set(int path) {
    return paths.set(path);
  }

  Source source(int path) {
    return in.source(path);
  }

  void hold(int p) {
    in.hold(p);
  }

  void unhold(int p) {
    in.unhold(p);
  }

  int verdict(Exporter exporter, int p, PathAttributes attributes, Source from) {
    PrefixIndex index = in.index;
    return exporter.verdict(attributes, from, family, index.high(p), index.low(p), index.length(p));
  }

  Nlri nlri(IntList prefixes) {
    Nlri.Builder builder = new Nlri.Builder(family);
    for (int i = 0; i < prefixes.size(); i++) {
      add(builder, prefixes.get(i), 0);
    }
    return builder.build();
  }

  void add(Nlri.Builder to, int p, int pathId) {
    to.add(pathId, in.index.high(p), in.index.low(p), in.index.length(p));
  }

  Nlri.Builder nlri() {
    return new Nlri.Builder(family);
  }
}
