package dev.catwalk.lab;

import dev.catwalk.lab.check.Measurement;
import dev.catwalk.lab.micro.RouteBenchmarks;
import dev.catwalk.lab.shell.LabException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What pieces of a route's way cost by themselves: JMH, each in a JVM of its own. */
final class JmhBench {
  private static final String ALL = ".*";

  private JmhBench() {}

  @Command(
      name = "jmh",
      description = "Decode, insert, decide and encode a table, each alone (JMH).")
  static final class Verb extends Bench.Verb {
    @Parameters(
        paramLabel = "REGEX",
        arity = "0..1",
        description = "of names as decode, insert, decide, encode; all without one")
    String which = ALL;

    @Option(names = "--prefixes", paramLabel = "N", description = "in the table, 1 to 1800000")
    int prefixes = 1_000_000;

    @Override
    Bench.Run run() throws LabException {
      if (prefixes < 1 || prefixes > RouteBenchmarks.MOST_PREFIXES) {
        throw new LabException("--prefixes is 1 to " + RouteBenchmarks.MOST_PREFIXES);
      }
      return of(which, prefixes, false);
    }
  }

  /**
   * Those whose name has {@code regex} in it.
   *
   * @param once in this JVM, one time, not warmed up: whether they run, not how fast
   */
  static Bench.Run of(String regex, int prefixes, boolean once) {
    return (site, progress) -> {
      List<Measurement> found = new ArrayList<>();
      for (String name : RouteBenchmarks.NAMES) {
        if (name.matches(ALL + regex + ALL)) {
          Measurement one = measure(name, prefixes, once);
          progress.say(String.format(
              Locale.ROOT, "%s: %.1f ms for %,d prefixes", name, one.value(), prefixes));
          found.add(one);
        }
      }
      if (found.isEmpty()) {
        throw new LabException("'" + regex + "' is in no name: they are " + RouteBenchmarks.NAMES);
      }
      return found;
    };
  }

  private static Measurement measure(String name, int prefixes, boolean once) throws LabException {
    ChainedOptionsBuilder options = new OptionsBuilder()
        .include(RouteBenchmarks.class.getName() + "." + name + "$")
        .param("prefixes", Integer.toString(prefixes))
        .shouldFailOnError(true)
        .verbosity(VerboseMode.SILENT);
    if (once) {
      options.forks(0).warmupIterations(0).measurementIterations(1);
    }
    // one after the other here, and no matter of ours what another user of this machine measures
    System.setProperty("jmh.ignoreLock", "true");
    try {
      RunResult result = new Runner(options.build()).runSingle();
      return Measurement.of(
          "jmh " + name,
          result.getPrimaryResult().getScore(),
          result.getPrimaryResult().getScoreUnit());
    } catch (RunnerException e) {
      throw new LabException("benchmark " + name + " failed: " + e.getMessage(), e);
    }
  }
}
