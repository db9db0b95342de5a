package dev.catwalk.raftstore.contract;

import dev.catwalk.raftstore.atomix.Cluster;
import dev.catwalk.raftstore.machine.ReplicatedCore;
import dev.catwalk.raftstore.store.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** A member's door, then those of two clients, then the other members'. */
final class MembersAndClients implements StoreContract.Rig {
  private final Cluster cluster;
  private List<Store> stores = List.of();

  MembersAndClients(Cluster cluster) {
    this.cluster = cluster;
    start();
  }

  private void start() {
    cluster.startAll();
    List<Store> all = new ArrayList<>(cluster.stores());
    all.add(1, cluster.client("c1"));
    all.add(2, cluster.client("c2"));
    stores = List.copyOf(all);
    await(() -> stores.stream().allMatch(store -> store.status().quorum()));
  }

  @Override
  public List<Store> stores() {
    return stores;
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
    stores.get(1).close();
    stores.get(2).close();
    cluster.stopAll();
    start();
  }

  @Override
  public int changesHeld() {
    return ReplicatedCore.RING_CHANGES;
  }

  @Override
  public void close() {
    stores.get(1).close();
    stores.get(2).close();
    cluster.close();
  }
}
