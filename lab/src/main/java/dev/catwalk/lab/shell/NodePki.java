package dev.catwalk.lab.shell;

import dev.catwalk.raftstore.pki.ClusterPki;
import dev.catwalk.raftstore.pki.Identity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A lab's own authority, and a certificate for each node where its agent looks for one. */
final class NodePki {
  private static final Duration VALIDITY = Duration.ofDays(365);
  private static final String CLUSTER = "catwalk";

  private NodePki() {}

  /** Makes what is not there yet; agents are started side by side. */
  static synchronized void ensure(Site site, String node) throws LabException {
    Path directory = site.root(node).resolve("etc/catwalk/pki");
    if (Files.exists(directory.resolve("ca.pem"))) {
      return;
    }
    Path authority = site.state().resolve("pki");
    try {
      ClusterPki pki = ClusterPki.exists(authority)
          ? ClusterPki.load(authority)
          : ClusterPki.create(authority, VALIDITY);
      pki.issue(new Identity(CLUSTER, node), VALIDITY, directory);
      Files.copy(authority.resolve("ca.pem"), directory.resolve("ca.pem"));
    } catch (IOException e) {
      throw new LabException("no certificate for " + node + ": " + e.getMessage(), e);
    }
  }
}
