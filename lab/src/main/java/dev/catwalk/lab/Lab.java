package dev.catwalk.lab;

import dev.catwalk.lab.check.Matrix;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.LabLock;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.shell.Teardown;
import dev.catwalk.lab.topology.Families;
import dev.catwalk.lab.topology.Options;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code catwalk lab ...}: picks the verb. Exit status 0 only if every expectation held. */
@Command(
    name = "catwalk lab",
    description = "A network of namespaces with real routers, agents and pods.",
    synopsisSubcommandLabel = "VERB",
    footer =
        "  shell NAME [COMMAND...]  A shell, or one command, in the namespace of a node, router,"
            + " pod or the client.",
    subcommands = {
      Lab.UpVerb.class,
      Lab.Down.class,
      Lab.StatusVerb.class,
      Lab.ScenarioVerb.class,
      Bench.class,
      FaultsVerb.class,
      PolicyVerb.class,
    })
public final class Lab {
  private static final int FAILED = 1;
  private static final int USAGE = 2;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "what this verb does",
      scope = CommandLine.ScopeType.INHERIT)
  boolean help;

  private Lab() {}

  public static void main(String[] args) {
    CommandLine line = new CommandLine(new Lab())
        .setExecutionExceptionHandler((e, command, parsed) -> {
          if (e instanceof LabException known) {
            System.err.println("catwalk lab: " + known.getMessage());
            return FAILED;
          }
          throw e;
        })
        .registerConverter(Prefix.class, text -> converted(text, Prefix::parse))
        .registerConverter(Families.class, text -> converted(text, Families::named));
    if (args.length == 0) {
      line.usage(System.err);
      System.exit(USAGE);
    }
    System.exit(line.execute(args));
  }

  private static <T> T converted(String text, Function<String, T> parser) {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.TypeConversionException(String.valueOf(e.getMessage()));
    }
  }

  /** What changes a topology. */
  static final class TopologyOptions {
    @Option(names = "--nodes", paramLabel = "N", description = "how many, 1 to 9")
    @Nullable
    Integer nodes;

    @Option(
        names = "--pool",
        paramLabel = "CIDR",
        description = "the pods' addresses; once for each family")
    List<Prefix> pools = List.of();

    @Option(names = "--family", paramLabel = "4|6|dual", description = "IPv4, IPv6 or both")
    Families families = Families.FOUR;

    @Option(
        names = "--seed",
        paramLabel = "S",
        description = "picks every other address, and who gets which pod")
    long seed;

    Options options() {
      return new Options(Optional.ofNullable(nodes), pools, seed, families);
    }
  }

  @Command(name = "up", description = "Build the lab, check it and leave it standing.")
  static final class UpVerb implements Callable<Integer> {
    @Mixin
    TopologyOptions topology = new TopologyOptions();

    @Override
    public Integer call() throws LabException {
      Progress progress = new Progress(System.out);
      return Up.run(Site.user(), "first-light", topology.options(), progress) ? 0 : FAILED;
    }
  }

  @Command(
      name = "status",
      description = "What stands now, and who reaches whom by packets sent now.")
  static final class StatusVerb implements Callable<Integer> {
    @Option(names = "-o", paramLabel = "FORMAT", description = "table or json")
    Format format = Format.table;

    @Override
    public Integer call() throws LabException {
      Network network = Network.standing(Site.user());
      Status status = Status.of(network);
      Matrix matrix = network.matrix();
      if (format == Format.json) {
        System.out.println(status.json(matrix).toPrettyString());
      } else {
        System.out.println(status.nodes());
        System.out.println(status.routers());
        System.out.print(status.silent());
        System.out.print(matrix.text(Optional.empty()));
      }
      return status.ready() && matrix.wrong().isEmpty() ? 0 : FAILED;
    }
  }

  /** How a status is written. */
  enum Format {
    table,
    json
  }

  @Command(
      name = "scenario",
      description = "Build a published design, check that it does what it promises, remove it.")
  static final class ScenarioVerb implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "NAME", description = "which one")
    @Nullable
    String name;

    @Option(names = "--list", description = "name all and say what each shows")
    boolean list;

    @Option(names = "--all", description = "run all that are there")
    boolean all;

    @Option(names = "--keep", description = "leave it standing")
    boolean keep;

    @Mixin
    TopologyOptions topology = new TopologyOptions();

    @Override
    public Integer call() throws LabException {
      if (list) {
        for (Scenario scenario : Scenario.values()) {
          System.out.printf("%-16s%s%n", scenario, scenario.about());
        }
        Scenario.NOT_YET.forEach(n -> System.out.printf("%-16snot yet there%n", n));
        return 0;
      }
      if (all) {
        return runAll() ? 0 : FAILED;
      }
      Scenario scenario = name == null ? null : Scenario.named(name);
      if (scenario == null) {
        System.err.println("catwalk lab scenario: "
            + (name == null
                ? "name one, or say --list or --all"
                : Scenario.NOT_YET.contains(name)
                    ? "'" + name + "' is not yet there"
                    : "there is no scenario '" + name + "': --list names all"));
        return USAGE;
      }
      return run(scenario) ? 0 : FAILED;
    }

    /** Each whatever became of those before it; then a line for each of the design's. */
    private boolean runAll() {
      StringBuilder summary = new StringBuilder();
      boolean held = true;
      for (Scenario scenario : Scenario.values()) {
        String came = "passed";
        try {
          if (!run(scenario)) {
            came = "FAILED";
          }
        } catch (LabException e) {
          System.err.println("catwalk lab: " + e.getMessage());
          came = "FAILED";
        }
        held &= came.equals("passed");
        summary.append(String.format("%-16s%s%n", scenario, came));
        System.out.println();
      }
      Scenario.NOT_YET.forEach(n -> summary.append(String.format("%-16snot yet there%n", n)));
      System.out.print(summary);
      return held;
    }

    private boolean run(Scenario scenario) throws LabException {
      System.out.println("scenario " + scenario + ": " + scenario.about());
      return scenario.run(Site.user(), topology.options(), keep, new Progress(System.out));
    }
  }

  @Command(name = "down", description = "Remove everything of the lab, whatever state it is in.")
  static final class Down implements Callable<Integer> {
    @Override
    public Integer call() throws LabException {
      Site site = Site.user();
      List<String> left = Teardown.leftovers(site);
      if (left.isEmpty()) {
        System.out.println("no lab is up");
        return 0;
      }
      LabLock.holding(site, () -> Teardown.remove(site));
      List<String> still = Teardown.leftovers(site);
      still.forEach(line -> System.err.println("still there: " + line));
      System.out.println("removed " + left.size() + " things");
      return still.isEmpty() ? 0 : FAILED;
    }
  }
}
