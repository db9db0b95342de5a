package dev.catwalk.lab;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.lab.policy.CaseFile;
import dev.catwalk.lab.policy.Played;
import dev.catwalk.lab.policy.PolicyCase;
import dev.catwalk.lab.policy.Sample;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.LabLock;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.shell.Teardown;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code catwalk lab policy}. */
@Command(
    name = "policy",
    description = {
      "Play policy cases on the real kernel: agents, pods by CNI with the cases' own addresses,"
          + " manifests by apply, then a TCP connection, a UDP datagram or an SCTP INIT for each"
          + " probe. From case to case only the difference is applied to the running agents. An earlier"
          + " lab is removed first.",
      "Status 1 if any packet went otherwise than expected. A pod to itself, and what a case leaves"
          + " to the implementation, is sent but not scored."
    })
final class PolicyVerb implements Callable<Integer> {
  private static final int SAMPLE = 60;
  private static final int MAX_NODES = 9;

  @Spec
  @Nullable
  CommandSpec spec;

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "JSON lists of cases")
  List<Path> files = List.of();

  @Option(
      names = "--cases",
      paramLabel = "N",
      description = "so many, of each file and tag some; 60 unless --all or --case is given")
  @Nullable
  Integer count;

  @Option(names = "--all", description = "every case")
  boolean all;

  @Option(names = "--case", paramLabel = "ID", description = "this case; can be repeated")
  List<String> ids = List.of();

  @Option(names = "--seed", paramLabel = "S", description = "picks other cases of the same kinds")
  long seed;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      description = "agents that share the pods by their addresses, 1 to 9 (default: 3)")
  int nodes = 3;

  @Option(names = "--keep", description = "leave the lab standing as the last case left it")
  boolean keep;

  @Option(
      names = "-o",
      paramLabel = "FORMAT",
      description = "table or json; with json the progress goes to stderr")
  Lab.Format format = Lab.Format.table;

  @Override
  public Integer call() throws LabException {
    List<PolicyCase> cases = chosen();
    if (cases.stream().allMatch(c -> c.probes().isEmpty())) {
      throw new LabException("none of the cases has a probe: there is nothing to send");
    }
    PrintStream told = format == Lab.Format.json ? System.err : System.out;
    Site site = Site.user();
    Up.clear(site, new Progress(told));
    List<PolicyRun> runs = new ArrayList<>();
    try {
      LabLock.holding(site, () -> runs.add(PolicyRun.play(site, cases, nodes, told)));
    } finally {
      if (!keep) {
        LabLock.holding(site, () -> Teardown.remove(site));
      }
    }
    PolicyRun run = runs.getFirst();
    if (format == Lab.Format.json) {
      System.out.println(json(run));
    }
    return run.disagreements().isEmpty() ? 0 : 1;
  }

  private List<PolicyCase> chosen() throws LabException {
    if (nodes < 1 || nodes > MAX_NODES) {
      throw usage("--nodes is " + nodes + ": want 1 to " + MAX_NODES);
    }
    if ((all ? 1 : 0) + (ids.isEmpty() ? 0 : 1) + (count == null ? 0 : 1) > 1) {
      throw usage("--all, --case and --cases exclude one another");
    }
    if (count != null && count < 1) {
      throw usage("--cases is " + count + ": want 1 or more");
    }
    List<PolicyCase> known = new ArrayList<>();
    for (Path file : files) {
      known.addAll(read(file));
    }
    if (all) {
      return known;
    }
    if (ids.isEmpty()) {
      return Sample.pick(known, count == null ? SAMPLE : count, seed);
    }
    TreeSet<String> missing = new TreeSet<>(ids);
    known.forEach(c -> missing.remove(c.id()));
    if (!missing.isEmpty()) {
      throw usage("no file has the case " + String.join(", ", missing));
    }
    return known.stream().filter(c -> ids.contains(c.id())).toList();
  }

  static List<PolicyCase> read(Path file) throws LabException {
    try {
      return CaseFile.parse(file.getFileName().toString(), Files.readString(file));
    } catch (IOException e) {
      throw new LabException("cannot read " + file + ": " + e, e);
    } catch (IllegalArgumentException e) {
      throw new LabException(String.valueOf(e.getMessage()), e);
    }
  }

  private ParameterException usage(String what) {
    if (spec == null) {
      throw new IllegalStateException(what);
    }
    return new ParameterException(spec.commandLine(), what);
  }

  private static String json(PolicyRun run) {
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.put("cases", run.cases());
    json.put("probes", run.played().size());
    json.put("scored", run.played().stream().filter(Played::scored).count());
    json.put("disagreements", run.disagreements().size());
    json.put("late", run.late());
    if (!run.enforcedMs().isEmpty()) {
      json.putObject("enforcedMs")
          .put("changes", run.enforcedMs().size())
          .put("p50", run.enforcedWithin(50))
          .put("p99", run.enforcedWithin(99));
    }
    ArrayNode left = json.putArray("leftOut");
    run.leftOut().forEach((id, why) -> left.addObject().put("case", id).put("why", why));
    ArrayNode results = json.putArray("results");
    for (Played played : run.played()) {
      ObjectNode one = results.addObject().put("case", played.id());
      one.put("from", played.probe().from()).put("to", played.probe().to());
      one.put("protocol", played.probe().protocol()).put("port", played.probe().port());
      played.probe().expected().ifPresent(e -> one.put("expected", e));
      one.put("seen", played.seen()).put("scored", played.scored());
      one.put("attempts", played.attempts());
    }
    return json.toPrettyString();
  }
}
