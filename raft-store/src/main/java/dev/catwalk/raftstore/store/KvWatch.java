package dev.catwalk.raftstore.store;

import dev.catwalk.raftstore.machine.Change;
import dev.catwalk.raftstore.machine.KvDeeds;
import dev.catwalk.raftstore.machine.KvEntry;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvTransaction.Op;
import java.util.List;
import java.util.function.Consumer;

/**
 * Follows the keys that begin with a prefix, from the change after a revision on: in order, without
 * gap or duplicate. Whoever kept the revision of the last event goes on from there, at any member
 * and after any restart.
 */
public final class KvWatch {

  /** What a watcher is told. */
  public sealed interface Event {
    /** The state that the event leads to. */
    long revision();
  }

  /**
   * Keys were changed by one command.
   *
   * @param deeds puts, and removals of keys that were there, in order; at least one
   */
  public record Changed(long revision, List<Op> deeds) implements Event {
    public Changed {
      deeds = List.copyOf(deeds);
    }
  }

  /**
   * The changes after the revision that was asked for are not held any more: this is all there is
   * now, in place of whatever the watcher knew.
   *
   * @param entries in the order of their keys
   */
  public record Compacted(long revision, List<KvEntry> entries) implements Event {
    public Compacted {
      entries = List.copyOf(entries);
    }
  }

  private KvWatch() {}

  /**
   * Begins to watch.
   *
   * @param fromRevision that of the last event that is known; 0 from the beginning
   * @param events is called as a {@link Feed} is
   */
  public static Subscription open(
      Store store, String prefix, long fromRevision, Consumer<Event> events) {
    return store.subscribe(fromRevision, change -> {
      switch (change) {
        case Change.Committed committed -> {
          List<Op> deeds = deeds(committed, prefix);
          if (!deeds.isEmpty()) {
            events.accept(new Changed(committed.revision(), deeds));
          }
        }
        case Change.Replaced replaced -> {
          KvMachine now = new KvMachine();
          byte[] snapshot = replaced.snapshots().get(KvMachine.NAME);
          if (snapshot != null) {
            now.restore(snapshot);
          }
          events.accept(new Compacted(replaced.revision(), now.list(prefix)));
        }
      }
    });
  }

  private static List<Op> deeds(Change.Committed committed, String prefix) {
    return committed.machine().equals(KvMachine.NAME)
        ? KvDeeds.of(committed.command(), committed.outcome()).stream()
            .filter(op -> op.key().startsWith(prefix))
            .toList()
        : List.of();
  }
}
