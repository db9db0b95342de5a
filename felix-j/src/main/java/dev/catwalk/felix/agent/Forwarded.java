package dev.catwalk.felix.agent;

import dev.catwalk.net.addr.Prefix;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which of the peers' routes the kernel has, as far as the speaker was told. What the kernel has not
 * said to have is not told to others, however long that takes. Of the agent's loop.
 */
final class Forwarded {
  /** Plans that the kernel may not have yet; of more the oldest are forgotten. */
  private static final int PLANS = 64;

  private final TreeMap<Long, SortedSet<Prefix>> planned = new TreeMap<>();
  private SortedSet<Prefix> newest = Collections.emptySortedSet();
  private SortedSet<Prefix> latest = Collections.emptySortedSet();
  private SortedSet<Prefix> refusedBefore = Collections.emptySortedSet();
  private final TreeSet<Prefix> told = new TreeSet<>();

  /** What the speaker does not know yet. */
  record News(SortedSet<Prefix> more, SortedSet<Prefix> fewer) {}

  /**
   * From that revision on the kernel is to have these, or to know a better way for them.
   *
   * @param learned in the plan of that revision
   */
  void plan(long revision, Set<Prefix> learned) {
    if (learned.equals(newest)) {
      return; // then an older revision is good enough, and may be in already
    }
    newest = Collections.unmodifiableSortedSet(new TreeSet<>(learned));
    planned.put(revision, newest);
    if (planned.size() > PLANS) {
      planned.pollFirstEntry();
    }
  }

  /**
   * What is new.
   *
   * @param applied revision that the kernel has
   * @param refused prefixes whose route it has not taken
   */
  Optional<News> look(long applied, SortedSet<Prefix> refused) {
    Map.Entry<Long, SortedSet<Prefix>> reached = planned.floorEntry(applied);
    if (reached != null) {
      latest = reached.getValue();
      planned.headMap(applied, true).clear();
    } else if (refused.equals(refusedBefore)) {
      return Optional.empty();
    }
    refusedBefore = refused;
    TreeSet<Prefix> now = new TreeSet<>(latest);
    now.removeAll(refused);
    TreeSet<Prefix> more = new TreeSet<>(now);
    more.removeAll(told);
    TreeSet<Prefix> fewer = new TreeSet<>(told);
    fewer.removeAll(now);
    told.addAll(more);
    told.removeAll(fewer);
    return more.isEmpty() && fewer.isEmpty()
        ? Optional.empty()
        : Optional.of(new News(more, fewer));
  }
}
