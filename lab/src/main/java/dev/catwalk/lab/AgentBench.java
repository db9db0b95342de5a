package dev.catwalk.lab;

import dev.catwalk.lab.check.Measurement;
import dev.catwalk.lab.shell.AgentProcess;
import dev.catwalk.lab.shell.Agents;
import dev.catwalk.lab.shell.CniBurst;
import dev.catwalk.lab.shell.Exec;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.LabLock;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.topology.Options;
import dev.catwalk.lab.topology.Plan.Node;
import dev.catwalk.lab.topology.Plan.Pod;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What an agent costs its node: memory, time to be ready, processor time at rest, and how long a
 * pod's network takes. Three members of one store, two BGP sessions each; of memory and processor
 * time the agent that needs most is what counts, of the rest the first node's.
 */
final class AgentBench {
  private static final double RSS_AIM_MB = 130;
  private static final double READY_AIM_S = 1;
  private static final double IDLE_AIM_PERCENT = 0.5;
  private static final double ADD_AIM_MS = 5;

  private static final int READY_WITHIN_MS = 60_000;
  private static final int READY_ASKED_EVERY_MS = 5;
  private static final int AT_ONCE = 8;

  /** What is measured how often. Times in seconds. */
  record Size(int starts, int settle, int idle, int pods) {}

  private final Network network;
  private final Site site;
  private final Size size;
  private final Progress progress;
  private final List<Measurement> found = new ArrayList<>();

  private AgentBench(Network network, Size size, Progress progress) {
    this.network = network;
    this.site = network.site();
    this.size = size;
    this.progress = progress;
  }

  @Command(
      name = "agent",
      description = "Memory, time to be ready, processor time at rest, CNI ADD and DEL.")
  static final class Verb extends Bench.Verb {
    @Option(names = "--starts", description = "how often an agent is killed and started again")
    int starts = 5;

    @Option(names = "--settle", description = "seconds of rest before memory and rest are measured")
    int settle = 60;

    @Option(names = "--idle", description = "seconds over which processor time is taken")
    int idle = 30;

    @Option(names = "--pods", description = "how many on one node, 1 to 240")
    int pods = 200;

    @Override
    Bench.Run run() {
      return AgentBench.of(new Size(starts, settle, idle, Math.clamp(pods, 1, 240)));
    }
  }

  static Bench.Run of(Size size) {
    return (site, progress) -> {
      AgentBench bench =
          new AgentBench(Network.planned(site, "bench", Options.NONE), size, progress);
      LabLock.holding(site, bench::all);
      return bench.found;
    };
  }

  private void all() throws LabException {
    new Up(network, progress).build();
    progress.step("starts", this::starts);
    progress.step("at rest", this::rest);
    progress.step("pods", this::pods);
  }

  private String starts() throws LabException {
    Node node = network.plan().nodes().getFirst();
    List<Long> took = new ArrayList<>();
    for (int i = 0; i < size.starts(); i++) {
      AgentProcess.must(site, node.name()).kill();
      long begun = System.nanoTime();
      Process process = Agents.start(site, network.plan(), node);
      boolean ready = Exec.await(READY_WITHIN_MS, READY_ASKED_EVERY_MS, () -> {
        if (!process.isAlive()) {
          throw new LabException("the agent of " + node.name() + " ended with status "
              + process.exitValue() + "; " + Agents.lastWords(site, node.name()));
        }
        return Agents.isListening(site, node.name())
            && Agents.json(site, node.name(), "status").path("ready").asBoolean();
      });
      took.add((System.nanoTime() - begun) / 1000);
      if (!ready) {
        throw new LabException("the agent of " + node.name() + " is not ready after "
            + READY_WITHIN_MS / 1000 + " s; " + Agents.lastWords(site, node.name()));
      }
    }
    found.add(Measurement.of(
            "start of a killed agent, exec to ready, median of " + size.starts(),
            Measurement.percentile(took, 50) / 1e6,
            "s")
        .aim(READY_AIM_S));
    found.add(Measurement.of("the slowest", Measurement.percentile(took, 100) / 1e6, "s"));
    return size.starts() + " times killed and started";
  }

  private String rest() throws LabException {
    Exec.pause(size.settle() * 1000L);
    TreeMap<String, Double> before = processorSeconds();
    long begun = System.nanoTime();
    Exec.pause(size.idle() * 1000L);
    double seconds = (System.nanoTime() - begun) / 1e9;
    double most = 0;
    String who = "";
    TreeMap<String, Double> after = processorSeconds();
    for (Node node : network.plan().nodes()) {
      double percent =
          (after.getOrDefault(node.name(), 0.0) - before.getOrDefault(node.name(), 0.0))
              / seconds
              * 100;
      if (percent >= most) {
        most = percent;
        who = node.name();
      }
    }
    found.add(Measurement.of("memory at rest, RSS", mostMemory(), "MB").aim(RSS_AIM_MB));
    found.add(Measurement.of(
            "processor at rest over " + size.idle() + " s, store's " + role(who),
            most,
            "% of a core")
        .aim(IDLE_AIM_PERCENT));
    return size.settle() + " s of rest, then " + size.idle() + " s measured";
  }

  private String role(String node) throws LabException {
    return Agents.json(site, node, "status").at("/store/role").asText();
  }

  private TreeMap<String, Double> processorSeconds() throws LabException {
    TreeMap<String, Double> all = new TreeMap<>();
    for (Node node : network.plan().nodes()) {
      all.put(node.name(), AgentProcess.must(site, node.name()).processorSeconds());
    }
    return all;
  }

  private double mostMemory() throws LabException {
    double most = 0;
    for (Node node : network.plan().nodes()) {
      most = Math.max(most, AgentProcess.must(site, node.name()).residentMb());
    }
    return most;
  }

  private String pods() throws LabException {
    String node = network.plan().nodes().getFirst().name();
    List<Pod> pods = new ArrayList<>();
    for (int i = 1; i <= size.pods(); i++) {
      pods.add(
          new Pod("bench-" + i, "default", new TreeMap<>(), node, 0, List.of(), Optional.empty()));
    }
    CniBurst.namespaces(site, pods);
    times("ADD, one at a time", CniBurst.run(site, pods, "ADD", 1), true);
    times("DEL, one at a time", CniBurst.run(site, pods, "DEL", 1), false);
    times("ADD, " + AT_ONCE + " at a time", CniBurst.run(site, pods, "ADD", AT_ONCE), false);
    Exec.pause(Math.min(size.settle(), 10) * 1000L);
    found.add(Measurement.of(
        "memory with " + size.pods() + " pods, RSS",
        AgentProcess.must(site, node).residentMb(),
        "MB"));
    return size.pods() + " pods twice";
  }

  private void times(String what, List<Long> took, boolean aimed) {
    Measurement median =
        Measurement.of("CNI " + what + ", p50", Measurement.percentile(took, 50) / 1e3, "ms");
    found.add(aimed ? median.aim(ADD_AIM_MS) : median);
    found.add(
        Measurement.of("CNI " + what + ", p99", Measurement.percentile(took, 99) / 1e3, "ms"));
  }
}
