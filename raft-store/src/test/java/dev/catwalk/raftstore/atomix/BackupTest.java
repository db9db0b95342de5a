package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.raftstore.machine.Change;
import dev.catwalk.raftstore.machine.KvEntry;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.store.StoreConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backup holds all that was acknowledged, and a new cluster begins with it, whole or not at all. */
class BackupTest {
  private static final List<String> NAMES = List.of("n1", "n2", "n3");

  /** The store of which the backup is. */
  @TempDir
  private static Path old;

  private static byte[] backup;
  private static String origin;

  @TempDir
  Path directory;

  @BeforeAll
  static void aBackupOfAStoreThatHadAMemberTakenInAnew() throws Exception {
    try (Cluster cluster = new Cluster(old, 3, Cluster.SMALL)) {
      cluster.startAll();
      cluster.assertAgreement(ClusterTest.write(cluster.open.get("n1"), 100, "a/"));
      String victim = cluster.follower();
      cluster.stop(victim);
      Soak.deleteTree(old.resolve(victim));
      cluster.start(victim);
      cluster.assertAgreement(101);
      long acknowledged = ClusterTest.write(cluster.open.get(cluster.leader()), 50, "b/");
      backup = cluster.open.get(victim).backup().get(20, TimeUnit.SECONDS);
      origin = cluster.open.get(victim).status().origin();
      assertTrue(acknowledged >= 151);
    }
  }

  private static List<String> keys(AtomixStore store) {
    CompletableFuture<List<String>> keys = new CompletableFuture<>();
    var unused = store.subscribe(0, change -> {
      if (change instanceof Change.Replaced replaced) {
        KvMachine kv = new KvMachine();
        kv.restore(replaced.snapshots().get(KvMachine.NAME));
        keys.complete(kv.list("").stream().map(KvEntry::key).toList());
      }
    });
    return keys.orTimeout(20, TimeUnit.SECONDS).join();
  }

  @Test
  void aNewClusterBeginsWithAllOfItAndIsAnotherStore() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      for (String name : NAMES) {
        Backup.restore(backup, directory.resolve(name));
      }
      cluster.startAll();
      Cluster.await("a leader", () -> cluster.open.get("n2").status().quorum());
      long revision = ClusterTest.write(cluster.open.get("n2"), 10, "c/");
      assertTrue(revision >= 161, "revisions go on: " + revision);
      cluster.assertAgreement(revision);
      for (AtomixStore store : cluster.open.values()) {
        List<String> keys = keys(store);
        assertEquals(160, keys.size());
        assertTrue(keys.containsAll(List.of("a/0", "a/99", "b/0", "b/49", "c/9")));
        assertNotEquals(origin, store.status().origin());
        assertEquals(cluster.open.get("n1").status().origin(), store.status().origin());
      }
      List.copyOf(cluster.open.keySet()).forEach(cluster::stop);
      cluster.startAll();
      cluster.assertAgreement(revision);

      cluster.stop("n3");
      Soak.deleteTree(directory.resolve("n3"));
      cluster.start("n3");
      cluster.assertAgreement(revision + 1);
      assertEquals(160, keys(cluster.open.get("n3")).size());
    }
  }

  @Test
  void foundersThatDoNotBeginWithTheSameBackupDoNotBegin() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      Backup.restore(backup, directory.resolve("n1"));
      Backup.restore(backup, directory.resolve("n2"));
      cluster.startAll();
      for (String name : NAMES) {
        Cluster.await(
            "the reason of " + name,
            () -> String.valueOf(cluster.open.get(name).status().problem())
                .contains("not restored from the same backup"));
        assertFalse(cluster.open.get(name).status().quorum());
      }
      cluster.stop("n3");
      Soak.deleteTree(directory.resolve("n3"));
      Backup.restore(backup, directory.resolve("n3"));
      cluster.start("n3");
      Cluster.await("a leader", () -> cluster.open.get("n3").status().quorum());
      cluster.assertAgreement(ClusterTest.write(cluster.open.get("n3"), 1, "c/"));
    }
  }

  @Test
  void aRestoredDirectoryDoesNotJoinAClusterThatHasBegun() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.startAll();
      cluster.assertAgreement(ClusterTest.write(cluster.open.get("n1"), 10, "other/"));
      cluster.stop("n3");
      Soak.deleteTree(directory.resolve("n3"));
      Backup.restore(backup, directory.resolve("n3"));
      AtomixStore restored = cluster.start("n3");
      Cluster.await(
          "the reason",
          () -> String.valueOf(restored.status().problem()).contains("has begun without it"));
      cluster.stop("n3");
      Soak.deleteTree(directory.resolve("n3"));
      cluster.start("n3");
      cluster.assertAgreement(ClusterTest.write(cluster.open.get("n1"), 10, "more/"));
    }
  }

  @Test
  void aClusterOfOneBeginsWithItToo() throws Exception {
    Path alone = directory.resolve("alone");
    Backup.restore(backup, alone);
    try (AtomixStore store =
        AtomixStore.open(StoreConfig.single("alone", alone), List.of(new KvMachine()))) {
      Cluster.await("a leader", () -> store.status().quorum());
      assertTrue(ClusterTest.write(store, 5, "c/") >= 156);
      assertEquals(155, keys(store).size());
    }
  }

  @Test
  void whatIsDamagedOrInTheWayIsRefusedAndNothingIsChanged() throws Exception {
    byte[] damaged = Arrays.copyOf(backup, backup.length);
    damaged[damaged.length / 2] ^= 1;
    Path empty = directory.resolve("empty");
    IOException noBackup = assertThrows(IOException.class, () -> Backup.restore(damaged, empty));
    assertTrue(noBackup.getMessage().contains("no backup"), noBackup.getMessage());
    assertFalse(Files.exists(empty));
    IOException inTheWay =
        assertThrows(IOException.class, () -> Backup.restore(backup, old.resolve("n1")));
    assertTrue(inTheWay.getMessage().contains("holds a store"), inTheWay.getMessage());
    Backup.restore(backup, empty);
    assertThrows(IOException.class, () -> Backup.restore(backup, empty), "twice");
  }
}
