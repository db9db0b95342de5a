package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.raftstore.atomix.Processes.Member;
import dev.catwalk.raftstore.trial.Clients;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Faults that need processes: kill -9, SIGSTOP, and the soak. What failed leaves its files. */
class ProcessesTest {
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  /**
   * Facts 1, 4 and 8: compaction loses nothing. {@code -Dcatwalk.soak=100} plays so many rounds, and
   * {@code -Dcatwalk.soakIdle=24} makes them idle for so many seconds.
   */
  @Test
  void theSoak() throws Exception {
    int rounds = Integer.getInteger("catwalk.soak", 3);
    int idleSeconds = Integer.getInteger("catwalk.soakIdle", 12); // Atomix's own timer is at 10 s.
    for (int round = 1; round <= rounds; round++) {
      Path own = Files.createDirectory(directory.resolve("round-" + round));
      String seen = Soak.round(own, idleSeconds);
      System.out.println("soak, round " + round + " of " + rounds + ": " + seen);
      assertTrue(seen.contains("10500 acknowledged"), seen);
      Soak.deleteTree(own);
    }
  }

  /** Fact 9: a leader that hangs holds nobody up for long; fact 6: its watches go on. */
  @Test
  void aHungLeaderIsReplacedAndSeesEverythingWhenItWakes() throws Exception {
    try (Processes cluster = new Processes(directory)) {
      cluster.startAll();
      Member hung = cluster.leader();
      List<Member> all = List.copyOf(cluster.members.values());
      cluster.write(300, "a/", all);
      hung.signal("STOP");
      List<Member> others = all.stream().filter(member -> member != hung).toList();
      cluster.write(1, "b/", others.subList(0, 1));
      cluster.write(300, "c/", others); // All of it while the one that led hangs.
      hung.signal("CONT");
      cluster.expect("a/", 300);
      cluster.expect("b/", 1);
      cluster.expect("c/", 300);
      cluster.agree();
    }
  }

  /** The long form is {@link Chaos#main}. */
  @Test
  void aFewFaultsAtRandom() throws Exception {
    String seen = Chaos.run(directory, 1, 3);
    assertTrue(seen.contains("acknowledged"), seen);
  }

  @Test
  void theLeaderIsKilledUnderLoadAndNothingAcknowledgedIsLost() throws Exception {
    try (Processes cluster = new Processes(directory)) {
      cluster.startAll();
      Member killed = cluster.leader();
      List<Member> others =
          cluster.members.values().stream().filter(member -> member != killed).toList();
      CompletableFuture<Void> load =
          CompletableFuture.runAsync(() -> cluster.write(4000, "a/", others));
      Cluster.await("the load", () -> !killed.ask("count a/").equals("0"));
      killed.kill();
      killed.start();
      load.join();
      cluster.expect("a/", 4000);
      cluster.agree();
    }
  }

  /** The contract's first law, with members as processes, over a kill -9 of the leader. */
  @Test
  void whatClientsSeeIsLinearizableThoughTheLeaderIsKilled() throws Exception {
    try (Processes cluster = new Processes(directory)) {
      cluster.startAll();
      Member killed = cluster.leader();
      List<CompletableFuture<String>> histories = new ArrayList<>();
      for (Member member : cluster.members.values()) {
        if (member != killed) {
          int seed = 1 + histories.size();
          histories.add(
              CompletableFuture.supplyAsync(() -> member.ask("history " + seed + " 8 120")));
        }
      }
      Cluster.await("the load", () -> killed.revision() > 300);
      killed.kill();
      killed.start();
      int operations =
          Clients.judge(histories.stream().map(CompletableFuture::join).toList());
      assertTrue(operations > 1500 && operations <= 2 * 8 * 120, operations + " operations");
      Cluster.await(
          "one revision",
          () ->
              cluster.members.values().stream().map(Member::revision).distinct().count() == 1);
    }
  }

  @Test
  void aMinorityRefusesAndTheMajorityGoesOn() throws Exception {
    try (Processes cluster = new Processes(directory)) {
      cluster.startAll();
      Member leader = cluster.leader();
      List<Member> others =
          cluster.members.values().stream().filter(member -> member != leader).toList();
      cluster.write(100, "a/", others);
      others.forEach(Member::kill);
      Cluster.await("no quorum", () -> !leader.quorum());
      assertEquals("refused", leader.ask("try").split(" ")[0]);
      for (Member member : others) {
        member.start();
      }
      cluster.awaitQuorum();
      cluster.write(100, "b/", List.of(leader));
      cluster.expect("a/", 100);
      cluster.expect("b/", 100);
    }
  }
}
