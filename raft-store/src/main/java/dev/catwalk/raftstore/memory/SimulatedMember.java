package dev.catwalk.raftstore.memory;

import dev.catwalk.raftstore.machine.Applied;
import dev.catwalk.raftstore.machine.Machine;
import dev.catwalk.raftstore.store.Door;
import dev.catwalk.raftstore.store.Feed;
import dev.catwalk.raftstore.store.LocalReplica;
import dev.catwalk.raftstore.store.LogClock;
import dev.catwalk.raftstore.store.NewerCommands;
import dev.catwalk.raftstore.store.Store;
import dev.catwalk.raftstore.store.StoreException;
import dev.catwalk.raftstore.store.StoreException.Kind;
import dev.catwalk.raftstore.store.StoreStatus;
import dev.catwalk.raftstore.store.StoreStatus.Role;
import dev.catwalk.raftstore.store.Subscription;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** One start of one simulated member. */
final class SimulatedMember implements Store {
  private final SimulatedStores all;
  private final String name;
  private final LocalReplica replica;
  private final Door door;
  private final LogClock clock;
  boolean up = true;
  boolean reachable = true;
  boolean replicating;

  SimulatedMember(SimulatedStores all, String name, List<Machine> machines) {
    this.all = all;
    this.name = name;
    this.replica = new LocalReplica(machines, task -> all.time().after(0, task));
    long client = all.time().random().nextLong();
    this.door = new Door(
        client,
        frame -> all.commit(this, frame),
        (delayMs, task) -> all.time().after(delayMs, task),
        all.time()::nowMs,
        () -> all.quorum(this));
    this.clock = new LogClock(replica, ~client);
  }

  String name() {
    return name;
  }

  LocalReplica replica() {
    return replica;
  }

  Door door() {
    return door;
  }

  LogClock clock() {
    return clock;
  }

  @Override
  public CompletableFuture<Applied> submit(String machine, byte[] command) {
    if (!replica.knows(machine)) {
      return CompletableFuture.failedFuture(
          new StoreException(Kind.UNKNOWN_MACHINE, "the store has no machine \"" + machine + "\""));
    }
    return NewerCommands.submit(
        this, replica, machine, command, () -> door.submit(machine, command));
  }

  @Override
  public CompletableFuture<Long> barrier() {
    return door.barrier();
  }

  @Override
  public Subscription subscribe(long fromRevision, Feed feed) {
    return replica.subscribe(fromRevision, feed);
  }

  @Override
  public CompletableFuture<byte[]> backup() {
    return door.barrier()
        .thenCompose(revision -> replica.snapshotAt(revision, task -> {
          var unused = all.time().after(1, task);
        }));
  }

  @Override
  public StoreStatus status() {
    boolean quorum = all.quorum(this);
    Role role = !up ? Role.STOPPED : name.equals(all.leader()) ? Role.LEADER : Role.FOLLOWER;
    return replica.status(
        role, quorum ? all.leader() : null, all.names(), replica.origin(), quorum, "none", null);
  }

  @Override
  public void close() {
    if (up) {
      all.crash(name);
    }
  }
}
