package dev.catwalk.raftstore.trial;

import dev.catwalk.raftstore.machine.Applied;
import dev.catwalk.raftstore.machine.KvEntry;
import dev.catwalk.raftstore.store.Feed;
import dev.catwalk.raftstore.store.KvReplica;
import dev.catwalk.raftstore.store.Store;
import dev.catwalk.raftstore.store.StoreStatus;
import dev.catwalk.raftstore.store.Subscription;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A store that reads keys without an entry of the log for each. */
public interface KeyReader extends Store {
  /** What is there of a key, and nothing older than what was acknowledged before the call. */
  CompletableFuture<Optional<KvEntry>> read(String key);

  /** A store that reads by a replica of its own, which follows it from now on. */
  static KeyReader over(Store store) {
    KvReplica replica = new KvReplica(store);
    return new KeyReader() {
      @Override
      public CompletableFuture<Optional<KvEntry>> read(String key) {
        return replica.read(key).thenApply(read -> Optional.ofNullable(read.entry()));
      }

      @Override
      public CompletableFuture<Applied> submit(String machine, byte[] command) {
        return store.submit(machine, command);
      }

      @Override
      public CompletableFuture<Long> barrier() {
        return store.barrier();
      }

      @Override
      public Subscription subscribe(long fromRevision, Feed feed) {
        return store.subscribe(fromRevision, feed);
      }

      @Override
      public CompletableFuture<byte[]> backup() {
        return store.backup();
      }

      @Override
      public StoreStatus status() {
        return store.status();
      }

      @Override
      public void close() {
        replica.close();
      }
    };
  }
}
