package dev.catwalk.lab;

import com.fasterxml.jackson.databind.JsonNode;
import dev.catwalk.lab.check.Cell;
import dev.catwalk.lab.check.Check;
import dev.catwalk.lab.check.Expected;
import dev.catwalk.lab.check.Matrix;
import dev.catwalk.lab.check.Probe;
import dev.catwalk.lab.check.Published;
import dev.catwalk.lab.shell.Agents;
import dev.catwalk.lab.shell.Cabling;
import dev.catwalk.lab.shell.Containers;
import dev.catwalk.lab.shell.Exec;
import dev.catwalk.lab.shell.Kernel;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.LabLock;
import dev.catwalk.lab.shell.Routers;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.shell.Teardown;
import dev.catwalk.lab.shell.Tools;
import dev.catwalk.lab.shell.Verbs;
import dev.catwalk.lab.topology.Options;
import dev.catwalk.lab.topology.Plan;
import dev.catwalk.lab.topology.Plan.Node;
import dev.catwalk.lab.topology.Plan.Pod;
import dev.catwalk.lab.topology.PodManifests;
import dev.catwalk.lab.topology.Topology.Step;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;

/** Builds a lab and checks it, a step at a time. */
final class Up {
  private static final int AGENTS_WITHIN_MS = 60_000;
  private static final int SESSIONS_WITHIN_MS = 20_000;
  private static final int ROUTES_WITHIN_MS = 15_000;
  private static final int SYNC_WITHIN_MS = 10_000;
  private static final int PROGRAMMED_WITHIN_MS = 3_000;
  /** Of each pair of pods, shared by the families: more at once overflow the kernel's own queues. */
  private static final int CONNECTIONS = 48;

  private final Network network;
  private final Site site;
  private final Plan plan;
  private final Progress progress;
  private final Routing routing;

  Up(Network network, Progress progress) {
    this.network = network;
    this.site = network.site();
    this.plan = network.plan();
    this.progress = progress;
    this.routing = new Routing(network);
  }

  /**
   * The whole of {@code lab up}; leaves the lab standing whatever came of it.
   *
   * @return whether every expectation held
   */
  static boolean run(Site site, String topology, Options options, Progress progress)
      throws LabException {
    Network network = Network.planned(site, topology, options);
    clear(site, progress);
    LabLock.holding(site, new Up(network, progress)::all);
    return progress.end();
  }

  /** Removes what is left of an earlier lab. */
  static void clear(Site site, Progress progress) throws LabException {
    List<String> left = Teardown.leftovers(site);
    if (!left.isEmpty()) {
      progress.step("removing an earlier lab", () -> {
        LabLock.holding(site, () -> Teardown.remove(site));
        return left.size() + " things";
      });
    }
  }

  private void all() throws LabException {
    build();
    look();
    load();
    Matrix before = matrix("who reaches whom", Optional.empty());
    steps(before);
  }

  /** Applies the topology's manifests, each followed by all packets. */
  void steps(Matrix first) throws LabException {
    Matrix before = first;
    for (Step step : plan.topology().steps()) {
      apply(step.manifest());
      before = matrix("who reaches whom under " + step.manifest(), Optional.of(before));
      if (step.open().isPresent()) {
        published(step.manifest(), step.open().get(), before);
      }
    }
  }

  private void published(String manifest, List<String> open, Matrix seen) throws LabException {
    Published published;
    try {
      published = Published.parse(open);
    } catch (IllegalArgumentException e) {
      throw new LabException(plan.topology().name() + ": " + e.getMessage(), e);
    }
    for (Cell cell : seen.cells()) {
      Cell said = new Cell(cell.probe(), published.pass(cell.probe()), cell.answer());
      progress.check(
          new Check("under " + manifest + " as published", said.asExpected(), said.toString()));
    }
  }

  /** From nothing to pods that serve. */
  void build() throws LabException {
    lay();
    populate();
  }

  /** Namespaces and cables; nothing runs yet. */
  void lay() throws LabException {
    network.save();
    progress.step("namespaces and cables", () -> {
      Tools.cwprobe(site);
      Cabling.build(site, plan);
      return plan.spaces().size() + " namespaces, " + plan.cables().size() + " cables";
    });
  }

  /** From cables to pods that serve. */
  void populate() throws LabException {
    populate(plan.pods());
  }

  /** From cables to these pods that serve. */
  void populate(List<Pod> first) throws LabException {
    if (!plan.routers().isEmpty()) {
      progress.step("routers", () -> {
        Routers.start(site, plan);
        List<String> words = new ArrayList<>();
        plan.routers().forEach(r -> words.add(r.name() + " (" + r.speaker() + ")"));
        return String.join(", ", words);
      });
    }
    progress.step("agents", () -> agents(plan, plan.nodes()));
    progress.step("sessions", this::sessions);
    progress.step("labels", () -> {
      Path file = site.write(site.state().resolve("pods.yaml"), PodManifests.render(plan));
      Verbs.must(site, plan.nodes().getFirst().name(), "apply", "-f", file.toString());
      return "of " + plan.pods().size() + " pods, from Namespace and Pod manifests";
    });
    progress.step("pods", () -> pods(first));
    progress.step("routes", this::routes);
  }

  /** Starts these nodes' agents with what a plan says of them, and waits until they are ready. */
  String agents(Plan as, List<Node> nodes) throws LabException {
    List<Callable<Void>> tasks = new ArrayList<>();
    for (Node node : nodes) {
      tasks.add(() -> {
        Process process = Agents.start(site, as, node);
        awaitAgent(node, process);
        return null;
      });
    }
    Exec.all(tasks);
    return nodes.size() + (nodes.size() == 1 ? " agent" : " agents, one store");
  }

  /** Until it listens, is ready and owns a block. */
  private void awaitAgent(Node node, Process process) throws LabException {
    boolean ready = Exec.await(AGENTS_WITHIN_MS, () -> {
      if (!process.isAlive()) {
        throw new LabException("the agent of " + node.name() + " ended with status "
            + process.exitValue() + "; " + Agents.lastWords(site, node.name()));
      }
      return isReady(node);
    });
    if (!ready) {
      throw new LabException("the agent of " + node.name() + " has no block after "
          + AGENTS_WITHIN_MS / 1000 + " s; " + Agents.lastWords(site, node.name()));
    }
  }

  private boolean isReady(Node node) {
    try {
      return Agents.isListening(site, node.name())
          && Agents.json(site, node.name(), "status").path("ready").asBoolean()
          && network.blocks(node).containsKey(node.name());
    } catch (LabException e) {
      return false; // it is starting; whether it has ended is asked elsewhere
    }
  }

  private String sessions() throws LabException {
    Exec.await(SESSIONS_WITHIN_MS, () -> routing.missingSessions().isEmpty());
    List<String> missing = routing.missingSessions();
    progress.check(new Check("every session is established", missing.isEmpty(), text(missing)));
    int all = plan.layers().stream()
        .flatMap(p -> p.nodes().stream())
        .mapToInt(n -> n.neighbours().size())
        .sum();
    return plan.topology().bgp().mesh()
        ? "a mesh of " + plan.nodes().size()
        : all + " between nodes and routers";
  }

  /** Makes these pods, whose nodes' agents run. */
  String pods(List<Pod> pods) throws LabException {
    List<Callable<Void>> tasks = new ArrayList<>();
    for (Pod pod : pods) {
      tasks.add(() -> {
        List<IpAddress> addresses = Containers.start(site, pod);
        synchronized (network) {
          network.placed(pod, addresses);
        }
        return null;
      });
    }
    Exec.all(tasks);
    for (Pod pod : pods) {
      if (!Exec.await(SYNC_WITHIN_MS, () -> Containers.serves(site, pod))) {
        throw new LabException("the server in " + pod.fullName() + " does not answer");
      }
    }
    SortedMap<String, List<Prefix>> blocks = blocksOf(pods);
    for (Pod pod : pods) {
      List<IpAddress> addresses = network.addresses(pod);
      List<Prefix> own = blocks.getOrDefault(pod.node(), List.of());
      for (Plan layer : plan.layers()) {
        long inside = addresses.stream()
            .filter(a ->
                own.stream().anyMatch(b -> b.contains(a) && layer.pool().cidr().contains(b)))
            .count();
        progress.check(new Check(
            pod.fullName() + " has one " + layer.family() + " address, of its node's block",
            inside == 1,
            addresses.toString()));
      }
      pod.fixed()
          .ifPresent(fixed -> progress.check(new Check(
              pod.fullName() + " has the address that it asked for",
              addresses.contains(fixed),
              addresses.toString())));
    }
    List<IpAddress> all =
        pods.stream().flatMap(p -> network.addresses(p).stream()).toList();
    long distinct = all.stream().distinct().count();
    progress.check(new Check(
        "no address is given out twice, and of each family one",
        distinct == all.size() && distinct == (long) pods.size() * plan.layers().size(),
        distinct + " for " + pods.size() + " pods"));
    return pods.size() + " through the CNI plugin";
  }

  /**
   * The nodes' blocks, as an agent that has just answered knows them (others may be dead at the
   * moment), when it has heard of those that its neighbours have claimed for these pods.
   */
  private SortedMap<String, List<Prefix>> blocksOf(List<Pod> pods) throws LabException {
    AtomicReference<SortedMap<String, List<Prefix>>> blocks =
        new AtomicReference<>(new TreeMap<>());
    if (!pods.isEmpty()) {
      Node asked = plan.node(pods.getFirst().node());
      Exec.await(SYNC_WITHIN_MS, () -> {
        SortedMap<String, List<Prefix>> known = network.blocks(asked);
        blocks.set(known);
        return pods.stream()
            .allMatch(pod -> network.addresses(pod).stream()
                .allMatch(a -> known.getOrDefault(pod.node(), List.of()).stream()
                    .anyMatch(b -> b.contains(a))));
      });
    }
    return blocks.get();
  }

  private String routes() throws LabException {
    // Of one look: a block of one address that was claimed in vain comes and goes, later too.
    AtomicReference<List<String>> seen = new AtomicReference<>(List.of());
    Exec.await(ROUTES_WITHIN_MS, () -> {
      seen.set(routing.wrongRoutes());
      return seen.get().isEmpty();
    });
    List<String> wrong = seen.get();
    progress.check(new Check(
        "every node has every other's block and the client by all its ways, every router by the"
            + " right AS path",
        wrong.isEmpty(),
        text(wrong)));
    return "every node has every block, by every uplink";
  }

  /** Prints what nodes and routers say of themselves. */
  void look() throws LabException {
    Status status = Status.of(network);
    Node first = plan.nodes().getFirst();
    progress.print("nodes", status.nodes());
    if (!plan.routers().isEmpty()) {
      progress.print("sessions and routes, as the routers see them", status.routers());
    }
    progress.print(
        "routes to pods at " + first.name() + ", as its kernel has them", status.kernel(first));
  }

  /** Many connections between pods of different nodes: they spread over all uplinks. */
  private void load() throws LabException {
    List<List<Long>> before = sent();
    List<Probe> probes = new ArrayList<>();
    for (Pod from : plan.pods()) {
      for (Pod to : plan.pods()) {
        if (from.node().equals(to.node())) {
          continue;
        }
        for (IpAddress address : network.addresses(to)) {
          for (int i = 0; i < CONNECTIONS / plan.layers().size(); i++) {
            probes.add(
                new Probe(from.fullName(), to.fullName(), address, Probe.Protocol.TCP, to.port()));
          }
        }
      }
    }
    if (probes.isEmpty()) {
      return;
    }
    progress.step("load", () -> {
      long passed =
          network.probe(probes).stream().filter(a -> a.startsWith("ok ")).count();
      progress.check(new Check(
          "every connection of the load is answered",
          passed == probes.size(),
          passed + " of " + probes.size()));
      return probes.size() + " connections between nodes";
    });
    List<List<Long>> after = sent();
    for (int i = 0; i < plan.nodes().size(); i++) {
      Node node = plan.nodes().get(i);
      progress.check(new Check(
          "all uplinks of " + node.name() + " carry a part of the load",
          Expected.spread(before.get(i), after.get(i), node.uplinks()),
          "packets sent before " + before.get(i) + ", after " + after.get(i)));
    }
  }

  private List<List<Long>> sent() throws LabException {
    List<List<Long>> all = new ArrayList<>();
    for (Node node : plan.nodes()) {
      all.add(Kernel.sent(site, node));
    }
    return all;
  }

  /**
   * Sends every packet, prints what came of them and holds it against the expectations. What an
   * agent has just been told takes it a moment to program: packets that go wrong are sent anew,
   * with all others, until the time for that is over.
   */
  Matrix matrix(String title, Optional<Matrix> before) throws LabException {
    AtomicReference<Matrix> last = new AtomicReference<>(network.matrix());
    Exec.await(PROGRAMMED_WITHIN_MS, () -> {
      if (!last.get().wrong().isEmpty()) {
        last.set(network.matrix());
      }
      return last.get().wrong().isEmpty();
    });
    Matrix matrix = last.get();
    progress.print(
        title + " (+ yes, . no" + (before.isPresent() ? ", * changed" : "") + ", ! unexpected)",
        matrix.text(before));
    for (Cell cell : matrix.cells()) {
      if (cell.seen() && cell.probe().protocol() == Probe.Protocol.TCP) {
        String source = network
            .addressOf(cell.probe().from(), cell.probe().address().family())
            .toString();
        progress.check(new Check(
            cell.probe().to() + " sees the address of " + cell.probe().from(),
            cell.caller().equals(source),
            cell.caller()));
      }
      progress.check(new Check(
          cell.probe().from() + " to " + cell.probe().to(), cell.asExpected(), cell.toString()));
    }
    return matrix;
  }

  void apply(String manifest) throws LabException {
    progress.say("");
    progress.step("apply " + Path.of(manifest).getFileName(), () -> {
      Node first = plan.nodes().getFirst();
      Verbs.must(
          site,
          first.name(),
          "apply",
          "--wait",
          "-f",
          site.home().resolve(manifest).toString());
      network.applied(manifest);
      long revision =
          Agents.json(site, first.name(), "status").at("/store/revision").asLong();
      for (Node node : plan.nodes()) {
        boolean there = Exec.await(SYNC_WITHIN_MS, () -> {
          JsonNode status = Agents.json(site, node.name(), "status");
          return status.at("/store/revision").asLong() >= revision
              && status.at("/dataplane/inSync").asBoolean();
        });
        progress.check(new Check(
            node.name() + " has revision " + revision + " and is in sync",
            there,
            there ? "" : "not in " + SYNC_WITHIN_MS / 1000 + " s"));
      }
      return "revision " + revision + " on every node";
    });
  }

  private static String text(List<String> lines) {
    return String.join("; ", lines);
  }
}
