package dev.catwalk.lab;

import dev.catwalk.lab.check.Cell;
import dev.catwalk.lab.check.Check;
import dev.catwalk.lab.check.Expected;
import dev.catwalk.lab.check.KernelRoute;
import dev.catwalk.lab.check.Matrix;
import dev.catwalk.lab.check.Probe;
import dev.catwalk.lab.check.Probe.Protocol;
import dev.catwalk.lab.shell.AgentProcess;
import dev.catwalk.lab.shell.Capture;
import dev.catwalk.lab.shell.Exec;
import dev.catwalk.lab.shell.Kernel;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.shell.Verbs;
import dev.catwalk.lab.topology.AgentConfig;
import dev.catwalk.lab.topology.Plan;
import dev.catwalk.lab.topology.Plan.Node;
import dev.catwalk.lab.topology.Plan.Pod;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/**
 * The steps of {@code host-gw}: containers on hosts that do not know of each other's; then the
 * agents talk BGP and each host is the gateway to its own; one joins, one leaves.
 */
final class HostGateway {
  private static final int ROUTES_WITHIN_MS = 20_000;
  private static final int PASSES_WITHIN_MS = 3_000;
  private static final int ENDS_WITHIN_MS = 10_000;

  /** From a pod of either node to the other's: two questions, two answers. */
  private static final int PACKETS_OF_A_PING = 4;

  private final Up up;
  private final Network network;
  private final Site site;
  private final Plan plan;
  private final Progress progress;

  HostGateway(Up up, Network network, Progress progress) {
    this.up = up;
    this.network = network;
    this.site = network.site();
    this.plan = network.plan();
    this.progress = progress;
  }

  void run() throws LabException {
    List<Node> all = plan.nodes();
    List<Node> first = all.subList(0, all.size() - 1);
    Node last = all.getLast();
    up.lay();
    // All of them: a store begins with every member, the one too that joins the network later.
    progress.step("agents without BGP", () -> up.agents(plan.withoutMesh(), all));
    progress.step("pods", () -> up.pods(podsOf(first)));
    pings("who reaches whom: hosts and their own pods", probes(first), this::onOneNode);

    progress.step("agents start with BGP", () -> {
      for (Node node : all) {
        AgentProcess.must(site, node.name()).stop();
      }
      return up.agents(plan, first);
    });
    routes("routes", first, first);
    Capture capture = Capture.start(site, first.getFirst().name(), device(first));
    pings("who reaches whom", probes(first), probe -> true);
    capture.end(betweenPods(), PACKETS_OF_A_PING);
    nothingIsWrapped(capture, first);

    progress.step(last.name() + " joins", () -> up.agents(plan, List.of(last)));
    progress.step("its pod", () -> up.pods(podsOf(List.of(last))));
    routes("every node gains its route", all, all);
    pings("who reaches whom with " + last.name(), probes(all), probe -> true);

    progress.step(last.name() + " leaves", () -> {
      Verbs.must(site, last.name(), "drain");
      awaitEnd(last);
      return "by 'catwalk drain'";
    });
    routes("its route goes", first, first);
    pings(
        "who reaches whom without " + last.name(),
        probes(all).stream()
            .filter(p -> !isOn(p.from(), last) && !p.to().equals(last.name()))
            .toList(),
        probe -> !isOn(probe.to(), last));
    progress.print(
        "routes to pods at " + first.getFirst().name() + ", as its kernel has them",
        Status.of(network).kernel(first.getFirst()));
  }

  private static String device(List<Node> nodes) {
    return nodes.getFirst().uplinks().getFirst().device();
  }

  private List<Pod> podsOf(List<Node> nodes) {
    List<String> names = nodes.stream().map(Node::name).toList();
    return plan.pods().stream().filter(p -> names.contains(p.node())).toList();
  }

  private void awaitEnd(Node node) throws LabException {
    if (!Exec.await(ENDS_WITHIN_MS, () -> AgentProcess.of(site, node.name()).isEmpty())) {
      throw new LabException("the agent of " + node.name() + " did not end");
    }
  }

  /** Until each node's kernel has a route to each other's block, by that node, and no other one. */
  private void routes(String title, List<Node> at, List<Node> to) throws LabException {
    progress.step(title, () -> {
      Exec.await(ROUTES_WITHIN_MS, () -> wrongRoutes(at, to).isEmpty());
      List<String> wrong = wrongRoutes(at, to);
      progress.check(new Check(
          title + ": every node has those of " + to.stream().map(Node::name).toList()
              + " by themselves and no others",
          wrong.isEmpty(),
          String.join("; ", wrong)));
      return at.size() * (to.size() - 1) + " between nodes";
    });
  }

  private List<String> wrongRoutes(List<Node> at, List<Node> to) throws LabException {
    List<String> wrong = new ArrayList<>();
    for (Node node : at) {
      List<KernelRoute> routes = Kernel.routes(site, node.name());
      for (Node other : plan.nodes()) {
        Prefix block = other.block().orElseThrow();
        if (other.equals(node)) {
          continue;
        }
        List<List<String>> wanted =
            to.contains(other) ? List.of(Expected.hops(node, other)) : List.of();
        List<List<String>> seen = routes.stream()
            .filter(r -> r.to().equals(block))
            .map(KernelRoute::hops)
            .toList();
        if (!seen.equals(wanted)) {
          wrong.add(node.name() + " has " + block + " by " + seen + ", want " + wanted);
        }
      }
    }
    return wrong;
  }

  /** From every host and pod to every other pod, and from every pod to every host. */
  private List<Probe> probes(List<Node> nodes) {
    List<Probe> probes = new ArrayList<>();
    List<String> sources = new ArrayList<>(nodes.stream().map(Node::name).toList());
    podsOf(nodes).forEach(p -> sources.add(p.fullName()));
    for (String from : sources) {
      for (Pod to : podsOf(nodes)) {
        if (!from.equals(to.fullName())) {
          probes.add(new Probe(from, to.fullName(), network.address(to), Protocol.PING, 0));
        }
      }
    }
    for (Pod from : podsOf(nodes)) {
      for (Node to : nodes) {
        probes.add(new Probe(from.fullName(), to.name(), to.address(), Protocol.PING, 0));
      }
    }
    return probes;
  }

  private void pings(String title, List<Probe> probes, Predicate<Probe> expected)
      throws LabException {
    AtomicReference<List<Cell>> cells = new AtomicReference<>(List.of());
    Exec.await(PASSES_WITHIN_MS, () -> {
      List<String> answers = network.probe(probes);
      List<Cell> sent = new ArrayList<>();
      for (int i = 0; i < probes.size(); i++) {
        sent.add(new Cell(probes.get(i), expected.test(probes.get(i)), answers.get(i)));
      }
      cells.set(sent);
      return sent.stream().allMatch(Cell::asExpected);
    });
    progress.print(
        title + " (+ yes, . no, ! unexpected)", new Matrix(cells.get()).text(Optional.empty()));
    progress.say("");
    for (Cell cell : cells.get()) {
      progress.check(new Check(title, cell.asExpected(), cell.toString()));
    }
  }

  private String nodeOf(String place) {
    return plan.pods().stream()
        .filter(p -> p.fullName().equals(place))
        .map(Pod::node)
        .findFirst()
        .orElse(place);
  }

  private boolean isOn(String place, Node node) {
    return nodeOf(place).equals(node.name());
  }

  private boolean onOneNode(Probe probe) {
    return nodeOf(probe.from()).equals(nodeOf(probe.to()));
  }

  private String betweenPods() {
    Prefix pool = plan.pool().cidr();
    return "icmp and src net " + pool + " and dst net " + pool;
  }

  /**
   * On the wire pods' packets have pods' addresses outside, and hosts say nothing to each other but
   * BGP, the store's traffic and their own pings: nothing in which a packet could be wrapped.
   */
  private void nothingIsWrapped(Capture capture, List<Node> nodes) throws LabException {
    Prefix pool = plan.pool().cidr();
    List<String> plain = capture.packets(betweenPods());
    progress.check(new Check(
        "packets between pods are on the wire as the pods sent them",
        plain.size() >= PACKETS_OF_A_PING,
        plain.size() + " seen"));
    List<String> others = capture.packets("ip and not net " + pool
        + " and not (tcp port 179) and not (tcp port " + AgentConfig.STORE_PORT + ") and not icmp");
    progress.check(new Check(
        "nothing else is there in which a packet could be wrapped",
        others.isEmpty(),
        String.join("; ", others)));
    progress.say("on the wire between " + nodes.stream().map(Node::name).toList() + ": "
        + plain.size() + " packets from pod to pod, none wrapped in another");
  }
}
