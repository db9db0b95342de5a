package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.store.StoreConfig;
import dev.catwalk.raftstore.store.StoreException;
import io.atomix.cluster.MemberId;
import io.atomix.protocols.raft.protocol.PollRequest;
import io.atomix.protocols.raft.protocol.PollResponse;
import io.atomix.protocols.raft.protocol.VoteRequest;
import io.atomix.protocols.raft.protocol.VoteResponse;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Defects 2 and 7: a disk that has lost something never makes the cluster lose it. */
class LostDiskTest {
  @TempDir
  Path directory;

  private static String problem(AtomixStore store) {
    String problem = store.status().problem();
    return problem == null ? "" : problem;
  }

  /** 2: the emptied disk of a member held the only other copy; without it nothing is decided. */
  @Test
  void aMemberThatLostItsDiskDoesNotHelpOneThatIsBehindToLead() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.startAll();
      String whole = cluster.leader();
      String behind = cluster.follower();
      String emptied = List.of("n1", "n2", "n3").stream()
          .filter(name -> !name.equals(whole) && !name.equals(behind))
          .findFirst()
          .orElseThrow();
      cluster.assertAgreement(ClusterTest.write(cluster.open.get(whole), 50, "a/"));
      cluster.stop(behind);
      long acknowledged = ClusterTest.write(cluster.open.get(whole), 50, "b/");
      cluster.stop(emptied);
      cluster.stop(whole);

      Soak.deleteTree(directory.resolve(emptied));
      AtomixStore empty = cluster.start(emptied);
      AtomixStore old = cluster.start(behind);
      Cluster.await("it to ask", () -> problem(empty).contains("take it in anew"));
      assertEquals(
          StoreException.Kind.NO_QUORUM, ClusterTest.refusal(ClusterTest.put(old, "c", 1)));
      assertFalse(old.status().quorum());
      assertFalse(empty.status().quorum());

      cluster.start(whole);
      cluster.assertAgreement(acknowledged);
      assertTrue(
          Files.readString(directory.resolve(emptied + "/standing")).contains("phase MEMBER"));
      assertTrue(ClusterTest.write(empty, 50, "d/") >= acknowledged + 50);

      // Taken in, it counts: with it and without the one that was whole, the others go on.
      cluster.stop(whole);
      assertTrue(ClusterTest.write(empty, 10, "e/") >= acknowledged + 60);
      cluster.stop(emptied);
      cluster.startAll();
      cluster.assertAgreement(acknowledged + 60);
    }
  }

  /** 2: what it has voted before is forgotten with the disk, so it does not vote there again. */
  @Test
  void aMemberThatWasTakenInAnewVotesOnlyAboveItsAdmissionAndWhenItHasCaughtUp() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      Files.createDirectories(directory.resolve("n1"));
      Standing.fresh(5).member(7, 100, new TreeMap<>()).store(directory.resolve("n1/standing"));
      AtomixStore store = cluster.start("n1");
      Cluster.await("its term", () -> store.engine().getTerm() >= 7);
      assertFalse(vote(store, 7, 500), "a term in which its earlier disk may have voted");
      assertFalse(vote(store, 8, 500), "its log does not reach its admission");
      PollRequest poll = PollRequest.builder()
          .withTerm(8)
          .withCandidate(MemberId.from("n2"))
          .withLastLogIndex(500)
          .withLastLogTerm(7)
          .build();
      var polled = assertInstanceOf(
          PollResponse.class, store.guards().handle(poll).get(5, TimeUnit.SECONDS));
      assertFalse(polled.accepted());
      assertEquals(7, store.engine().getTerm(), "and it does not stand for election");
    }
    try (Cluster cluster = new Cluster(directory.resolve("caught up"), 3, Cluster.SMALL)) {
      Files.createDirectories(directory.resolve("caught up/n1"));
      Standing.fresh(5)
          .member(7, 0, new TreeMap<>())
          .store(directory.resolve("caught up/n1/standing"));
      AtomixStore store = cluster.start("n1");
      Cluster.await("its term", () -> store.engine().getTerm() >= 7);
      assertFalse(vote(store, 7, 500));
      assertTrue(vote(store, 9, 500));
    }
  }

  private static boolean vote(AtomixStore store, long term, long lastIndex) throws Exception {
    VoteRequest request = VoteRequest.builder()
        .withTerm(term)
        .withCandidate(MemberId.from("n2"))
        .withLastLogIndex(lastIndex)
        .withLastLogTerm(term - 1)
        .build();
    return assertInstanceOf(
            VoteResponse.class, store.guards().handle(request).get(5, TimeUnit.SECONDS))
        .voted();
  }

  /** 2: nobody founds a cluster beside one who may hold its state. */
  @Test
  void aFirstStartWaitsForEveryMember() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      AtomixStore n1 = cluster.start("n1");
      AtomixStore n2 = cluster.start("n2");
      Cluster.await(
          "the reason",
          () -> problem(n1).endsWith("hold the state")
              && problem(n1).contains("waits for n3:")
              && problem(n2).contains("waits for n3:"));
      assertFalse(n1.status().quorum());
      cluster.start("n3");
      cluster.assertAgreement(ClusterTest.write(n1, 10, "a/"));
    }
  }

  /** 2: a copy of a member's old disk does not speak for it once another was taken in. */
  @Test
  void anOldDiskThatComesBackTakesNoPart() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.startAll();
      cluster.assertAgreement(ClusterTest.write(cluster.open.get("n1"), 20, "a/"));
      cluster.stop("n3");
      Path kept = directory.resolve("kept");
      Files.move(directory.resolve("n3"), kept);
      cluster.start("n3");
      cluster.assertAgreement(ClusterTest.write(cluster.open.get("n3"), 20, "b/"));
      cluster.stop("n3");
      Soak.deleteTree(directory.resolve("n3"));
      Files.move(kept, directory.resolve("n3"));
      AtomixStore old = cluster.start("n3");
      Cluster.await("it to stop", () -> problem(old).contains("another directory was taken in"));
      assertEquals(StoreException.Kind.DIVERGED, ClusterTest.refusal(ClusterTest.put(old, "c", 1)));
    }
  }

  private AtomixStore alone() {
    AtomixStore store = AtomixStore.open(
        StoreConfig.single("n1", directory.resolve("n1")),
        List.of(new KvMachine()),
        Tuning.ALONE,
        error -> {},
        UnaryOperator.identity());
    Cluster.await("a leader", () -> store.status().quorum());
    return store;
  }

  private void assertRefused(String what) {
    StoreException refusal = assertThrows(StoreException.class, this::alone);
    assertEquals(StoreException.Kind.CANNOT_OPEN, refusal.kind());
    assertTrue(refusal.getMessage().contains(what), refusal.getMessage());
  }

  /** 7: a damaged record is no end of the log. */
  @Test
  void aDamagedRecordIsRefusedAndNothingIsTouched() throws Exception {
    try (AtomixStore store = alone()) {
      for (int i = 0; i < 20; i++) {
        ClusterTest.write(store, 10, "k" + i + "/");
      }
    }
    Path segment = directory.resolve("n1/log/raft-1.log");
    byte[] whole = Files.readAllBytes(segment);
    flip(segment, 20_000);
    byte[] damaged = Files.readAllBytes(segment);
    assertRefused("records are damaged or missing");
    assertArrayEquals(damaged, Files.readAllBytes(segment));

    Files.write(segment, whole);
    try (AtomixStore store = alone()) {
      Cluster.await("all of it", () -> store.status().revision() == 200);
    }
  }

  /** 7: nor is a log that is gone an empty one. */
  @Test
  void aLogThatIsGoneIsRefused() throws Exception {
    try (AtomixStore store = alone()) {
      ClusterTest.write(store, 10, "k/");
    }
    Soak.deleteTree(directory.resolve("n1/log"));
    assertRefused("was on this disk");
  }

  /** 7: the same for a member of three; what follows the refusal heals it. */
  @Test
  void aMemberWithADamagedLogIsRefusedAndComesBackWithAnEmptyDirectory() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.startAll();
      String victim = cluster.follower();
      long revision = 0;
      for (int i = 0; i < 10; i++) {
        revision = ClusterTest.write(cluster.open.get(victim), 5, "k" + i + "/");
      }
      cluster.assertAgreement(revision);
      cluster.stop(victim);
      flip(directory.resolve(victim + "/log/raft-1.log"), 3000);
      StoreException refusal = assertThrows(StoreException.class, () -> cluster.start(victim));
      assertTrue(refusal.getMessage().contains("remove the directory"), refusal.getMessage());
      Soak.deleteTree(directory.resolve(victim));
      cluster.start(victim);
      cluster.assertAgreement(ClusterTest.write(cluster.open.get(victim), 5, "again/"));
    }
  }

  private static void flip(Path file, long at) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(at);
      int old = bytes.read();
      bytes.seek(at);
      bytes.write(old ^ 1);
    }
  }
}
