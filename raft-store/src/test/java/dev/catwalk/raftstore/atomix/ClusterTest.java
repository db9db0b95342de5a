package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.raftstore.machine.Applied;
import dev.catwalk.raftstore.machine.Change;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvTransaction;
import dev.catwalk.raftstore.store.Store;
import dev.catwalk.raftstore.store.StoreConfig;
import dev.catwalk.raftstore.store.StoreException;
import dev.catwalk.raftstore.store.StoreException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the store promises, on three real members in this JVM. */
class ClusterTest {
  @TempDir
  Path directory;

  static CompletableFuture<Applied> put(Store store, String key, int size) {
    return store.submit("kv", KvTransaction.put(key, new byte[size]).encode());
  }

  /**
   * Writes until all are acknowledged and returns the highest revision. What is refused, as on a
   * crowded machine whose members elect another leader meanwhile, is written again.
   */
  static long write(Store store, int count, String prefix) {
    List<String> left =
        IntStream.range(0, count).mapToObj(i -> prefix + i % 300).toList();
    long highest = 0;
    for (int attempt = 0; !left.isEmpty(); attempt++) {
      assertTrue(attempt < 10, "refused again and again");
      if (attempt > 0) {
        Cluster.await("a leader", () -> store.status().quorum());
      }
      List<CompletableFuture<Applied>> futures =
          left.stream().map(key -> put(store, key, 300)).toList();
      List<String> refused = new ArrayList<>();
      for (int i = 0; i < futures.size(); i++) {
        try {
          Applied applied = futures.get(i).orTimeout(20, TimeUnit.SECONDS).join();
          highest = Math.max(highest, applied.revision());
        } catch (CompletionException e) {
          refused.add(left.get(i));
        }
      }
      left = refused;
    }
    return highest;
  }

  static Kind refusal(CompletableFuture<?> future) {
    CompletionException e = assertThrows(
        CompletionException.class, () -> future.orTimeout(20, TimeUnit.SECONDS).join());
    return assertInstanceOf(StoreException.class, e.getCause()).kind();
  }

  /** Follows a store and notes every revision; a snapshot is noted as its revision negated. */
  static Queue<Long> follow(Store store, long from) {
    Queue<Long> seen = new ConcurrentLinkedQueue<>();
    store.subscribe(
        from,
        change -> seen.add(
            switch (change) {
              case Change.Committed committed -> committed.revision();
              case Change.Replaced replaced -> -replaced.revision();
            }));
    return seen;
  }

  static void assertContinuous(Queue<Long> seen, long from, long to) {
    Cluster.await("revision " + to, () -> seen.contains(to) || seen.contains(-to));
    long expected = from + 1;
    for (long revision : seen) {
      if (revision < 0) {
        assertTrue(-revision >= expected, "a snapshot goes forward");
        expected = -revision + 1;
      } else {
        assertEquals(expected++, revision, "no gap, no duplicate");
      }
    }
  }

  /** Whether a member's log has lost its beginning, which two snapshots have. */
  private boolean compacted(String name) {
    return !Files.exists(directory.resolve(name).resolve("log/raft-1.log"));
  }

  /** Writes until all open members' logs are compacted: a slow disk takes one snapshot of much. */
  private long writeUntilCompacted(Cluster cluster) {
    long revision = 0;
    for (int i = 0; !cluster.open.keySet().stream().allMatch(this::compacted); i++) {
      assertTrue(i < 400, "200,000 entries and no compaction");
      List<String> names = List.copyOf(cluster.open.keySet());
      revision = write(cluster.open.get(names.get(i % names.size())), 500, "k" + i % 8 + "/");
    }
    return revision;
  }

  @Test
  void membersAgreeWhoeverIsAsked() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.startAll();
      Store leader = cluster.open.get(cluster.leader());
      Store follower = cluster.open.get(cluster.follower());
      assertEquals(500, write(leader, 500, "a/"));
      assertEquals(1000, write(follower, 500, "b/"));
      for (Store store : cluster.open.values()) {
        assertTrue(store.barrier().get(20, TimeUnit.SECONDS) >= 1000);
        assertEquals(List.of("n1", "n2", "n3"), store.status().members());
      }
      cluster.assertAgreement(1000);
      Cluster.await("thirty reads of one term", () -> readsAreNoEntries(cluster, follower));
      Cluster.await("the leader's quorum", () -> leader.status().quorum());
      Cluster.await("the follower's quorum", () -> follower.status().quorum());
      Cluster.await("no complaint", () -> follower.status().problem() == null);
    }
  }

  /** A read is no entry of the log; a leader's first deed is one. False if there was an election. */
  private static boolean readsAreNoEntries(Cluster cluster, Store follower) {
    RaftEngine leader = cluster.open.get(cluster.leader()).engine();
    long term = leader.getTerm();
    long end = leader.getLogWriter().getLastIndex();
    try {
      for (int i = 0; i < 30; i++) {
        assertEquals(1000, follower.barrier().orTimeout(20, TimeUnit.SECONDS).join());
      }
    } catch (CompletionException e) {
      return false; // Refused: nobody led.
    }
    long endNow = leader.getLogWriter().getLastIndex();
    if (leader.getTerm() != term) {
      return false;
    }
    assertEquals(end, endNow, "a read is no entry of the log");
    return true;
  }

  @Test
  void theLeaderStopsAndNothingIsLost() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.startAll();
      String first = cluster.leader();
      String survivor = cluster.follower();
      Queue<Long> seen = follow(cluster.open.get(survivor), 0);
      write(cluster.open.get(survivor), 200, "a/");
      cluster.stop(first);
      Cluster.await("a write after the leader's end", () -> {
        try {
          return put(cluster.open.get(survivor), "after", 10).join().revision() >= 201;
        } catch (CompletionException e) {
          return false;
        }
      });
      write(cluster.open.get(survivor), 200, "b/");
      cluster.start(first);
      long revision = write(cluster.open.get(survivor), 100, "c/");
      cluster.assertAgreement(revision);
      assertContinuous(seen, 0, revision);
    }
  }

  @Test
  void logIsCompactedUnderLoadAndMembersRestartFromSnapshots() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.startAll();
      cluster.leader();
      long revision = writeUntilCompacted(cluster);
      cluster.assertAgreement(revision);
      String hash = cluster.open.get("n1").status().stateHash();
      List.of("n1", "n2", "n3").forEach(cluster::stop);
      cluster.startAll();
      cluster.assertAgreement(revision);
      assertEquals(hash, cluster.open.get("n2").status().stateHash());
      long from = revision - 10;
      Queue<Long> seen = follow(cluster.open.get("n3"), from);
      revision = write(cluster.open.get("n1"), 50, "again/");
      assertContinuous(seen, from, revision);
      cluster.assertAgreement(revision);
    }
  }

  @Test
  void aMemberThatTheLogNoLongerReachesFetchesASnapshot() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.startAll();
      String late = cluster.follower();
      write(cluster.open.get(late), 100, "before/");
      cluster.stop(late);
      cluster.leader();
      long revision = writeUntilCompacted(cluster);
      cluster.start(late);
      Queue<Long> seen = follow(cluster.open.get(late), 0);
      cluster.assertAgreement(revision);
      Cluster.await("a snapshot instead of entries", () -> seen.stream().anyMatch(r -> r < -100));
      revision = write(cluster.open.get(late), 100, "after/");
      cluster.assertAgreement(revision);
      assertContinuous(seen, 0, revision);
      cluster.stop(late);
      cluster.start(late);
      cluster.assertAgreement(revision);
    }
  }

  @Test
  void withoutAMajorityAWriteIsRefusedAndWithOneItGoesOn() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.startAll();
      String alone = cluster.leader();
      write(cluster.open.get(alone), 10, "a/");
      List<String> others =
          List.of("n1", "n2", "n3").stream().filter(n -> !n.equals(alone)).toList();
      others.forEach(cluster::stop);
      CompletableFuture<Long> read = cluster.open.get(alone).barrier(); // It thinks that it leads.
      Cluster.await("no quorum", () -> !cluster.open.get(alone).status().quorum());
      assertEquals(Kind.NO_QUORUM, refusal(put(cluster.open.get(alone), "refused", 10)));
      assertEquals(Kind.NO_QUORUM, refusal(read));
      assertNull(cluster.open.get(alone).status().leader());
      cluster.start(others.getFirst());
      Cluster.await("quorum", () -> cluster.open.get(alone).status().quorum());
      long revision = write(cluster.open.get(alone), 10, "b/");
      cluster.startAll();
      cluster.assertAgreement(revision);
    }
  }

  @Test
  void aClusterOfOneNeedsNoConfigurationAndKeepsItsState() {
    StoreConfig config = StoreConfig.single("alone", directory.resolve("alone"));
    String hash;
    String origin;
    try (AtomixStore store = AtomixStore.open(config, List.of(new KvMachine()))) {
      Cluster.await("it to lead itself", () -> store.status().quorum());
      assertEquals(300, write(store, 300, "k/"));
      hash = store.status().stateHash();
      origin = store.status().origin();
      assertEquals(16, origin.length());
      assertEquals(Kind.UNKNOWN_MACHINE, refusal(store.submit("ipam", new byte[0])));
    }
    try (AtomixStore store = AtomixStore.open(config, List.of(new KvMachine()))) {
      assertEquals(origin, store.status().origin(), "known before the log is replayed");
      Cluster.await("its state", () -> store.status().revision() == 300);
      assertEquals(hash, store.status().stateHash());
      StoreException second = assertThrows(
          StoreException.class, () -> AtomixStore.open(config, List.of(new KvMachine())));
      assertEquals(Kind.CANNOT_OPEN, second.kind());
      assertTrue(second.getMessage().contains("another process"), second.getMessage());
    }
    StoreConfig other =
        new StoreConfig("other", null, config.members(), config.dataDir(), "catwalk", true, null);
    StoreException stranger =
        assertThrows(StoreException.class, () -> AtomixStore.open(other, List.of(new KvMachine())));
    assertTrue(stranger.getMessage().contains("belongs to"), stranger.getMessage());
  }

  @Test
  void aMemberOfAnotherClusterIsRefusedAndSaysSo() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.found();
      cluster.start("n1");
      cluster.start("n2");
      cluster.leader();
      StoreConfig mine = cluster.config("n3");
      StoreConfig wrong = new StoreConfig(
          "n3", mine.listen(), mine.members(), mine.dataDir(), "elsewhere", true, null);
      AtomicBoolean halted = new AtomicBoolean();
      try (AtomixStore stranger = AtomixStore.open(
          wrong,
          List.of(new KvMachine()),
          Cluster.SMALL,
          error -> halted.set(true),
          UnaryOperator.identity())) {
        Cluster.await("the refusal", () -> stranger.status().problem() != null);
        assertTrue(
            stranger.status().problem().contains("cluster"), stranger.status().problem());
        assertFalse(stranger.status().quorum());
      }
      assertFalse(halted.get());
    }
  }

  @Test
  void aTakenPortIsOneLineWithTheRemedy() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.start("n1");
      StoreConfig n2 = cluster.config("n2");
      StoreConfig taken = new StoreConfig(
          "n2", cluster.config("n1").listen(), n2.members(), n2.dataDir(), "test", true, null);
      StoreException e = assertThrows(
          StoreException.class, () -> AtomixStore.open(taken, List.of(new KvMachine())));
      assertEquals(Kind.CANNOT_OPEN, e.kind());
      assertTrue(e.getMessage().contains("store.listen"), e.getMessage());
      cluster.start("n2"); // Nothing is left open by the failure.
    }
  }
}
