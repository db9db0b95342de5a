package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.machine.StateMark;
import java.util.Collection;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the other members' states beside this one's, and the verdict on it. Only equal
 * revisions are compared, so members may be of any age and distance. A state hash stands for a whole
 * history: equal once means equal before, different once means different after, until a member
 * begins anew with another's snapshot. Any thread.
 */
final class StateComparison {
  private int members;

  /** Who votes; null before anybody said so, when all do. */
  private @Nullable Set<String> voters;

  /** The newest revision at which a member was seen in this one's state. */
  private final TreeMap<String, Long> agreed = new TreeMap<>();

  /** The first revision at which a member was seen in another state. */
  private final TreeMap<String, Long> differs = new TreeMap<>();

  /**
   * Nothing is known yet.
   *
   * @param members voting members, this one included
   */
  StateComparison(int members) {
    this.members = members;
  }

  /** These vote from now on: others are not compared any more. */
  synchronized void voters(Collection<String> names) {
    members = Math.max(1, names.size());
    voters = Set.copyOf(names);
    agreed.keySet().retainAll(names);
    differs.keySet().retainAll(names);
  }

  /** Another member's state at the revision of {@code ours}. */
  synchronized void compared(String member, StateMark ours, StateMark theirs) {
    assert ours.revision() == theirs.revision() : ours + " and " + theirs;
    if (voters != null && !voters.contains(member)) {
      return; // One that learns counts for nobody.
    }
    long revision = ours.revision();
    if (ours.equals(theirs)) {
      agreed.merge(member, revision, Math::max);
      differs.computeIfPresent(member, (name, first) -> revision < first ? first : null);
    } else {
      differs.merge(member, revision, Math::min);
    }
  }

  /** Whether nothing new can be learned of this member before this one is past {@code revision}. */
  synchronized boolean confirmed(String member, long revision) {
    return agreed.getOrDefault(member, 0L) >= revision;
  }

  /** This member's state is that of another's snapshot now. */
  synchronized void restart() {
    agreed.clear();
    differs.clear();
  }

  /**
   * Why this member must not go on: it differs from so many that no majority can be in its state.
   * Null if one can.
   */
  synchronized @Nullable String verdict() {
    return differs.size() > members - quorum() ? "its state differs from " + differing() : null;
  }

  /**
   * Why this member should not go on for long: it differs from the leader, and it is not known yet
   * which of them a majority agrees with. Null if it may go on.
   */
  synchronized @Nullable String dispute(@Nullable String leader) {
    Long since = leader == null ? null : differs.get(leader);
    if (since == null) {
      return null;
    }
    long supporters =
        1 + agreed.values().stream().filter(revision -> revision >= since).count();
    return supporters < quorum()
        ? "its state differs from the leader's, " + differing()
            + ", and no majority is known to share it"
        : null;
  }

  private int quorum() {
    return members / 2 + 1;
  }

  /** Who is in another state than this member, and since which revision; null if nobody. */
  synchronized @Nullable String others() {
    return differs.isEmpty() ? null : differing();
  }

  private String differing() {
    return differs.entrySet().stream()
        .map(entry -> entry.getKey() + " (seen at revision " + entry.getValue() + ")")
        .collect(Collectors.joining(" and "));
  }
}
