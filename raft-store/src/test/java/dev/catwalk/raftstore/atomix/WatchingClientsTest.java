package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchingClientsTest {
  @TempDir
  Path directory;

  /** Members keep nothing for it: it is told what it lacks when it asks again. */
  @Test
  void aClientThatRestsKeepsNobodyFromTheNews() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.startAll();
      AtomixStore leader = cluster.open.get(cluster.leader());
      try (WatchingClients clients = new WatchingClients(cluster.clientConfig("c"), 30)) {
        assertEquals(0, lost(clients, ClusterTest.write(leader, 20, "a/")));
        clients.rest(7, true);
        assertEquals(0, lost(clients, ClusterTest.write(leader, 400, "b/")));
        clients.rest(7, false);
        assertEquals(0, lost(clients, ClusterTest.write(leader, 1, "c/")));
      }
    }
  }

  private static int lost(WatchingClients clients, long revision) throws Exception {
    return clients.reached(revision).get(60, TimeUnit.SECONDS);
  }
}
