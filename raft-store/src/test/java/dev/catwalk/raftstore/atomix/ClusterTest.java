package dev.catwalk.raftstore.atomix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.raftstore.machine.Applied;
import dev.catwalk.raftstore.machine.KvTransaction;
import dev.catwalk.raftstore.store.Store;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterTest {
  @TempDir
  Path directory;

  static long write(Store store, int count, String prefix) {
    List<CompletableFuture<Applied>> futures = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] value = ("value " + i).getBytes(UTF_8);
      futures.add(store.submit("kv", KvTransaction.put(prefix + i % 500, value).encode()));
    }
    return futures.stream()
        .mapToLong(f -> f.orTimeout(20, TimeUnit.SECONDS).join().revision())
        .max()
        .orElseThrow();
  }

  @Test
  void threeMembersAgree() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.startAll();
      String leader = cluster.leader();
      long revision = write(cluster.open.get(leader), 1000, "a/");
      assertEquals(1000, revision);
      revision = write(cluster.open.get(cluster.follower()), 1000, "b/");
      assertEquals(2000, revision);
      cluster.assertAgreement(2000);
      assertTrue(cluster.open.get(leader).status().quorum());
      for (String name : List.of("n1", "n2", "n3")) {
        assertTrue(cluster.open.get(name).barrier().get(5, TimeUnit.SECONDS) >= 2000);
      }
    }
  }
}
