package dev.catwalk.raftstore.atomix;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * What the followers of a leader say they have on their disks. An entry that a majority has without
 * the leader is committed, however slow the leader's own disk is (Ongaro's thesis, §10.2.1). Any
 * thread.
 */
final class FollowerCopies {
  private record Held(long index, CompletableFuture<?> answer, Runnable release) {}

  private final Predicate<Collection<String>> majority;

  // Guarded by this.
  private final TreeMap<String, Long> upTo = new TreeMap<>();
  private final List<Held> held = new ArrayList<>();
  private long term;

  /**
   * Of a leader that nobody has answered.
   *
   * @param majority whether these are one
   */
  FollowerCopies(Predicate<Collection<String>> majority) {
    this.majority = majority;
  }

  /**
   * A follower has all up to an entry on its disk, as this leader has it in that term. Releases what
   * a majority of followers has; an answer that is complete without that is forgotten.
   */
  <T> void has(long inTerm, String member, long index, T answer, CompletableFuture<T> counted) {
    List<Held> released;
    synchronized (this) {
      if (inTerm < term) {
        return;
      }
      if (inTerm > term) {
        term = inTerm;
        upTo.clear();
        held.clear();
      }
      upTo.merge(member, index, Math::max);
      held.removeIf(other -> other.answer().isDone());
      held.add(new Held(index, counted, () -> counted.complete(answer)));
      long safe = upTo.values().stream()
          .filter(candidate -> majority.test(whoHave(candidate)))
          .max(Long::compare)
          .orElse(0L);
      released = held.stream().filter(other -> other.index() <= safe).toList();
      held.removeAll(released);
    }
    released.forEach(one -> one.release().run());
  }

  private List<String> whoHave(long index) {
    return upTo.entrySet().stream()
        .filter(follower -> follower.getValue() >= index)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** A follower said no, or nothing: its disk may be another one now. */
  synchronized void forget(String member) {
    upTo.remove(member);
  }
}
