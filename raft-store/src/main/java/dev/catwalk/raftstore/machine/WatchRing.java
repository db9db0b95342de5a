package dev.catwalk.raftstore.machine;

import dev.catwalk.raftstore.machine.Change.Committed;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The newest changes, so that a follower of the store can go on where it was. Bounded twice. */
final class WatchRing {
  private final int maxChanges;
  private final long maxBytes;
  private final ArrayDeque<Committed> changes = new ArrayDeque<>();
  private long bytes;
  private long last;

  WatchRing(int maxChanges, long maxBytes) {
    this.maxChanges = maxChanges;
    this.maxBytes = maxBytes;
  }

  void add(Committed change) {
    assert change.revision() == last + 1 : change.revision() + " after " + last;
    changes.add(change);
    last = change.revision();
    bytes += size(change);
    while (changes.size() > maxChanges || bytes > maxBytes) {
      bytes -= size(changes.remove());
    }
  }

  /** Forgets everything: the next change is the one after {@code revision}. */
  void restart(long revision) {
    changes.clear();
    bytes = 0;
    last = revision;
  }

  /** At most {@code limit} changes after {@code revision}; null if the first is no longer held. */
  @Nullable
  List<Committed> after(long revision, int limit) {
    long first = last - changes.size() + 1;
    if (revision + 1 < first) {
      return null;
    }
    List<Committed> found = new ArrayList<>();
    if (revision >= last) {
      return found;
    }
    long skip = revision + 1 - first;
    for (Committed change : changes) {
      if (skip-- > 0) {
        continue;
      }
      if (found.size() == limit) {
        break;
      }
      found.add(change);
    }
    return found;
  }

  private static long size(Committed change) {
    return 64L + change.command().length + change.outcome().length;
  }
}
