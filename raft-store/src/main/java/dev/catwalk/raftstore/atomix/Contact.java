package dev.catwalk.raftstore.atomix;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** When this member last heard of the others: what "quorum" in the status means. Any thread. */
final class Contact {
  /** Silence for so long means that nobody is there. */
  static final long FRESH_MS = 1500;

  private volatile int members;
  private volatile Set<String> voters = Set.of();
  private final Map<String, Long> answeredMs = new ConcurrentHashMap<>();
  private volatile long leaderMs = Long.MIN_VALUE / 2;

  /**
   * No contact yet.
   *
   * @param members voting members, this one included
   */
  Contact(int members) {
    this.members = members;
  }

  /** These vote from now on, this member included if it is among them. */
  void voters(Collection<String> names) {
    voters = Set.copyOf(names);
    members = names.size();
  }

  /** Whether a member has answered this one, which leads, lately. */
  boolean fresh(String member) {
    Long at = answeredMs.get(member);
    return at != null && nowMs() - at < FRESH_MS;
  }

  /** A leader that this member follows has sent something. */
  void leaderHeard() {
    leaderMs = nowMs();
  }

  /** A member has answered this one, which leads. */
  void answered(String member) {
    answeredMs.put(member, nowMs());
  }

  /** Whether a follower may think that its leader has a majority. */
  boolean leaderFresh() {
    return leaderHeardWithin(FRESH_MS);
  }

  /** Whether a leader was heard in that time. */
  boolean leaderHeardWithin(long ms) {
    return nowMs() - leaderMs < ms;
  }

  /** Whether a leader has a majority. */
  boolean majorityFresh() {
    Set<String> counted = voters;
    long fresh = answeredMs.keySet().stream()
        .filter(member -> counted.isEmpty() || counted.contains(member))
        .filter(this::fresh)
        .count();
    return 2 * (fresh + 1) > members;
  }

  static long nowMs() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }
}
