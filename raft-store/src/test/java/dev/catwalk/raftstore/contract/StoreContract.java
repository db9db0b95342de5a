package dev.catwalk.raftstore.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.raftstore.machine.Applied;
import dev.catwalk.raftstore.machine.Change;
import dev.catwalk.raftstore.machine.KvEntry;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvOutcome;
import dev.catwalk.raftstore.machine.KvTransaction;
import dev.catwalk.raftstore.machine.KvTransaction.Delete;
import dev.catwalk.raftstore.machine.KvTransaction.Get;
import dev.catwalk.raftstore.machine.KvTransaction.Put;
import dev.catwalk.raftstore.machine.Lease;
import dev.catwalk.raftstore.store.KvLeases;
import dev.catwalk.raftstore.store.KvReplica;
import dev.catwalk.raftstore.store.KvWatch;
import dev.catwalk.raftstore.store.Store;
import dev.catwalk.raftstore.store.Subscription;
import dev.catwalk.raftstore.trial.Clients;
import dev.catwalk.raftstore.trial.KeyReader;
import dev.catwalk.raftstore.trial.Linearizability;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every engine promises, whatever it is. */
abstract class StoreContract {

  /** The members of one store, all up and with a leader. */
  interface Rig extends AutoCloseable {
    /** The doors, one of each member. */
    List<Store> stores();

    /** Lets time pass until that holds. */
    void await(BooleanSupplier condition);

    /** A clock for histories. */
    long now();

    /** Stops all members and starts them again. */
    void restartAll() throws Exception;

    /** Changes that a member holds for watches; older ones it may have forgotten. */
    int changesHeld();

    @Override
    void close();
  }

  private Rig rig;

  abstract Rig open() throws Exception;

  @BeforeEach
  void begin() throws Exception {
    rig = open();
  }

  @AfterEach
  void end() throws Exception {
    rig.close();
  }

  private <T> T get(CompletableFuture<T> future) {
    rig.await(future::isDone);
    return future.join();
  }

  private Store member(int i) {
    return rig.stores().get(i % rig.stores().size());
  }

  private Applied put(int member, String key, String value) {
    return get(member(member)
        .submit(KvMachine.NAME, KvTransaction.put(key, value.getBytes(UTF_8)).encode()));
  }

  private KvOutcome.Done transact(int member, KvTransaction transaction) {
    Applied applied = get(member(member).submit(KvMachine.NAME, transaction.encode()));
    return assertInstanceOf(KvOutcome.Done.class, KvOutcome.decode(applied.outcome()));
  }

  @Test
  void whatManyClientsSeeIsLinearizable() {
    Clients clients = new Clients(0, rig::now);
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Store store = i % 2 == 0 ? member(i) : reader(member(i));
      all.add(clients.work(() -> store, new SplittableRandom(i), 60));
    }
    all.forEach(this::get);
    clients
        .histories()
        .forEach((key, history) -> assertTrue(Linearizability.holds(history), key + history));
    assertEquals(480, clients.histories().values().stream().mapToInt(List::size).sum());
  }

  private static KeyReader reader(Store store) {
    return store instanceof KeyReader reader ? reader : KeyReader.over(store);
  }

  /** A barrier is a linearizable read of the local state; without one it is of its revision. */
  @Test
  void localReadsAreOfTheirRevisionAndABarrierMakesThemFresh() {
    int members = rig.stores().size();
    List<KvMachine> replicas = new ArrayList<>();
    List<Queue<Long>> reached = new ArrayList<>();
    for (Store store : rig.stores()) {
      KvMachine replica = new KvMachine();
      Queue<Long> revisions = new ConcurrentLinkedQueue<>(List.of(0L));
      replicas.add(replica);
      reached.add(revisions);
      var unused = store.subscribe(0, change -> {
        Change.Committed committed = (Change.Committed) change;
        if (committed.machine().equals(KvMachine.NAME)) {
          synchronized (replica) {
            var outcome = replica.apply(committed.revision(), committed.command());
            assertEquals(new String(committed.outcome(), UTF_8), new String(outcome, UTF_8));
          }
        }
        revisions.add(committed.revision());
      });
    }
    for (int i = 0; i < 20; i++) {
      Applied written = put(i, "k", "v" + i);
      long barrier = get(member(i + 1).barrier());
      assertTrue(barrier >= written.revision(), "not below what was acknowledged");
      int reader = (i + 1) % members;
      rig.await(() -> reached.get(reader).stream().anyMatch(r -> r >= barrier));
      synchronized (replicas.get(reader)) {
        KvEntry entry = replicas.get(reader).get("k");
        assertEquals("v" + i, new String(entry.value(), UTF_8));
        assertEquals(written.revision(), entry.modRevision());
      }
    }
  }

  @Test
  void aTransactionIsDoneWhollyOrNotAtAll() {
    long a = put(0, "a", "1").revision();
    KvTransaction both = new KvTransaction(
        List.of(new KvTransaction.Compare("a", a), new KvTransaction.Compare("b", 0)),
        List.of(new Put("a", "2".getBytes(UTF_8)), new Put("b", "2".getBytes(UTF_8))),
        List.of(new Get("a"), new Get("b")));
    assertTrue(transact(1, both).succeeded());
    KvOutcome.Done again = transact(2, both);
    assertEquals(false, again.succeeded());
    assertEquals("2", new String(again.results().getFirst().value(), UTF_8));
    assertEquals(
        again.results().getFirst().modRevision(), again.results().getLast().modRevision());
  }

  @Test
  void swapsAtOnceLoseNothing() {
    List<CompletableFuture<Integer>> all = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      all.add(count(member(i), 15));
    }
    all.forEach(this::get);
    KvOutcome.Done end =
        transact(0, new KvTransaction(List.of(), List.of(new Get("n")), List.of()));
    assertEquals("90", new String(end.results().getFirst().value(), UTF_8));
  }

  /** Adds one so many times, by compare and set. */
  private static CompletableFuture<Integer> count(Store store, int left) {
    return left == 0
        ? CompletableFuture.completedFuture(0)
        : swap(store, 0, 0).thenCompose(done -> count(store, left - 1));
  }

  private static CompletableFuture<Integer> swap(Store store, long revision, int value) {
    byte[] next = String.valueOf(value + 1).getBytes(UTF_8);
    return store
        .submit(KvMachine.NAME, KvTransaction.putIf("n", revision, next).encode())
        .thenCompose(applied -> {
          KvOutcome.Done done = (KvOutcome.Done) KvOutcome.decode(applied.outcome());
          if (done.succeeded()) {
            return CompletableFuture.completedFuture(value + 1);
          }
          KvEntry now = done.results().getFirst();
          return swap(store, now.modRevision(), Integer.parseInt(new String(now.value(), UTF_8)));
        });
  }

  /** A change as text: revision, then keys with + or -. */
  private static String text(KvWatch.Event event) {
    return switch (event) {
      case KvWatch.Compacted compacted ->
        compacted.revision() + " all "
            + compacted.entries().stream().map(KvEntry::key).toList();
      case KvWatch.Changed changed ->
        changed.revision() + " "
            + changed.deeds().stream()
                .map(op -> (op instanceof Put ? "+" : "-") + op.key())
                .toList();
    };
  }

  private Queue<String> watch(int member, String prefix, long from) {
    Queue<String> seen = new ConcurrentLinkedQueue<>();
    var unused = KvWatch.open(member(member), prefix, from, event -> seen.add(text(event)));
    return seen;
  }

  @Test
  void aWatchSeesEveryChangeBelowItsPrefixOnceAndInOrder() throws Exception {
    Queue<String> all = watch(1, "a/", 0);
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      expected.add(put(i, "a/" + i, "x").revision() + " [+a/" + i + "]");
      put(i, "b/" + i, "x");
    }
    KvTransaction several = new KvTransaction(
        List.of(),
        List.of(
            new Delete("a/3"),
            new Delete("a/none"),
            new Put("b/x", new byte[1]),
            new Get("a/4"),
            new Put("a/x", new byte[1])),
        List.of());
    expected.add(
        get(member(0).submit(KvMachine.NAME, several.encode())).revision() + " [-a/3, +a/x]");
    rig.await(() -> all.size() == expected.size());
    assertEquals(expected, List.copyOf(all));

    long middle = Long.parseLong(expected.get(9).split(" ")[0]);
    Queue<String> rest = watch(2, "a/", middle);
    rig.await(() -> rest.size() == expected.size() - 10);
    assertEquals(expected.subList(10, expected.size()), List.copyOf(rest));

    rig.restartAll();
    Queue<String> after = watch(0, "a/", middle);
    expected.add(put(1, "a/after", "x").revision() + " [+a/after]");
    rig.await(() -> after.size() == expected.size() - 10);
    assertEquals(expected.subList(10, expected.size()), List.copyOf(after));
  }

  @Test
  void aWatchFromTooLongAgoIsToldSoAndGoesOn() {
    put(0, "a/1", "x");
    List<CompletableFuture<Applied>> all = new ArrayList<>();
    for (int i = 0; i < rig.changesHeld() + 10; i++) {
      all.add(member(0)
          .submit(KvMachine.NAME, KvTransaction.put("b/" + i % 5, new byte[1]).encode()));
      if (all.size() % 1000 == 0) {
        all.forEach(this::get);
        all.clear();
      }
    }
    all.forEach(this::get);
    long now = put(0, "a/2", "x").revision();
    rig.await(() -> member(0).status().revision() >= now); // A follower hears of it a moment later.
    Queue<String> late = watch(0, "a/", 1);
    rig.await(() -> !late.isEmpty());
    assertEquals(now + " all [a/1, a/2]", late.peek());
    long next = put(0, "a/3", "x").revision();
    rig.await(() -> late.size() == 2);
    assertEquals(List.of(now + " all [a/1, a/2]", next + " [+a/3]"), List.copyOf(late));
  }

  @Test
  void aWatchThatIsClosedHearsNothingMore() {
    Queue<String> closed = new ConcurrentLinkedQueue<>();
    Subscription subscription = KvWatch.open(member(0), "", 0, event -> closed.add(text(event)));
    put(0, "a", "x");
    rig.await(() -> closed.size() == 1);
    subscription.close();
    Queue<String> open = watch(0, "", 0);
    put(0, "b", "x");
    rig.await(() -> open.size() == 2);
    assertEquals(1, closed.size());
  }

  private KvOutcome putLeased(int member, long lease, String... keys) {
    List<KvTransaction.Op> puts = new ArrayList<>();
    for (String key : keys) {
      puts.add(new Put(key, new byte[1], lease));
    }
    KvTransaction all = new KvTransaction(List.of(), puts, List.of());
    return KvOutcome.decode(
        get(member(member).submit(KvMachine.NAME, all.encode())).outcome());
  }

  /** Time is the log's, and members, clients and processes of an engine have leases alike. */
  @Test
  void keysGoWithTheirLeaseAndStayWhileItIsKeptAlive() {
    Queue<String> seen = watch(2, "l/", 0);
    KvLeases leases = new KvLeases(member(1));
    KvLeases elsewhere = new KvLeases(member(0));
    long lasting = get(elsewhere.grant(77, 3_600_000));
    assertEquals(77, lasting);
    assertInstanceOf(KvOutcome.Done.class, putLeased(2, lasting, "l/3", "l/4"));
    long brief;
    do { // A machine that is busy may have taken all of its time before the keys came.
      brief = get(leases.grant(0, Lease.MIN_TTL_MS));
    } while (!(putLeased(1, brief, "l/1", "l/2") instanceof KvOutcome.Done));
    rig.await(() -> seen.stream().anyMatch(event -> event.endsWith(" [-l/1, -l/2]")));
    assertEquals(false, get(elsewhere.keepAlive(brief)));
    assertEquals(false, get(leases.revoke(brief)));
    assertInstanceOf(KvOutcome.Refused.class, putLeased(0, brief, "l/5"));

    try (KvReplica replica = new KvReplica(member(2))) {
      rig.await(() -> get(replica.readLease(77)).orElseThrow().remainingMs() < 3_600_000);
      rig.await(() -> get(elsewhere.keepAlive(77))
          && get(replica.readLease(77)).orElseThrow().remainingMs() == 3_600_000);
      put(0, "l/3", "without one");
      assertEquals(
          List.of("l/4"), List.copyOf(get(replica.readLease(77)).orElseThrow().keys()));
      assertEquals(true, get(leases.revoke(77)));
      assertTrue(get(replica.readLease(77)).isEmpty());
      assertTrue(get(replica.read("l/3")).entry() != null);
    }
    rig.await(() -> seen.stream().anyMatch(event -> event.endsWith(" [-l/4]")));
    CompletableFuture<Long> tooLong = elsewhere.grant(0, Lease.MAX_TTL_MS + 1);
    rig.await(tooLong::isDone);
    assertTrue(tooLong.isCompletedExceptionally());
  }
}
