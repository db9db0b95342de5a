package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvTransaction;
import dev.catwalk.raftstore.machine.KvTransaction.Put;
import dev.catwalk.raftstore.machine.MemberChange;
import dev.catwalk.raftstore.machine.MemberChange.Join;
import dev.catwalk.raftstore.machine.MemberChange.Leave;
import dev.catwalk.raftstore.machine.MemberChange.Move;
import dev.catwalk.raftstore.machine.MemberChange.Need;
import dev.catwalk.raftstore.machine.Roster;
import dev.catwalk.raftstore.machine.Roster.Seat;
import dev.catwalk.raftstore.store.KvLeases;
import dev.catwalk.raftstore.store.Store;
import dev.catwalk.raftstore.store.StoreException;
import dev.catwalk.raftstore.store.StoreException.Kind;
import dev.catwalk.raftstore.store.StoreStatus;
import io.atomix.protocols.raft.RaftServer;
import io.atomix.protocols.raft.cluster.impl.RaftMemberContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Members join, leave, move and take another's place while the store works. */
class MembershipTest {
  @TempDir
  Path directory;

  /** Writes so many keys; the revision of the last. */
  static long write(Store store, int count, String prefix) {
    Cluster.await("a leader", () -> store.status().quorum());
    List<CompletableFuture<Long>> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(put(store, prefix + i, 10));
    }
    return all.stream().mapToLong(CompletableFuture::join).max().orElseThrow();
  }

  /** On a crowded machine the leader may change meanwhile. */
  private static CompletableFuture<Long> put(Store store, String key, int attempts) {
    byte[] put = KvTransaction.put(key, new byte[200]).encode();
    CompletableFuture<Long> attempt =
        store.submit(KvMachine.NAME, put).thenApply(applied -> applied.revision());
    return attempts == 1
        ? attempt
        : attempt.exceptionallyCompose(refused -> put(store, key, attempts - 1));
  }

  private static Roster change(Store store, MemberChange change) {
    return store.change(change, false).orTimeout(30, TimeUnit.SECONDS).join();
  }

  private static String refused(Store store, MemberChange change) {
    CompletableFuture<Roster> future = store.change(change, false).orTimeout(30, TimeUnit.SECONDS);
    CompletionException e = assertThrows(CompletionException.class, future::join);
    StoreException refusal = assertInstanceOf(StoreException.class, e.getCause());
    assertEquals(Kind.REFUSED, refusal.kind(), refusal.getMessage());
    return refusal.getMessage();
  }

  private static void awaitVoters(Cluster cluster, String... names) {
    Cluster.await(
        "voters " + List.of(names),
        () -> List.of(names).stream()
            .allMatch(name -> cluster.open.get(name).roster().voters().equals(List.of(names))));
  }

  /** One that joins learns behind a compacted log, votes, counts, and stays through restarts. */
  @Test
  void aMemberJoinsAndTheLeaderLeaves() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.startAll();
      String first = cluster.leader();
      write(cluster.open.get(first), 1500, "a/");
      Store follower = cluster.open.get(cluster.follower());
      Roster joined = change(follower, new Join("n4", cluster.name("n4"), ""));
      assertFalse(joined.votes("n4"), "it learns first");
      assertEquals(joined, change(follower, new Join("n4", cluster.name("n4"), "")));
      cluster.start("n4");
      awaitVoters(cluster, "n1", "n2", "n3", "n4");
      cluster.assertAgreement(write(cluster.open.get("n4"), 100, "b/"));

      change(follower, new Leave(first));
      List<String> rest = new ArrayList<>(List.of("n1", "n2", "n3", "n4"));
      rest.remove(first);
      awaitVoters(cluster, rest.toArray(String[]::new));
      assertNotEquals(first, cluster.open.get("n4").status().leader());
      write(cluster.open.get(rest.getFirst()), 100, "c/");
      Cluster.await(
          "the one that left knows",
          () -> String.valueOf(cluster.open.get(first).status().problem()).contains("has left"));

      cluster.stopAll();
      rest.forEach(cluster::start);
      awaitVoters(cluster, rest.toArray(String[]::new));
      long revision = write(cluster.open.get("n4"), 100, "d/");
      cluster.assertAgreement(revision);
      assertEquals(rest, cluster.open.get("n4").status().members());

      // Two of three are a majority, and one of them is the new member.
      String other =
          rest.stream().filter(name -> !name.equals("n4")).findFirst().orElseThrow();
      cluster.stop(other);
      Cluster.await(
          "a leader of the rest", () -> cluster.open.get("n4").status().quorum());
      write(cluster.open.get("n4"), 10, "e/");
    }
  }

  @Test
  void aDeadVoterIsReplacedAndNoChangeLeavesLessThanAMajority() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.startAll();
      write(cluster.open.get(cluster.leader()), 300, "a/");
      String dead = cluster.follower();
      cluster.stop(dead);
      String leader = cluster.leader();
      String other = cluster.follower();
      Cluster.await(
          "the leader misses " + dead,
          () -> !cluster.open.get(leader).contact().fresh(dead)
              && cluster.open.get(leader).contact().fresh(other));
      assertTrue(refused(cluster.open.get(leader), new Leave(other)).contains("only"));
      assertTrue(refused(cluster.open.get(other), new Move("n9", "127.0.0.1:1")).contains("n9"));
      assertTrue(refused(cluster.open.get(other), new Join("n4", "n4", "")).contains("HOST:PORT"));
      change(cluster.open.get(other), new Join("n4", cluster.name("n4"), dead));
      cluster.start("n4");
      List<String> rest = new ArrayList<>(List.of("n1", "n2", "n3", "n4"));
      rest.remove(dead);
      awaitVoters(cluster, rest.toArray(String[]::new));
      cluster.assertAgreement(write(cluster.open.get("n4"), 50, "b/"));
    }
  }

  /** One that was away knows nothing of a leader that has joined since, and gets all news from it. */
  @Test
  void aMemberThatWasAwayLetsALeaderInThatItDoesNotKnow() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.startAll();
      write(cluster.open.get("n1"), 10, "a/");
      cluster.stop("n3");
      change(cluster.open.get("n1"), new Join("n4", cluster.name("n4"), ""));
      AtomixStore joined = cluster.start("n4");
      Cluster.await("n4 votes", () -> cluster.open.get("n1").roster().votes("n4"));
      Cluster.await("n4 knows all", () -> joined.status().problem() == null);
      Cluster.await("n4 leads", () -> {
        if (joined.status().role() == StoreStatus.Role.LEADER && joined.status().quorum()) {
          return true;
        }
        RaftEngine raft = joined.engine();
        raft.getThreadContext().execute(() -> {
          if (raft.getRole() == RaftServer.Role.FOLLOWER && joined.status().quorum()) {
            raft.transition(RaftServer.Role.CANDIDATE);
          }
        });
        return false;
      });
      cluster.addresses.remove("n4"); // Not in the configuration of n3.
      cluster.start("n3");
      awaitVoters(cluster, "n1", "n2", "n3", "n4");
      cluster.assertAgreement(write(cluster.open.get("n3"), 10, "b/"));
    }
  }

  /**
   * Of a member that begins or ceases to vote, and of all when it leads anew, Atomix's leader would
   * forget that it waits for an answer, and once that has come send the member nothing more.
   */
  @Test
  void aLeaderKeepsCountOfTheAnswersThatItWaitsFor() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.found();
      RaftEngine raft = cluster.start("n1").engine();
      Roster learning = Roster.founders(cluster.config("n1").members())
          .with("n3", new Seat("127.0.0.1:1", false, ""));
      CompletableFuture<List<RaftMemberContext>> led = new CompletableFuture<>();
      raft.getThreadContext().execute(() -> {
        List<RaftMemberContext> all = List.copyOf(raft.getCluster().getRemoteMemberStates());
        raft.setTerm(1);
        all.forEach(RaftMemberContext::startAppend);
        raft.transition(RaftServer.Role.LEADER);
        all.forEach(RaftMemberContext::completeAppend);
        all.forEach(RaftMemberContext::startAppend);
        raft.configure(learning);
        all.forEach(RaftMemberContext::completeAppend);
        led.complete(all);
      });
      List<RaftMemberContext> others = led.get(10, TimeUnit.SECONDS);
      assertEquals(2, others.size());
      for (RaftMemberContext other : others) {
        Cluster.await(
            "none under way to " + other,
            () -> CompletableFuture.supplyAsync(other::canHeartbeat, raft.getThreadContext())
                .join());
      }
    }
  }

  /** Programs of two versions in one store: nothing is written that the older does not know. */
  @Test
  void whatAnOlderProgramDoesNotKnowIsNotWritten() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.formats.put("n3", Format.OLDEST);
      cluster.startAll();
      cluster.leader();
      long revision = write(cluster.open.get("n1"), 50, "a/");
      for (Store store : cluster.stores()) {
        assertTrue(store.barrier().get(20, TimeUnit.SECONDS) >= revision);
      }
      String address = "127.0.0.1:9"; // Not one of the cluster's: n3 would begin anew with four.
      assertTrue(
          refused(cluster.open.get("n1"), new Join("n4", address, "")).contains("older program"));
      assertFalse(cluster.open.get("n1").requires(Format.NEEDS));
      assertTrue(refused(cluster.open.get("n1"), new Need(Format.NEEDS)).contains("older program"));
      cluster.stop("n3");
      cluster.formats.put("n3", Format.NEEDS);
      cluster.start("n3");
      Cluster.await("all again", () -> cluster.open.get("n3").status().quorum());
      cluster.assertAgreement(write(cluster.open.get("n1"), 50, "b/"));
      Cluster.await(
          "everybody has met n3's new program",
          () -> cluster.open.values().stream().allMatch(s -> s.connections() == 2));
      noLeaseIn(cluster);
      cluster.stop("n3");
      require(cluster.open.get("n1"), Format.NEEDS);
      cluster.formats.put("n3", Format.CLIENTS);
      Store old = cluster.start("n3");
      Cluster.await(
          "it is told to be upgraded",
          () -> String.valueOf(old.status().problem()).contains("upgrade it"));
      cluster.stop("n3");
      cluster.formats.clear();
      Store now = cluster.start("n3");
      Cluster.await("it knows what is required", () -> now.requires(Format.NEEDS));
      require(now, Format.NEEDS);
      assertFalse(now.requires(Format.LEASES));
      assertTrue(refused(now, new Need(Format.NEWEST + 1)).contains("older program"));
      assertEquals(7, new KvLeases(now).grant(7, 3_600_000).get(40, TimeUnit.SECONDS));
      Cluster.await("all have to know leases", () -> now.requires(Format.LEASES));
      change(now, new Join("n4", address, ""));
      Cluster.await("it goes by that", () -> now.roster().seats().containsKey("n4"));
      assertTrue(now.requires(Format.NEEDS));
      cluster.stop("n3");
      cluster.formats.put("n3", Format.NEEDS);
      assertTrue(assertThrows(StoreException.class, () -> cluster.start("n3"))
          .getMessage()
          .contains("install the newer program again"));
    }
  }

  /** Through whomever it is asked for, and however; what an older program would read is not refused. */
  private static void noLeaseIn(Cluster cluster) throws Exception {
    for (Store store : cluster.stores()) {
      Put put = new Put("k", new byte[1], 1);
      byte[] leased = new KvTransaction(List.of(), List.of(put), List.of()).encode();
      for (CompletableFuture<?> wanted :
          List.of(new KvLeases(store).grant(1, 5000), store.submit(KvMachine.NAME, leased))) {
        Throwable why = assertThrows(
                ExecutionException.class, () -> wanted.get(40, TimeUnit.SECONDS))
            .getCause();
        assertEquals(StoreException.Kind.REFUSED, ((StoreException) why).kind());
        assertTrue(why.getMessage().contains("older program"), why.getMessage());
      }
    }
  }

  /** With somebody else leading for a moment, it is asked for again. */
  private static void require(Store store, int format) throws Exception {
    store.require(format).get(40, TimeUnit.SECONDS);
  }
}
