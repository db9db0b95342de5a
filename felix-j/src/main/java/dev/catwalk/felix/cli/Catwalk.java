package dev.catwalk.felix.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The program: picks the verb. */
@Command(
    name = "catwalk",
    description = "A BGP-routed network agent for containers.",
    synopsisSubcommandLabel = "VERB",
    subcommands = {
      AgentRun.class,
      Clean.class,
      AskVerbs.Status.class,
      AskVerbs.Nodes.class,
      AskVerbs.Peers.class,
      AskVerbs.Routes.class,
      AskVerbs.Endpoints.class,
      AskVerbs.Ipam.class,
      ManifestVerbs.Apply.class,
      ManifestVerbs.Get.class,
      ManifestVerbs.Delete.class,
      Validate.class,
      PolicyVerify.class,
      SelectorVerb.class,
      LogsVerb.class,
      AskVerbs.Drain.class,
      Restart.class,
      BgpRun.class,
      CniVerbs.class,
      PkiVerbs.class,
      StoreVerbs.class,
      Completion.class,
      Version.class,
    })
public final class Catwalk {
  /** Where an agent without {@code --root} listens. */
  static final String SOCKET = "/run/catwalk/agent.sock";

  /** Below it the lab keeps one root a node. */
  static final String LAB = "/run/catwalk/lab";

  /** How an answer is written. */
  public enum Format {
    table,
    json,
    yaml
  }

  @Option(
      names = "-o",
      paramLabel = "FORMAT",
      description = "table, json or yaml",
      scope = ScopeType.INHERIT)
  Format format = Format.table;

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      description = "the agent's socket; else CATWALK_SOCKET, else " + SOCKET,
      scope = ScopeType.INHERIT)
  @Nullable
  Path socket;

  @Option(
      names = "--node",
      paramLabel = "NAME",
      description = "the agent of this lab node",
      scope = ScopeType.INHERIT)
  @Nullable
  String node;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "what this verb does",
      scope = ScopeType.INHERIT)
  boolean help;

  final Map<String, String> environment;
  final PrintStream out;
  final PrintStream err;

  Catwalk(Map<String, String> environment, PrintStream out, PrintStream err) {
    this.environment = environment;
    this.out = out;
    this.err = err;
  }

  /** Runs the verb and leaves with its exit status. */
  public static void main(String[] args) throws InterruptedException {
    AgentRun.Run plain = AgentRun.Run.plain(args);
    int status = plain == null
        ? run(System.getenv(), System.out, System.err, args)
        : agent(plain, System.err);
    System.out.flush();
    System.exit(status);
  }

  private static int agent(AgentRun.Run run, PrintStream err) throws InterruptedException {
    try {
      return run.run(err);
    } catch (CliException e) {
      err.println("catwalk: " + e.getMessage());
      return e.status();
    }
  }

  /** As {@link #main}, but returns the exit status. */
  static int run(
      Map<String, String> environment, PrintStream out, PrintStream err, String... args) {
    CommandLine line = new CommandLine(new Catwalk(environment, out, err))
        .setOut(new PrintWriter(out, true, out.charset()))
        .setErr(new PrintWriter(err, true, err.charset()))
        .setCaseInsensitiveEnumValuesAllowed(false)
        .setExecutionExceptionHandler((e, command, parsed) -> {
          if (e instanceof CliException known) {
            err.println("catwalk: " + known.getMessage());
            return known.status();
          }
          throw e;
        });
    if (args.length == 0) {
      line.usage(err);
      return CliException.USAGE;
    }
    return line.execute(args);
  }

  /** The socket of the agent that is meant. */
  Path agentSocket() {
    if (socket != null) {
      return socket;
    }
    if (node != null) {
      if (!node.matches("[a-zA-Z0-9][a-zA-Z0-9.-]{0,62}")) {
        throw new CliException(CliException.USAGE, "--node '" + node + "' is no node's name");
      }
      return Path.of(LAB, node + SOCKET);
    }
    return Path.of(Optional.ofNullable(environment.get("CATWALK_SOCKET"))
        .filter(s -> !s.isEmpty())
        .orElse(SOCKET));
  }
}
