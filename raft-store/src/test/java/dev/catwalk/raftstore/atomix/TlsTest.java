package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.pki.ClusterPki;
import dev.catwalk.raftstore.pki.Identity;
import dev.catwalk.raftstore.pki.Tls;
import dev.catwalk.raftstore.store.StoreConfig;
import dev.catwalk.raftstore.store.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Members prove themselves; whoever cannot is refused, and both sides say why. */
class TlsTest {
  private static final Duration DAY = Duration.ofDays(1);

  @TempDir
  Path directory;

  private Path pki(String name, String cluster) throws Exception {
    ClusterPki pki = ClusterPki.create(directory.resolve(name), Duration.ofDays(90));
    for (String node : List.of("n1", "n2", "n3")) {
      pki.issue(new Identity(cluster, node), Duration.ofDays(60));
    }
    return directory.resolve(name);
  }

  /** n3 with other credentials than it should have. */
  private AtomixStore stranger(Cluster cluster, Tls tls) {
    StoreConfig mine = cluster.config("n3");
    StoreConfig config = new StoreConfig(
        "n3", mine.listen(), mine.members(), mine.dataDir(), mine.clusterId(), tls == null, tls);
    return AtomixStore.open(
        config,
        List.of(new KvMachine()),
        Cluster.SMALL,
        cluster.fatal::add,
        UnaryOperator.identity());
  }

  private static String problem(AtomixStore store) {
    return String.valueOf(store.status().problem());
  }

  @Test
  void membersWithCertificatesOfOneAuthorityAgree() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.pki = pki("pki", "test");
      cluster.startAll();
      cluster.leader();
      cluster.assertAgreement(ClusterTest.write(cluster.open.get("n2"), 300, "a/"));
      assertEquals("TLS", cluster.open.get("n1").status().transport());
      assertNull(cluster.open.get("n1").status().problem());
      cluster.stop("n2");
      AtomixStore again = cluster.start("n2");
      Cluster.await("quorum", () -> again.status().quorum());
      cluster.assertAgreement(ClusterTest.write(again, 10, "b/"));
    }
  }

  @Test
  void anotherClustersAuthorityIsRefused() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.found();
      cluster.pki = pki("pki", "test");
      cluster.start("n1");
      cluster.start("n2");
      try (AtomixStore stranger = stranger(cluster, Tls.in(pki("other", "test"), "n3"))) {
        Cluster.await("the reason", () -> problem(stranger).contains("one cluster's authority"));
        cluster.leader();
        assertFalse(stranger.status().quorum());
      }
    }
  }

  @Test
  void anotherNodesCertificateIsRefused() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.found();
      cluster.pki = pki("pki", "test");
      cluster.start("n1");
      Path taken = Files.createDirectories(directory.resolve("taken"));
      for (String end : List.of("pem", "key")) {
        Files.copy(
            cluster.pki.resolve("n1." + end),
            taken.resolve("n3." + end),
            StandardCopyOption.COPY_ATTRIBUTES);
      }
      Files.copy(cluster.pki.resolve("ca.pem"), taken.resolve("ca.pem"));
      Tls stolen = Tls.in(taken, "n3");
      StoreException refusal = assertThrows(StoreException.class, () -> stranger(cluster, stolen));
      assertTrue(refusal.getMessage().contains("is of n1 of cluster test"), refusal.getMessage());

      // One that does not look at its own is found out by the others.
      try (Transport impostor =
          new Transport(cluster.config("n3"), new TlsGate(stolen, new Identity("test", "n1")), 1)) {
        impostor.open(
            (from, packet) -> {
              throw new AssertionError("nobody asks an impostor");
            },
            member -> {});
        Cluster.await(
            "the refusal",
            () -> String.valueOf(impostor.refusal())
                .contains("its certificate is of n1 of cluster test, not of n3"));
      }
    }
  }

  @Test
  void anotherClustersNameUnderTheSameAuthorityIsRefused() throws Exception {
    Path pki = pki("pki", "test");
    ClusterPki.load(pki).issue(new Identity("elsewhere", "n3"), DAY, directory.resolve("wrong"));
    Files.copy(pki.resolve("ca.pem"), directory.resolve("wrong/ca.pem"));
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      Tls wrong = Tls.in(directory.resolve("wrong"), "n3");
      StoreException refusal = assertThrows(StoreException.class, () -> stranger(cluster, wrong));
      assertTrue(refusal.getMessage().contains("cluster elsewhere"), refusal.getMessage());
    }
  }

  @Test
  void plainTextAndTlsDoNotMix() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.found();
      cluster.pki = pki("pki", "test");
      AtomixStore n1 = cluster.start("n1");
      try (AtomixStore plain = stranger(cluster, null)) {
        Cluster.await(
            "the reason", () -> problem(n1).contains("store.insecure has to be the same"));
        assertEquals("plain text", plain.status().transport());
        assertFalse(plain.status().quorum());
      }
    }
  }

  @Test
  void aClusterOfOneIsToldOfItsFilesToo() {
    StoreConfig config = StoreConfig.single("n1", directory.resolve("n1"))
        .with(Tls.in(directory.resolve("nowhere"), "n1"));
    StoreException missing = assertThrows(
        StoreException.class, () -> AtomixStore.open(config, List.of(new KvMachine())));
    assertTrue(missing.getMessage().contains("n1.key is not there"), missing.getMessage());
  }

  @Test
  void aClusterOfOneTriesItsFilesOnItself() throws Exception {
    Identity n1 = new Identity("test", "n1");
    Path pki = pki("pki", "test");
    new TlsGate(Tls.in(pki, "n1"), n1).tryAlone();
    Path other = pki("other", "test");
    Tls mixed = new Tls(other.resolve("ca.pem"), pki.resolve("n1.pem"), pki.resolve("n1.key"));
    StoreException refusal =
        assertThrows(StoreException.class, () -> new TlsGate(mixed, n1).tryAlone());
    assertTrue(refusal.getMessage().contains("do not fit"), refusal.getMessage());
  }

  @Test
  void filesThatAreMissingOpenToOthersOrEndSoonAreNamed() throws Exception {
    Path pki = pki("pki", "test");
    Identity n1 = new Identity("test", "n1");
    Tls tls = Tls.in(pki, "n1");
    TlsGate gate = new TlsGate(tls, n1);
    assertNull(gate.warning(Instant.now()));
    assertNotNull(gate.warning(Instant.now().plus(Duration.ofDays(40))));
    Files.setPosixFilePermissions(tls.key(), PosixFilePermissions.fromString("rw-r-----"));
    StoreException open = assertThrows(StoreException.class, () -> new TlsGate(tls, n1));
    assertTrue(open.getMessage().contains("n1.key can be read by others"), open.getMessage());
    Files.delete(tls.key());
    StoreException missing = assertThrows(StoreException.class, () -> new TlsGate(tls, n1));
    assertTrue(missing.getMessage().contains("catwalk pki init"), missing.getMessage());
  }
}
