package dev.catwalk.felix.cli;

import dev.catwalk.raftstore.pki.ClusterPki;
import dev.catwalk.raftstore.pki.Identity;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Certificates with which the members of the store know each other. */
@Command(
    name = "pki",
    description = "Certificates of the store's members.",
    subcommands = PkiVerbs.Init.class)
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated with @ParentCommand.
final class PkiVerbs {
  private static final String CLUSTER = "catwalk";

  @ParentCommand
  Catwalk catwalk;

  @Command(
      name = "init",
      description = {
        "Make a certificate authority for a cluster, and a certificate for each node.",
        "Run it once for all nodes, or again for more: the authority that is there is used.",
        "Bring ca.pem, NODE.pem and NODE.key to /etc/catwalk/pki of each node, and keep",
        "ca.key away from them: whoever has it can make members."
      })
  static final class Init implements Callable<Integer> {
    @ParentCommand
    PkiVerbs pki;

    @Option(
        names = "--dir",
        paramLabel = "DIR",
        description = "where the files are, else ${DEFAULT-VALUE}")
    Path dir = Path.of("/etc/catwalk/pki");

    @Option(
        names = "--days",
        paramLabel = "DAYS",
        description = "how long nodes' certificates are valid, else ${DEFAULT-VALUE}")
    int days = 1825;

    @Option(
        names = "--authority-days",
        paramLabel = "DAYS",
        description = "the same of the authority that is made, else ${DEFAULT-VALUE}")
    int authorityDays = 7300;

    @Option(names = "--force", description = "make new certificates for nodes that have one")
    boolean force;

    @Parameters(paramLabel = "NODE", arity = "1..*", description = "names as in node.name")
    List<String> nodes;

    @Override
    public Integer call() {
      List<Identity> identities = new ArrayList<>();
      for (String node : nodes) {
        try {
          identities.add(new Identity(CLUSTER, node));
        } catch (IllegalArgumentException e) {
          throw new CliException(CliException.USAGE, String.valueOf(e.getMessage()));
        }
      }
      if (days < 1 || authorityDays < 1) {
        throw new CliException(CliException.USAGE, "--days and --authority-days: at least 1");
      }
      try {
        make(identities);
        return CliException.OK;
      } catch (IOException e) {
        throw new CliException(
            CliException.MACHINE, "no certificates in " + dir + ": " + e.getMessage());
      }
    }

    private void make(List<Identity> identities) throws IOException {
      boolean there = ClusterPki.exists(dir);
      ClusterPki authority =
          there ? ClusterPki.load(dir) : ClusterPki.create(dir, Duration.ofDays(authorityDays));
      pki.catwalk.out.println((there ? "used    " : "created ") + dir.resolve("ca.pem"));
      for (Identity identity : identities) {
        boolean kept = authority.has(identity.node()) && !force;
        if (!kept) {
          authority.issue(identity, Duration.ofDays(days));
        }
        pki.catwalk.out.println((kept ? "kept    " : "created ")
            + dir.resolve(identity.node() + ".pem")
            + (kept ? " (--force makes a new one)" : ""));
      }
    }
  }
}
