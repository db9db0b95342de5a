package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.Machine;
import dev.catwalk.raftstore.store.StoreException.Kind;
import dev.catwalk.raftstore.store.StoreStatus;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A member whose machine does not do what the others' do. */
class FenceTest {
  @TempDir
  Path directory;

  /** The member that answers otherwise, as a defect or another version of the program might. */
  private volatile String odd = "";

  private Machine machine(String member) {
    KvMachine kv = new KvMachine();
    return new Machine() {
      @Override
      public String name() {
        return kv.name();
      }

      @Override
      public byte[] apply(long revision, byte[] command) {
        byte[] outcome = kv.apply(revision, command);
        return odd.equals(member) ? new byte[outcome.length] : outcome;
      }

      @Override
      public byte[] snapshot() {
        return kv.snapshot();
      }

      @Override
      public void restore(byte[] snapshot) {
        kv.restore(snapshot);
      }
    };
  }

  private static void awaitFenced(AtomixStore store, Path ownDirectory) {
    Cluster.await("the fence", () -> store.status().role() == StoreStatus.Role.STOPPED);
    String problem = store.status().problem();
    assertTrue(problem.contains("its state differs from "), problem);
    assertTrue(problem.contains("remove") && problem.contains(ownDirectory.toString()), problem);
    assertFalse(store.status().quorum());
    assertNull(store.status().leader());
    assertEquals(Kind.DIVERGED, ClusterTest.refusal(ClusterTest.put(store, "k", 1)));
    assertEquals(Kind.DIVERGED, ClusterTest.refusal(store.barrier()));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aMemberInAnotherStateTakesNoPart(boolean leads) throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.machine = this::machine;
      cluster.startAll();
      cluster.assertAgreement(ClusterTest.write(cluster.open.get("n1"), 50, "a/"));
      String strange = leads ? cluster.leader() : cluster.follower();
      List<String> others =
          cluster.open.keySet().stream().filter(name -> !name.equals(strange)).toList();
      AtomixStore store = cluster.open.get(strange);
      AtomixStore other = cluster.open.get(others.getFirst());
      Queue<Long> seen = ClusterTest.follow(store, 0);

      odd = strange;
      ClusterTest.write(other, 10, "b/");
      awaitFenced(store, directory.resolve(strange));
      Cluster.await("the others to name it", () -> {
        String problem = other.status().problem();
        return problem != null && problem.contains(strange);
      });
      odd = "";

      long fencedAt = store.status().revision();
      Cluster.await("a leader among the others", () -> {
        String leader = other.status().leader();
        return leader != null && !leader.equals(strange);
      });
      long revision = ClusterTest.write(other, 200, "c/");
      assertEquals(fencedAt, store.status().revision(), "it applies nothing more");
      assertTrue(seen.stream().allMatch(r -> Math.abs(r) <= fencedAt), "and tells nothing more");

      cluster.stop(strange);
      AtomixStore again = cluster.start(strange);
      Queue<Long> nothing = ClusterTest.follow(again, 0);
      awaitFenced(again, directory.resolve(strange));
      assertEquals(List.of(), List.copyOf(nothing), "a restart heals nothing");

      cluster.stop(others.getLast());
      Cluster.await("no quorum", () -> !other.status().quorum());
      assertEquals(Kind.NO_QUORUM, ClusterTest.refusal(ClusterTest.put(other, "d", 1)));
      cluster.start(others.getLast());
      Cluster.await("quorum", () -> other.status().quorum());

      cluster.stop(strange);
      Soak.deleteTree(directory.resolve(strange));
      cluster.start(strange);
      cluster.assertAgreement(revision);
      cluster.assertAgreement(ClusterTest.write(cluster.open.get(strange), 50, "e/"));
    }
  }

  /** With one of three away nobody can tell who is right: then the leader is. */
  @Test
  void aFollowerThatDiffersFromTheLeaderTakesNoPart() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.machine = this::machine;
      cluster.startAll();
      cluster.assertAgreement(ClusterTest.write(cluster.open.get("n1"), 50, "a/"));
      cluster.stop(cluster.follower());
      String leader = cluster.leader();
      odd = cluster.follower();
      // Acknowledged, or refused where the other is fenced first.
      var unused = ClusterTest.put(cluster.open.get(leader), "b", 10);
      awaitFenced(cluster.open.get(odd), directory.resolve(odd));
      Cluster.await("no quorum", () -> !cluster.open.get(leader).status().quorum());
      assertNotEquals(
          StoreStatus.Role.STOPPED, cluster.open.get(leader).status().role());
    }
  }

  /** Of two nobody can tell who is right. */
  @Test
  void aPairInTwoStatesStops() throws Exception {
    try (Cluster cluster = new Cluster(directory, 2, Cluster.SMALL)) {
      cluster.machine = this::machine;
      cluster.startAll();
      cluster.assertAgreement(ClusterTest.write(cluster.open.get("n1"), 50, "a/"));
      odd = "n2";
      var unused = ClusterTest.put(cluster.open.get("n1"), "b", 10);
      awaitFenced(cluster.open.get("n1"), directory.resolve("n1"));
      awaitFenced(cluster.open.get("n2"), directory.resolve("n2"));
    }
  }
}
