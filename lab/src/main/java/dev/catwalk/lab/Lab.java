package dev.catwalk.lab;

import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.LabLock;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.shell.Teardown;
import dev.catwalk.lab.topology.Options;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code catwalk lab ...}: picks the verb. Exit status 0 only if every expectation held. */
@Command(
    name = "catwalk lab",
    description = "A network of namespaces with real routers, agents and pods.",
    synopsisSubcommandLabel = "VERB",
    footer = "  shell NAME  A shell in the namespace of a node, router, pod or the client.",
    subcommands = {Lab.UpVerb.class, Lab.Down.class})
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
        .registerConverter(Prefix.class, text -> {
          try {
            return Prefix.parse(text);
          } catch (IllegalArgumentException e) {
            throw new CommandLine.TypeConversionException(String.valueOf(e.getMessage()));
          }
        });
    if (args.length == 0) {
      line.usage(System.err);
      System.exit(USAGE);
    }
    System.exit(line.execute(args));
  }

  @Command(name = "up", description = "Build the lab, check it and leave it standing.")
  static final class UpVerb implements Callable<Integer> {
    @Option(names = "--nodes", paramLabel = "N", description = "how many, 1 to 9")
    @Nullable
    Integer nodes;

    @Option(names = "--pool", paramLabel = "CIDR", description = "the pods' addresses")
    @Nullable
    Prefix pool;

    @Option(
        names = "--seed",
        paramLabel = "S",
        description = "picks every other address, and who gets which pod")
    long seed;

    @Override
    public Integer call() throws LabException {
      Options options = new Options(Optional.ofNullable(nodes), Optional.ofNullable(pool), seed);
      boolean held = Up.run(Site.user(), "first-light", options, new Progress(System.out));
      return held ? 0 : FAILED;
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
