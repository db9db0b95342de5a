package dev.catwalk.raftstore.contract;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.net.sim.VirtualTime;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.ReplicatedCore;
import dev.catwalk.raftstore.memory.SimulatedStores;
import dev.catwalk.raftstore.store.Store;
import java.util.List;
import java.util.function.BooleanSupplier;

/** The contract on the simulated log, where answers are lost and entries come twice. */
class SimulatedContractTest extends StoreContract {
  private static final List<String> NAMES = List.of("n1", "n2", "n3");

  @Override
  Rig open() {
    VirtualTime time = new VirtualTime(7);
    SimulatedStores stores = new SimulatedStores(time, NAMES, () -> List.of(new KvMachine()));
    stores.commitTwice(0.1);
    return new Rig() {
      private long ticks;

      @Override
      public List<Store> stores() {
        return NAMES.stream().map(stores::store).toList();
      }

      @Override
      public void await(BooleanSupplier condition) {
        for (int i = 0; i < 100_000 && !condition.getAsBoolean(); i++) {
          time.run(10);
        }
        assertTrue(condition.getAsBoolean(), "in 1,000 s of virtual time");
      }

      @Override
      public long now() {
        return ++ticks;
      }

      @Override
      public void restartAll() {
        NAMES.forEach(stores::crash);
        NAMES.forEach(name -> stores.restart(name, 0));
        await(() -> stores().stream().allMatch(store -> store.status().quorum()));
      }

      @Override
      public int changesHeld() {
        return ReplicatedCore.RING_CHANGES;
      }

      @Override
      public void close() {}
    };
  }
}
