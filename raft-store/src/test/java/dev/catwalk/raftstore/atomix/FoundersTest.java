package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.raftstore.atomix.Standing.Phase;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.store.StoreConfig;
import dev.catwalk.raftstore.store.StoreException;
import dev.catwalk.raftstore.store.StoreException.Kind;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Before the first change of members all go by one list, and one that differs is refused. */
class FoundersTest {
  @TempDir
  Path directory;

  private static String refused(Runnable start) {
    StoreException e = assertThrows(StoreException.class, start::run);
    assertEquals(Kind.CANNOT_OPEN, e.kind());
    return e.getMessage();
  }

  private StoreConfig config(Map<String, String> members) {
    return new StoreConfig(
        "n1",
        new InetSocketAddress(0),
        new TreeMap<>(members),
        directory.resolve("n1"),
        "test",
        true,
        null);
  }

  /** Names count, addresses are of now; a damaged file is not passed over. */
  @Test
  void aListCanBeCorrectedUntilTheMemberHasBegun() throws Exception {
    Path file = directory.resolve("founders");
    Standing fresh = Standing.fresh(1);
    Map<String, String> wrong = Map.of("n1", "a:1", "n9", "i:1");
    Map<String, String> right = Map.of("n1", "a:1", "n2", "b:1");
    Founders.keep(file, config(wrong), fresh);
    assertEquals(right, Founders.keep(file, config(right), fresh).addresses());
    Standing begun = fresh.member(new TreeMap<>(Map.of("n1", 1L, "n2", 2L)));
    Founders kept =
        Founders.keep(file, config(Map.of("n1", "a:1", "n2", "c:1", "n9", "i:1")), begun);
    assertEquals(Map.of("n1", "a:1", "n2", "c:1"), kept.addresses());
    assertEquals(kept, Founders.keep(file, config(wrong), begun));
    Files.delete(file); // As of a program that did not keep them.
    assertEquals(
        List.of("n1", "n2"), Founders.keep(file, config(wrong), begun).roster().voters());
    Files.writeString(file, "catwalk-founders 1\nn1");
    assertThrows(IOException.class, () -> Founders.keep(file, config(right), begun));
  }

  @Test
  void aStartWithAnotherListIsRefusedAndChangesNothing() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.startAll();
      long revision = MembershipTest.write(cluster.open.get("n1"), 20, "a/");
      cluster.stopAll();
      String third = cluster.addresses.remove("n3");
      String why = refused(() -> cluster.start("n1"));
      assertTrue(why.contains("begun by n1, n2, n3") && why.contains("names n1, n2:"), why);
      StoreConfig alone = config(Map.of());
      why = refused(() -> AtomixStore.open(alone, List.of(new KvMachine())));
      assertTrue(why.contains("begun by n1, n2, n3") && why.contains("names n1:"), why);

      cluster.addresses.put("n3", third);
      cluster.addresses.put("n2", "127.0.0.1:" + Cluster.freePort()); // It may be elsewhere.
      cluster.startAll();
      cluster.assertAgreement(MembershipTest.write(cluster.open.get("n2"), 20, "b/"));
      assertTrue(cluster.open.get("n3").status().revision() >= revision + 20);
    }
  }

  /** A majority of the one list need not meet one of the other. */
  @Test
  void membersThatGoByTwoListsRefuseEachOther() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.startAll();
      MembershipTest.write(cluster.open.get("n1"), 20, "a/");
      cluster.stop("n3");
      try (Stream<Path> files = Files.walk(directory.resolve("n3"))) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
      String second = cluster.addresses.remove("n2");
      AtomixStore third = cluster.start("n3");
      Cluster.await("both lists", () -> {
        String why = String.valueOf(third.status().problem());
        return why.contains("n1, n2, n3") && why.contains("by the members n1, n3");
      });
      Standing standing =
          Standing.parse(Files.readString(directory.resolve("n3").resolve("standing")));
      assertEquals(Phase.FRESH, standing.phase(), "it is not taken in");

      cluster.stop("n3");
      cluster.addresses.put("n2", second);
      cluster.start("n3");
      cluster.assertAgreement(MembershipTest.write(cluster.open.get("n1"), 20, "b/"));
    }
  }
}
