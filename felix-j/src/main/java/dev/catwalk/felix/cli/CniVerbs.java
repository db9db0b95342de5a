package dev.catwalk.felix.cli;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Puts the CNI plugin where container runtimes look for it, and takes it away. */
@Command(
    name = "cni",
    description = "The plugin for container runtimes.",
    subcommands = {CniVerbs.Install.class, CniVerbs.Uninstall.class})
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated with @ParentCommand.
final class CniVerbs {
  private static final String PLUGIN = "opt/cni/bin/catwalk";
  private static final String LIST = "etc/cni/net.d/10-catwalk.conflist";
  private static final String CONFLIST = """
      {
        "cniVersion": "1.0.0",
        "name": "catwalk",
        "plugins": [{"type": "catwalk", "capabilities": {"ips": true}}]
      }
      """;

  @ParentCommand
  Catwalk catwalk;

  @Command(name = "install", description = "Place plugin and network list.")
  static final class Install implements Callable<Integer> {
    @ParentCommand
    CniVerbs cni;

    @Option(names = "--root", paramLabel = "DIR", description = "prefix of all places, else /")
    Path root = Path.of("/");

    @Override
    public Integer call() {
      Path built = built();
      if (!Files.isExecutable(built)) {
        throw new CliException(
            CliException.MACHINE,
            "the CNI client was not built (" + built
                + "): install gcc and libc6-dev and build again");
      }
      try {
        Path plugin = root.resolve(PLUGIN);
        Path list = root.resolve(LIST);
        Files.createDirectories(plugin.getParent());
        Files.createDirectories(list.getParent());
        Path fresh = plugin.resolveSibling("catwalk~new");
        Files.copy(built, fresh, StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.move(fresh, plugin, StandardCopyOption.ATOMIC_MOVE);
        Files.writeString(list, CONFLIST);
        cni.catwalk.out.println("installed " + plugin + " and " + list);
      } catch (IOException e) {
        throw new CliException(CliException.MACHINE, "the CNI plugin cannot be placed: " + e);
      }
      return CliException.OK;
    }

    /** Beside the program's jar, where the build leaves it. */
    private static Path built() {
      try {
        Path jar = Path.of(
            Catwalk.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        return jar.resolveSibling("dist").resolve("catwalk-cni");
      } catch (URISyntaxException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Command(name = "uninstall", description = "Remove plugin and network list.")
  static final class Uninstall implements Callable<Integer> {
    @ParentCommand
    CniVerbs cni;

    @Option(names = "--root", paramLabel = "DIR", description = "prefix of all places, else /")
    Path root = Path.of("/");

    @Override
    public Integer call() {
      try {
        Files.deleteIfExists(root.resolve(LIST));
        Files.deleteIfExists(root.resolve(PLUGIN));
      } catch (IOException e) {
        throw new CliException(CliException.MACHINE, "the CNI plugin cannot be removed: " + e);
      }
      return CliException.OK;
    }
  }
}
