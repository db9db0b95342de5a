package dev.catwalk.raftstore.store;

import dev.catwalk.raftstore.machine.Change;
import dev.catwalk.raftstore.machine.KvEntry;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.Lease;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A copy of the store's keys that follows one member, with the two levels of reading: {@link #local}
 * answers at once and says of which revision, {@link #read} answers with nothing older than what was
 * acknowledged before the call. Any thread may call it.
 */
public final class KvReplica implements AutoCloseable {

  /**
   * What was read.
   *
   * @param revision of the state that was read
   * @param entry null if the key is not there
   */
  public record Read(long revision, @Nullable KvEntry entry) {}

  private final Store store;
  private final KvMachine keys = new KvMachine();
  private final TreeMap<Long, List<Runnable>> waiting = new TreeMap<>();
  private final Subscription subscription;
  private long revision;

  /** Begins to follow. */
  public KvReplica(Store store) {
    this.store = store;
    this.subscription = store.subscribe(0, this::follow);
  }

  private void follow(Change change) {
    List<Runnable> reached = new ArrayList<>();
    synchronized (this) {
      switch (change) {
        case Change.Committed committed -> {
          if (committed.machine().equals(KvMachine.NAME)) {
            keys.apply(committed.revision(), committed.command());
          }
        }
        case Change.Replaced replaced -> {
          byte[] snapshot = replaced.snapshots().get(KvMachine.NAME);
          if (snapshot != null) {
            keys.restore(snapshot);
          }
        }
      }
      revision = change.revision();
      Map<Long, List<Runnable>> due = waiting.headMap(revision, true);
      due.values().forEach(reached::addAll);
      due.clear();
    }
    reached.forEach(Runnable::run);
  }

  /** What this replica holds now. */
  public synchronized Read local(String key) {
    return new Read(revision, keys.get(key));
  }

  /** The keys below a prefix that this replica holds now. */
  public synchronized List<KvEntry> list(String prefix) {
    return keys.list(prefix);
  }

  /** A linearizable read; fails as {@link Store#barrier} does. */
  public CompletableFuture<Read> read(String key) {
    return fresh(() -> local(key));
  }

  private synchronized List<Lease> leases() {
    return keys.leases();
  }

  private synchronized Optional<Lease> lease(long id) {
    return Optional.ofNullable(keys.lease(id));
  }

  /** A linearizable read of one lease: its time to live and its keys. */
  public CompletableFuture<Optional<Lease>> readLease(long id) {
    return fresh(() -> lease(id));
  }

  /** The same of all leases, by their ids. */
  public CompletableFuture<List<Lease>> readLeases() {
    return fresh(this::leases);
  }

  private <T> CompletableFuture<T> fresh(Supplier<T> reading) {
    return store.barrier().thenCompose(barrier -> {
      CompletableFuture<T> future = new CompletableFuture<>();
      T now;
      synchronized (this) {
        if (revision < barrier) {
          waiting
              .computeIfAbsent(barrier, r -> new ArrayList<>())
              .add(() -> future.complete(reading.get()));
          return future;
        }
        now = reading.get();
      }
      future.complete(now);
      return future;
    });
  }

  @Override
  public void close() {
    subscription.close();
  }
}
