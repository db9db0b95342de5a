package dev.catwalk.raftstore.machine;

import dev.catwalk.raftstore.machine.Change.Committed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The newest changes, so that a follower of the store can go on where it was. Bounded twice. */
final class WatchRing {
  private final long maxBytes;
  private final @Nullable Committed[] changes;
  private long bytes;
  private long first = 1;
  private long last;

  WatchRing(int maxChanges, long maxBytes) {
    this.changes = new Committed[maxChanges];
    this.maxBytes = maxBytes;
  }

  void add(Committed change) {
    assert change.revision() == last + 1 : change.revision() + " after " + last;
    if (last - first + 1 == changes.length) {
      removeFirst();
    }
    last = change.revision();
    changes[slot(last)] = change;
    bytes += size(change);
    while (bytes > maxBytes) {
      removeFirst();
    }
  }

  private void removeFirst() {
    bytes -= size(held(first));
    changes[slot(first++)] = null;
  }

  private int slot(long revision) {
    return (int) (revision % changes.length);
  }

  private Committed held(long revision) {
    return Objects.requireNonNull(changes[slot(revision)]);
  }

  /** Forgets everything: the next change is the one after {@code revision}. */
  void restart(long revision) {
    Arrays.fill(changes, null);
    bytes = 0;
    last = revision;
    first = revision + 1;
  }

  /** At most {@code limit} changes after {@code revision}; null if the first is no longer held. */
  @Nullable
  List<Committed> after(long revision, int limit) {
    if (revision + 1 < first) {
      return null;
    }
    List<Committed> found = new ArrayList<>();
    for (long next = revision + 1; next <= last && found.size() < limit; next++) {
      found.add(held(next));
    }
    return found;
  }

  private static long size(Committed change) {
    return 64L + change.command().length + change.outcome().length;
  }
}
