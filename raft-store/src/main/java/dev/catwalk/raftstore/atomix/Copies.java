package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.machine.ReplicatedCore;
import dev.catwalk.raftstore.store.LocalReplica;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The whole state for clients that begin, made once for all that come at a time: while it is young,
 * and what has changed since is still held. Any thread.
 */
final class Copies {
  private static final long YOUNG_MS = 5000;

  private final LocalReplica replica;
  private final LongSupplier clockMs;
  private SnapshotFiles.@Nullable Snapshot newest;
  private long madeMs;

  Copies(LocalReplica replica, LongSupplier clockMs) {
    this.replica = replica;
    this.clockMs = clockMs;
  }

  synchronized SnapshotFiles.Snapshot newest() {
    SnapshotFiles.Snapshot now = newest;
    if (now == null || clockMs.getAsLong() - madeMs >= YOUNG_MS) {
      byte[] bytes = replica.snapshot();
      now = new SnapshotFiles.Snapshot(ReplicatedCore.verify(bytes), bytes);
      newest = now;
      madeMs = clockMs.getAsLong();
    }
    return now;
  }
}
