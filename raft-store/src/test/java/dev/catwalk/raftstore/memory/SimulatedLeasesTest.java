package dev.catwalk.raftstore.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.net.sim.VirtualTime;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvTransaction;
import dev.catwalk.raftstore.machine.KvTransaction.Delete;
import dev.catwalk.raftstore.machine.KvTransaction.Put;
import dev.catwalk.raftstore.machine.LeaseCommand.Elapse;
import dev.catwalk.raftstore.machine.LeaseCommand.KeepAlive;
import dev.catwalk.raftstore.store.KvLeases;
import dev.catwalk.raftstore.store.KvReplica;
import dev.catwalk.raftstore.store.KvWatch;
import dev.catwalk.raftstore.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Leases in virtual time, whoever leads. */
class SimulatedLeasesTest {
  private static final List<String> NAMES = List.of("n1", "n2", "n3");

  /** What a holder has for a lease to end after its time, when somebody leads. */
  private static final long SOON_MS = 15_000;

  private VirtualTime time = new VirtualTime(1);
  private SimulatedStores stores = stores();
  private final TreeMap<String, Long> goneAtMs = new TreeMap<>();
  private long ledMs;

  private SimulatedStores stores() {
    return new SimulatedStores(time, NAMES, () -> List.of(new KvMachine()));
  }

  /** Notes when a key was first seen to go, and that those of one lease go together. */
  private void watch(String member) {
    KvWatch.open(stores.store(member), "", 0, event -> {
      KvWatch.Changed changed = (KvWatch.Changed) event;
      TreeSet<String> gone = new TreeSet<>();
      for (var deed : changed.deeds()) {
        if (deed instanceof Delete) {
          gone.add(deed.key());
          goneAtMs.putIfAbsent(deed.key(), ledMs);
        }
      }
      for (String key : gone) {
        String pair = key.substring(0, key.length() - 1) + (key.endsWith("a") ? "b" : "a");
        assertTrue(gone.contains(pair), "both keys of a lease in one revision: " + gone);
      }
    });
  }

  /** Lets time pass, and counts that in which somebody led. */
  private void run(long ms) {
    for (long i = 0; i < ms; i++) {
      time.run(1);
      if (stores.leader() != null) {
        ledMs++;
      }
    }
  }

  private <T> T get(CompletableFuture<T> future) {
    for (int i = 0; i < 1000 && !future.isDone(); i++) {
      run(1);
    }
    return future.join();
  }

  /** Whoever has a lease and two keys with it. */
  private final class Holder {
    final String key;
    final long ttlMs;
    boolean alive = true;
    boolean has;
    long id;
    long keptMs;

    Holder(String key, long ttlMs) {
      this.key = key;
      this.ttlMs = ttlMs;
    }

    void begin(String member) {
      long now = ledMs;
      var unused = new KvLeases(stores.store(member))
          .grant(0, ttlMs)
          .thenCompose(granted -> {
            id = granted;
            Put a = new Put(key + "a", new byte[1], id);
            KvTransaction both = new KvTransaction(
                List.of(), List.of(a, new Put(key + "b", new byte[1], id)), List.of());
            return stores.store(member).submit("kv", both.encode());
          })
          .whenComplete((applied, error) -> {
            has = error == null;
            keptMs = now;
          });
    }

    /** Asks at intervals, and again at once after a failure. */
    void keepAlive() {
      if (!alive || !has) {
        return;
      }
      long now = ledMs;
      String member = NAMES.get(time.random().nextInt(NAMES.size()));
      var unused = new KvLeases(stores.store(member)).keepAlive(id).whenComplete((kept, error) -> {
        if (error != null) {
          time.after(50, this::keepAlive);
        } else if (kept) {
          keptMs = Math.max(keptMs, now);
          time.after(ttlMs / 3, this::keepAlive);
        }
      });
    }

    /** Nobody's lease ends before its time. */
    void judge() {
      Long gone = goneAtMs.get(key + "a");
      if (gone != null && has) {
        assertTrue(gone - keptMs >= ttlMs, key + " of " + ttlMs + " ms after " + (gone - keptMs));
        has = false;
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void noLeaseEndsBeforeItsTimeAndEachDoesSoonAfterWhoeverLeads(long seed) {
    time = new VirtualTime(seed);
    stores = stores();
    stores.commitTwice(0.2);
    NAMES.forEach(this::watch);
    List<Holder> holders = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Holder holder = new Holder("h" + i + "-", 1000 + time.random().nextInt(6000));
      holders.add(holder);
      holder.begin(NAMES.get(i % 3));
    }
    run(100);
    holders.forEach(Holder::keepAlive);
    TreeSet<String> down = new TreeSet<>();
    TreeSet<String> away = new TreeSet<>();
    for (int step = 0; step < 120; step++) {
      strike(NAMES.get(time.random().nextInt(NAMES.size())), down, away);
      if (step % 30 == 29) {
        holders.get(step / 30).alive = false;
      }
      int until = 1 + time.random().nextInt(300);
      for (int i = 0; i < until; i++) {
        run(1);
        holders.forEach(Holder::judge);
      }
    }
    away.forEach(stores::heal);
    down.forEach(this::restart);
    for (long i = 0; i < SOON_MS; i++) {
      run(1);
      holders.forEach(Holder::judge);
    }
    List<String> there = new ArrayList<>();
    holders.stream().filter(h -> h.alive && h.has).forEach(h -> there.add(h.key + "a"));
    try (KvReplica replica = new KvReplica(stores.store("n1"))) {
      var unused = get(replica.read(""));
      List<String> found = new ArrayList<>();
      replica.list("").forEach(entry -> found.add(entry.key()));
      found.removeIf(key -> key.endsWith("b"));
      assertEquals(there, found, "those of whoever lives, and no others");
    }
    assertTrue(there.size() > 1, "some holders keep theirs");
    run(500);
    holders.forEach(holder -> holder.alive = false);
    run(SOON_MS + 7000);
    long entries = stores.entries();
    run(5000);
    assertEquals(entries, stores.entries(), "nothing is written while there is no lease");
    assertEquals(
        stores.store("n1").status().stateHash(), stores.store("n3").status().stateHash());
  }

  private void strike(String name, TreeSet<String> down, TreeSet<String> away) {
    switch (time.random().nextInt(12)) {
      case 0 -> stores.loseLeader();
      case 1 -> {
        if (down.isEmpty() && away.add(name)) {
          stores.cut(name);
        }
      }
      case 2, 3 -> {
        away.forEach(stores::heal);
        away.clear();
      }
      case 4 -> {
        if (away.isEmpty() && down.isEmpty()) {
          stores.crash(name);
          down.add(name);
        }
      }
      case 5, 6 -> {
        down.forEach(this::restart);
        down.clear();
      }
      default -> {}
    }
  }

  private void restart(String member) {
    stores.restart(member, time.random().nextInt(10));
    watch(member);
  }

  /** With one leader all the while: within three periods, each a quarter of its time, or a second. */
  @ParameterizedTest(name = "{0} ms, granted {1} ms after another: {2} ms more at most")
  @CsvSource({
    "1000, 0, 1000",
    "1000, 130, 1000",
    "1999, 249, 1800",
    "4000, 10, 3300",
    "20000, 777, 3300"
  })
  void aLeaseThatIsNotKeptAliveEndsOnTime(long ttlMs, long afterMs, long mostMs) {
    watch("n2");
    var unused = get(new KvLeases(stores.store("n3")).grant(1, 3_600_000));
    run(afterMs);
    Holder holder = new Holder("h-", ttlMs);
    long begun = ledMs;
    holder.begin("n1");
    run(ttlMs + mostMs);
    long lived = goneAtMs.get("h-a") - begun;
    assertTrue(lived >= ttlMs && lived <= ttlMs + mostMs, "lived " + lived);
    assertTrue(get(new KvLeases(stores.store("n2")).keepAlive(1)), "the other lives");
  }

  /** However long nobody led, a holder finds its lease with what was left of it. */
  @Test
  void whileNobodyLeadsNoTimePasses() {
    watch("n1");
    Holder holder = new Holder("h-", 2000);
    holder.begin("n1");
    run(1500);
    stores.cut("n2");
    stores.crash("n3");
    stores.loseLeader();
    run(60_000);
    assertTrue(goneAtMs.isEmpty());
    stores.heal("n2");
    run(950);
    assertTrue(get(new KvLeases(stores.store("n2")).keepAlive(holder.id)));
    run(4000);
    assertFalse(goneAtMs.isEmpty());
  }

  @Test
  void nobodyElseSaysThatTimeHasPassed() {
    CompletableFuture<?> said = stores.store("n2").submit("kv", new Elapse(1000).encode());
    assertTrue(said.isCompletedExceptionally(), "refused at once");
    Throwable why = assertThrows(CompletionException.class, said::join).getCause();
    assertEquals(StoreException.Kind.REFUSED, ((StoreException) why).kind());
    CompletableFuture<?> kept = stores.store("n2").submit("kv", new KeepAlive(1).encode());
    run(50);
    assertTrue(kept.isDone() && !kept.isCompletedExceptionally());
  }
}
