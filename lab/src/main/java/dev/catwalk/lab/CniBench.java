package dev.catwalk.lab;

import dev.catwalk.lab.check.Measurement;
import dev.catwalk.lab.shell.CniBurst;
import dev.catwalk.lab.shell.Exec;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.LabLock;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.topology.Options;
import dev.catwalk.lab.topology.Plan.Pod;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How long our plugin takes beside Debian's {@code bridge}, by turns in one run on one node: what
 * disturbs the machine meanwhile disturbs both.
 */
final class CniBench {
  private static final double AIM = 0.3;
  private static final int AT_ONCE = 8;
  private static final int GONE_WITHIN_MS = 60_000;

  /** What is measured how often. */
  record Size(int rounds, int pods) {}

  private final Network network;
  private final Site site;
  private final Size size;
  private final Progress progress;
  private final List<Measurement> found = new ArrayList<>();

  /** What the node has without pods. */
  private Set<String> links = Set.of();

  private CniBench(Network network, Size size, Progress progress) {
    this.network = network;
    this.site = network.site();
    this.size = size;
    this.progress = progress;
  }

  @Command(name = "cni", description = "CNI ADD and DEL beside Debian's bridge plugin.")
  static final class Verb extends Bench.Verb {
    @Option(
        names = "--rounds",
        description =
            "how often each plugin has its turn (default: ${DEFAULT-VALUE}); the agent has just"
                + " started, so few rounds say more of a young JVM than of an agent at work")
    int rounds = 12;

    @Option(names = "--pods", description = "how many a turn, 8 to 240")
    int pods = 40;

    @Override
    Bench.Run run() {
      return CniBench.of(new Size(Math.max(1, rounds), Math.clamp(pods, AT_ONCE, 240)));
    }
  }

  static Bench.Run of(Size size) {
    return (site, progress) -> {
      if (!CniBurst.hasBridge()) {
        throw new LabException(
            "there is nothing to compare with: apt-get install containernetworking-plugins");
      }
      CniBench bench = new CniBench(Network.planned(site, "bench", Options.NONE), size, progress);
      LabLock.holding(site, bench::all);
      return bench.found;
    };
  }

  /** Runs a plugin once for each pod. */
  @FunctionalInterface
  private interface Plugin {
    List<Long> run(Site site, List<Pod> pods, String command, int atOnce) throws LabException;
  }

  /** How long each of its ADDs and DELs took, microseconds. */
  private record Times(List<Long> add, List<Long> del) {
    Times() {
      this(new ArrayList<>(), new ArrayList<>());
    }
  }

  private void all() throws LabException {
    new Up(network, progress).build();
    List<Pod> ours = pods("bench");
    List<Pod> bridged = pods("bridged");
    CniBurst.namespaces(site, ours);
    CniBurst.namespaces(site, bridged);
    links = links();
    for (int atOnce : new int[] {1, AT_ONCE}) {
      progress.step(atOnce + " at a time", () -> compare(ours, bridged, atOnce));
    }
  }

  private List<Pod> pods(String word) {
    String node = network.plan().nodes().getFirst().name();
    List<Pod> pods = new ArrayList<>();
    for (int i = 1; i <= size.pods(); i++) {
      pods.add(new Pod(
          word + "-" + i, "default", new TreeMap<>(), node, 0, List.of(), Optional.empty()));
    }
    return pods;
  }

  private String compare(List<Pod> pods, List<Pod> bridged, int atOnce) throws LabException {
    Times ours = new Times();
    Times bridge = new Times();
    for (int round = 0; round < size.rounds(); round++) {
      turn(CniBurst::run, pods, atOnce, ours);
      turn(CniBurst::bridge, bridged, atOnce, bridge);
    }
    String how = atOnce == 1 ? "one at a time" : atOnce + " at a time";
    rows("ADD, " + how, ours.add(), bridge.add());
    if (atOnce == 1) {
      found.add(Measurement.of(
          "ADD, " + how + ", first turn alone, p50",
          Measurement.percentile(ours.add().subList(0, pods.size()), 50) / 1e3,
          "ms"));
    }
    rows("DEL, " + how, ours.del(), bridge.del());
    return size.rounds() + " turns of " + pods.size() + " pods each";
  }

  /**
   * A DEL may be answered before its link is gone: the turn ends when all are, so that no plugin is
   * measured while the kernel removes what the other had.
   */
  private void turn(Plugin plugin, List<Pod> pods, int atOnce, Times times) throws LabException {
    times.add().addAll(plugin.run(site, pods, "ADD", atOnce));
    times.del().addAll(plugin.run(site, pods, "DEL", atOnce));
    if (!Exec.await(GONE_WITHIN_MS, () -> links.containsAll(links()))) {
      throw new LabException("links of removed pods are still there after " + GONE_WITHIN_MS / 1000
          + " s: " + links());
    }
  }

  /** Those of the node, but for the bridge that the other plugin leaves. */
  private Set<String> links() throws LabException {
    String node = network.plan().nodes().getFirst().name();
    TreeSet<String> names = new TreeSet<>();
    Exec.must(List.of("ip", "-n", site.netns(node), "-o", "link", "show"))
        .lines()
        .forEach(line -> names.add(line.split(": ", 3)[1]));
    names.remove(CniBurst.BRIDGE_LINK);
    return names;
  }

  private void rows(String what, List<Long> ours, List<Long> bridge) {
    double mine = Measurement.percentile(ours, 50);
    double theirs = Measurement.percentile(bridge, 50);
    found.add(Measurement.of(what + ", p50", mine / 1e3, "ms"));
    found.add(Measurement.of(what + ", p99", Measurement.percentile(ours, 99) / 1e3, "ms"));
    found.add(Measurement.of("bridge " + what + ", p50", theirs / 1e3, "ms"));
    found.add(Measurement.of(what + ", p50 of bridge's", mine / theirs, "times").aim(AIM));
  }
}
