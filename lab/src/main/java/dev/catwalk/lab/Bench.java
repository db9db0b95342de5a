package dev.catwalk.lab;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.lab.check.Measurement;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.LabLock;
import dev.catwalk.lab.shell.Machine;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.shell.Teardown;
import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code catwalk lab bench ...}: picks what is measured; each is a verb of its own. */
@Command(
    name = "bench",
    description = "Build a lab, measure something in it, remove it.",
    synopsisSubcommandLabel = "WHAT",
    subcommands = {
      AgentBench.Verb.class,
      BgpBench.Verb.class,
      CniBench.Verb.class,
      IpamBench.Verb.class,
      JmhBench.Verb.class,
      RestartBench.Verb.class,
      StoreBench.Verb.class
    })
final class Bench {
  private static final int FAILED = 1;

  private Bench() {}

  /** Measures on a site, whose lab is removed afterwards whatever came of it. */
  @FunctionalInterface
  interface Run {
    List<Measurement> on(Site site, Progress progress) throws LabException;
  }

  /** What every verb of {@code bench} has in common. Status 0 only if no aim was missed. */
  abstract static class Verb implements Callable<Integer> {
    @Option(names = "-o", paramLabel = "FORMAT", description = "table or json")
    Lab.Format format = Lab.Format.table;

    /** What is measured, with this verb's own options. */
    abstract Run run() throws LabException;

    @Override
    public final Integer call() throws LabException {
      boolean json = format == Lab.Format.json;
      PrintStream out = json ? System.err : System.out;
      String machine = Machine.line();
      Instant when = Instant.now().truncatedTo(ChronoUnit.SECONDS);
      out.println(when + "  " + machine);
      List<Measurement> all = measure(Site.user(), new Progress(out), run());
      if (json) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        answer.put("when", when.toString()).put("machine", machine);
        answer.set("measurements", Measurement.json(all));
        System.out.println(answer.toPrettyString());
      } else {
        out.println();
        out.print(Measurement.text(all));
      }
      return all.stream().anyMatch(Measurement::missed) ? FAILED : 0;
    }
  }

  static List<Measurement> measure(Site site, Progress progress, Run run) throws LabException {
    Up.clear(site, progress);
    try {
      return run.on(site, progress);
    } finally {
      LabLock.holding(site, () -> Teardown.remove(site));
    }
  }
}
