package dev.catwalk.raftstore.memory;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.net.sim.VirtualTime;
import dev.catwalk.raftstore.machine.Applied;
import dev.catwalk.raftstore.machine.Change.Committed;
import dev.catwalk.raftstore.machine.Change.Replaced;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvTransaction;
import dev.catwalk.raftstore.store.Store;
import dev.catwalk.raftstore.store.StoreException;
import dev.catwalk.raftstore.store.StoreStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SimulatedStoresTest {
  private static final List<String> NAMES = List.of("n1", "n2", "n3");

  private final VirtualTime time = new VirtualTime(1);
  private final SimulatedStores stores =
      new SimulatedStores(time, NAMES, () -> List.of(new KvMachine()));

  private static CompletableFuture<Applied> put(Store store, String key) {
    return store.submit("kv", KvTransaction.put(key, key.getBytes(UTF_8)).encode());
  }

  private static StoreException.Kind refusal(CompletableFuture<?> future) {
    assertTrue(future.isCompletedExceptionally(), "refused");
    try {
      var unused = future.join();
      throw new AssertionError();
    } catch (CompletionException e) {
      return ((StoreException) e.getCause()).kind();
    }
  }

  @Test
  void whatWaitsGoesIntoFewEntries() {
    List<CompletableFuture<Applied>> all = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      all.add(put(stores.store("n2"), "k" + i));
    }
    time.run(1000);
    assertTrue(all.stream().allMatch(CompletableFuture::isDone));
    assertEquals(1000, stores.store("n3").status().revision());
    assertTrue(stores.entries() < 10, "entries: " + stores.entries());
  }

  @Test
  void withoutAMajorityACommandIsRefusedWithinTwoSeconds() {
    stores.cut("n2");
    stores.crash("n3");
    time.run(2000);
    CompletableFuture<Applied> refused = put(stores.store("n1"), "a");
    time.run(2000);
    assertEquals(StoreException.Kind.NO_QUORUM, refusal(refused));
    assertFalse(stores.store("n1").status().quorum());
    stores.heal("n2");
    time.run(2000);
    CompletableFuture<Applied> accepted = put(stores.store("n1"), "b");
    time.run(100);
    assertTrue(accepted.isDone() && !accepted.isCompletedExceptionally());
    assertTrue(stores.store("n2").status().quorum());
  }

  @Test
  void badRequestsAreRefusedAtOnce() {
    Store store = stores.store("n1");
    assertEquals(StoreException.Kind.UNKNOWN_MACHINE, refusal(store.submit("nobody", new byte[0])));
    assertEquals(
        StoreException.Kind.TOO_LARGE,
        refusal(store.submit("kv", new byte[Store.MAX_COMMAND + 1])));
    stores.crash("n2");
    assertEquals(StoreException.Kind.CLOSED, refusal(put(stores.store("n2"), "x")));
    assertEquals(StoreStatus.Role.STOPPED, stores.store("n2").status().role());
  }

  @Test
  void aQueueThatIsFullRefuses() {
    stores.cut("n1");
    Store store = stores.store("n1");
    CompletableFuture<Applied> last = put(store, "k");
    for (int i = 0; i < 20_000 && !last.isDone(); i++) {
      last = put(store, "k" + i);
    }
    assertEquals(StoreException.Kind.OVERLOADED, refusal(last));
  }

  /** One follower's view, checked as it comes. */
  private static final class View {
    final KvMachine kv = new KvMachine();
    long revision;

    void follow(Store store) {
      store.subscribe(revision, change -> {
        switch (change) {
          case Committed committed -> {
            assertEquals(revision + 1, committed.revision(), "no gap, no duplicate");
            kv.apply(committed.revision(), committed.command());
          }
          case Replaced replaced -> {
            assertTrue(replaced.revision() > revision);
            kv.restore(replaced.snapshots().get("kv"));
          }
        }
        revision = change.revision();
      });
    }
  }

  /** Whatever happens: acknowledged is there once, members agree, followers see it all. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void nothingAcknowledgedIsLostOrDoubled(long seed) {
    VirtualTime clock = new VirtualTime(seed);
    SimulatedStores world = new SimulatedStores(clock, NAMES, () -> List.of(new KvMachine()));
    world.commitTwice(0.2);
    TreeMap<String, Long> acknowledged = new TreeMap<>();
    TreeMap<String, View> views = new TreeMap<>();
    for (String name : NAMES) {
      views.put(name, new View());
      views.get(name).follow(world.store(name));
    }
    TreeSet<String> down = new TreeSet<>();
    TreeSet<String> away = new TreeSet<>();
    for (int step = 0; step < 400; step++) {
      String name = NAMES.get(clock.random().nextInt(NAMES.size()));
      String key = "k" + step;
      var unused = put(world.store(name), key).whenComplete((applied, error) -> {
        if (error == null) {
          acknowledged.put(key, applied.revision());
        }
      });
      switch (clock.random().nextInt(40)) {
        case 0 -> world.loseLeader();
        case 1 -> {
          if (down.isEmpty() && away.add(name)) {
            world.cut(name);
          }
        }
        case 2, 3 -> {
          away.forEach(world::heal);
          away.clear();
        }
        case 4 -> {
          if (away.isEmpty() && down.isEmpty()) {
            world.crash(name);
            down.add(name);
          }
        }
        case 5, 6 -> {
          for (String member : down) {
            world.restart(member, clock.random().nextInt(20));
            views.put(member, new View());
            views.get(member).follow(world.store(member));
          }
          down.clear();
        }
        default -> {}
      }
      clock.run(clock.random().nextInt(60));
    }
    away.forEach(world::heal);
    down.forEach(member -> {
      world.restart(member, 3);
      views.put(member, new View());
      views.get(member).follow(world.store(member));
    });
    clock.run(30_000);
    CompletableFuture<Long> barrier = world.store("n1").barrier();
    clock.run(1000);
    long revision = barrier.join();
    assertTrue(acknowledged.size() > 100, "most commands get through: " + acknowledged.size());
    for (String name : NAMES) {
      StoreStatus status = world.store(name).status();
      assertEquals(revision, status.revision());
      assertEquals(world.store("n1").status().stateHash(), status.stateHash());
      assertEquals(revision, views.get(name).revision);
      acknowledged.forEach((key, at) -> {
        assertNotNull(views.get(name).kv.get(key), key);
        assertEquals(at, views.get(name).kv.get(key).modRevision(), "applied once: " + key);
      });
    }
    assertEquals(acknowledged.size(), new TreeSet<>(acknowledged.values()).size());
  }

  @Test
  void aSeedReplaysToTheByte() {
    List<String> hashes = new ArrayList<>();
    for (int run = 0; run < 2; run++) {
      VirtualTime clock = new VirtualTime(7);
      SimulatedStores world = new SimulatedStores(clock, NAMES, () -> List.of(new KvMachine()));
      world.commitTwice(0.5);
      for (int i = 0; i < 50; i++) {
        var unused = put(world.store(NAMES.get(i % 3)), "k" + i);
        clock.run(clock.random().nextInt(10));
      }
      clock.run(5000);
      hashes.add(world.store("n2").status().stateHash());
    }
    assertEquals(hashes.get(0), hashes.get(1));
  }
}
