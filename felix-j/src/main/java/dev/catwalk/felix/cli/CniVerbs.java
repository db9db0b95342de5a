package dev.catwalk.felix.cli;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Puts the CNI plugin where container runtimes look for it, and takes it away. */
@Command(
    name = "cni",
    description = "The plugin for container runtimes.",
    subcommands = {CniVerbs.Install.class, CniVerbs.Uninstall.class})
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated with @ParentCommand.
final class CniVerbs {
  private static final String CONFLIST = """
      {
        "cniVersion": "1.0.0",
        "cniVersions": ["0.3.1", "0.4.0", "1.0.0", "1.1.0"],
        "name": "NETWORK",
        "plugins": [
          {
            "type": "catwalk",
            "capabilities": {"ips": true, "mac": true, "io.kubernetes.cri.pod-annotations": true}
          }
        ]
      }
      """;

  @ParentCommand
  Catwalk catwalk;

  /** Where things are. */
  static final class Where {
    @Option(names = "--root", paramLabel = "DIR", description = "prefix of all places, else /")
    Path root = Path.of("/");

    @Option(
        names = "--bin-dir",
        paramLabel = "DIR",
        description = "where the runtime looks for plugins, else ${DEFAULT-VALUE}")
    Path binDir = Path.of("/opt/cni/bin");

    @Option(
        names = "--conf-dir",
        paramLabel = "DIR",
        description = "where it looks for network lists, else ${DEFAULT-VALUE}")
    Path confDir = Path.of("/etc/cni/net.d");

    @Option(
        names = "--network",
        paramLabel = "NAME",
        description = "name of the network, else ${DEFAULT-VALUE}; the list is 10-NAME.conflist")
    String network = "catwalk";

    @Option(
        names = "--force",
        description = "replace or remove files that Catwalk did not make, or that were changed")
    boolean force;

    CniPlaces places() {
      if (!network.matches("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}")) {
        throw new CliException(
            CliException.USAGE,
            "--network '" + network + "': want letters, digits, '_', '.', '-', at most 63");
      }
      return new CniPlaces(
          below(binDir).resolve("catwalk"), below(confDir).resolve("10-" + network + ".conflist"));
    }

    private Path below(Path dir) {
      return root.resolve(Path.of("/").relativize(dir.toAbsolutePath()));
    }
  }

  private int tell(CniPlaces.Done done, Path file) {
    String hint =
        done == CniPlaces.Done.KEPT ? " (somebody has changed it; --force replaces it)" : "";
    catwalk.out.println(done.name().toLowerCase(Locale.ROOT) + " " + file + hint);
    return CliException.OK;
  }

  @Command(name = "install", description = "Place plugin and network list.")
  static final class Install implements Callable<Integer> {
    @ParentCommand
    CniVerbs cni;

    @Mixin
    Where where;

    @Override
    public Integer call() {
      CniPlaces places = where.places();
      try {
        byte[] client = CniPlaces.asking(client(), cni.catwalk.agentSocket());
        if (!where.force) {
          places.requireOurs();
        }
        cni.tell(places.placePlugin(client), places.plugin());
        String list = CONFLIST.replace("NETWORK", where.network);
        return cni.tell(places.placeList(list, where.force), places.list());
      } catch (IOException e) {
        throw new CliException(CliException.MACHINE, "the CNI plugin cannot be placed: " + e);
      }
    }

    /** Beside the program's jar, where the build leaves it. */
    private static byte[] client() throws IOException {
      Path built;
      try {
        Path jar = Path.of(
            Catwalk.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        built = jar.resolveSibling("dist").resolve("catwalk-cni");
      } catch (URISyntaxException e) {
        throw new IllegalStateException(e);
      }
      if (!Files.isExecutable(built)) {
        throw new CliException(
            CliException.MACHINE,
            "the CNI client was not built (" + built
                + "): install gcc and libc6-dev and build again");
      }
      return Files.readAllBytes(built);
    }
  }

  @Command(name = "uninstall", description = "Remove network list and plugin.")
  static final class Uninstall implements Callable<Integer> {
    @ParentCommand
    CniVerbs cni;

    @Mixin
    Where where;

    @Override
    public Integer call() {
      CniPlaces places = where.places();
      try {
        if (!where.force) {
          places.requireOurs();
        }
        cni.tell(places.removeList(), places.list());
        return cni.tell(places.removePlugin(), places.plugin());
      } catch (IOException e) {
        throw new CliException(CliException.MACHINE, "the CNI plugin cannot be removed: " + e);
      }
    }
  }
}
