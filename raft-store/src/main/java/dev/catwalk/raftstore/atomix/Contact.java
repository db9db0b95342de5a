package dev.catwalk.raftstore.atomix;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/** When this member last heard of the others: what "quorum" in the status means. Any thread. */
final class Contact {
  /** Silence for so long means that nobody is there. */
  static final long FRESH_MS = 1500;

  private volatile int members;
  private volatile Set<String> voters = Set.of();
  private final Map<String, Long> answeredMs = new ConcurrentHashMap<>();
  private volatile long leaderMs = Long.MIN_VALUE / 2;
  private final LongSupplier clockMs;

  // The Raft thread's own.
  private long ledTerm;
  private long ledSinceMs;

  /**
   * No contact yet.
   *
   * @param members voting members, this one included
   */
  Contact(int members) {
    this(members, Contact::nowMs);
  }

  /**
   * The same by another clock.
   *
   * @param clockMs only goes forward
   */
  Contact(int members, LongSupplier clockMs) {
    this.members = members;
    this.clockMs = clockMs;
  }

  /** These vote from now on, this member included if it is among them. */
  void voters(Collection<String> names) {
    voters = Set.copyOf(names);
    members = names.size();
  }

  /** Whether a member has answered this one, which leads, lately. */
  boolean fresh(String member) {
    Long at = answeredMs.get(member);
    return at != null && clockMs.getAsLong() - at < FRESH_MS;
  }

  /**
   * Whether a member that has not answered may be there all the same, since this one leads in that
   * term for too short a time, as far as it was asked. Raft thread.
   */
  boolean mayStillAnswer(String member, long term) {
    long now = clockMs.getAsLong();
    if (term != ledTerm) {
      ledTerm = term;
      ledSinceMs = now;
    }
    return !fresh(member) && now - ledSinceMs < FRESH_MS;
  }

  /** A leader that this member follows has sent something. */
  void leaderHeard() {
    leaderMs = clockMs.getAsLong();
  }

  /** A member has answered this one, which leads. */
  void answered(String member) {
    answeredMs.put(member, clockMs.getAsLong());
  }

  /** Whether a follower may think that its leader has a majority. */
  boolean leaderFresh() {
    return leaderHeardWithin(FRESH_MS);
  }

  /** Whether a leader was heard in that time. */
  boolean leaderHeardWithin(long ms) {
    return clockMs.getAsLong() - leaderMs < ms;
  }

  /** Whether a leader has a majority. */
  boolean majorityFresh() {
    return 2 * (voting(answeredMs.keySet().stream().filter(this::fresh)) + 1) > members;
  }

  /** Whether these are one without this member. */
  boolean majority(Collection<String> others) {
    return 2 * voting(others.stream()) > members;
  }

  private long voting(Stream<String> names) {
    Set<String> counted = voters;
    return names.filter(name -> counted.isEmpty() || counted.contains(name)).count();
  }

  static long nowMs() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }
}
