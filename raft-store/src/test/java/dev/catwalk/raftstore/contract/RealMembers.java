package dev.catwalk.raftstore.contract;

import dev.catwalk.raftstore.atomix.Cluster;
import dev.catwalk.raftstore.machine.ReplicatedCore;
import dev.catwalk.raftstore.store.Store;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Members of the engine itself in this JVM, on real disks and sockets. */
final class RealMembers implements StoreContract.Rig {
  private final Cluster cluster;

  RealMembers(Cluster cluster) {
    this.cluster = cluster;
    start();
  }

  private void start() {
    cluster.startAll();
    await(() -> stores().stream().allMatch(store -> store.status().quorum()));
  }

  @Override
  public List<Store> stores() {
    return cluster.stores();
  }

  @Override
  public void await(BooleanSupplier condition) {
    Cluster.await("what the contract says", condition);
  }

  @Override
  public long now() {
    return System.nanoTime();
  }

  @Override
  public void restartAll() {
    cluster.stopAll();
    start();
  }

  @Override
  public int changesHeld() {
    return ReplicatedCore.RING_CHANGES;
  }

  @Override
  public void close() {
    cluster.close();
  }
}
