package dev.catwalk.lab;

import com.fasterxml.jackson.databind.JsonNode;
import dev.catwalk.lab.check.Flow;
import dev.catwalk.lab.check.Measurement;
import dev.catwalk.lab.check.Place;
import dev.catwalk.lab.check.Policies;
import dev.catwalk.lab.check.Tally;
import dev.catwalk.lab.shell.AgentProcess;
import dev.catwalk.lab.shell.Agents;
import dev.catwalk.lab.shell.Exec;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.LabLock;
import dev.catwalk.lab.shell.RouteMonitor;
import dev.catwalk.lab.shell.Routers;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.shell.Standstill;
import dev.catwalk.lab.shell.Streams;
import dev.catwalk.lab.shell.Verbs;
import dev.catwalk.lab.topology.Options;
import dev.catwalk.lab.topology.Plan.Node;
import dev.catwalk.lab.topology.Plan.Router;
import dev.catwalk.lab.topology.Topology.Speaker;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What the network loses while an agent restarts. Streams of numbered packets run between all pods
 * and the client, through every node and both routers, under a policy that forbids some of them;
 * meanwhile one node's agent is killed and started after 3 s, restarted by its verb, or drained.
 */
final class RestartBench {
  private static final String MANIFEST = "lab/examples/udp-from-frontend.yaml";
  private static final int UDP = 17;
  private static final int AWAY_MS = 3_000;
  private static final int LEAD_MS = 1_000;

  /** Of each pair, each from a port of its own: they spread over both routers. */
  private static final int STREAMS = 2;

  /** After all is back: whoever forgets what was not told again does it by now. */
  private static final int SETTLE_MS = 2_000;

  private static final int BACK_WITHIN_MS = 60_000;

  /** Of a standstill of the machine: a third of the routers' time between two keepalives. */
  private static final double NOTABLE_SECONDS = 1;

  /** What is done to an agent. */
  enum Kind {
    /** SIGKILL, and a start 3 s later. */
    kill,
    /** {@code catwalk restart}. */
    planned,
    /** {@code catwalk drain} of a node that carries others' traffic, and a start after it. */
    drain
  }

  /**
   * How much.
   *
   * @param rate packets a second, of all streams together
   */
  record Size(int rounds, List<Kind> kinds, int rate) {}

  private final Network network;
  private final Site site;
  private final Size size;
  private final Progress progress;
  private final Routing routing;
  private final List<Measurement> found = new ArrayList<>();
  private List<Flow> flows = List.of();

  private RestartBench(Network network, Size size, Progress progress) {
    this.network = network;
    this.site = network.site();
    this.size = size;
    this.progress = progress;
    this.routing = new Routing(network);
  }

  @Command(
      name = "restart",
      description = "Packets lost, doubled and wrongly let through while an agent restarts.")
  static final class Verb extends Bench.Verb {
    @Option(names = "--rounds", description = "how many of each kind, 1 to 1000")
    int rounds = 20;

    @Option(
        names = "--kind",
        paramLabel = "KIND",
        description = "kill, planned or drain; several may be given, else all")
    List<Kind> kinds = List.of(Kind.values());

    @Option(names = "--rate", description = "packets a second in all, 100 to 20000")
    int rate = 2_400;

    @Override
    Bench.Run run() {
      return RestartBench.of(
          new Size(Math.clamp(rounds, 1, 1_000), kinds, Math.clamp(rate, 100, 20_000)));
    }
  }

  static Bench.Run of(Size size) {
    return (site, progress) -> {
      List<Measurement> found = new ArrayList<>();
      for (Kind kind : size.kinds()) {
        Up.clear(site, progress);
        String topology = kind == Kind.drain ? "drain" : "first-light";
        RestartBench bench =
            new RestartBench(Network.planned(site, topology, Options.NONE), size, progress);
        LabLock.holding(site, () -> bench.all(kind));
        found.addAll(bench.found);
      }
      return found;
    };
  }

  private void all(Kind kind) throws LabException {
    Up up = new Up(network, progress);
    up.build();
    up.apply(MANIFEST);
    up.matrix("who reaches whom", Optional.empty());
    if (kind == Kind.drain) {
      closeOneWay();
    }
    flows = flows(kind);
    Tally all = Tally.NONE;
    double slowest = 0;
    double still = 0;
    long changes = 0;
    for (int round = 0; round < size.rounds(); round++) {
      Node node = kind == Kind.drain
          ? network.plan().nodes().getFirst()
          : network.plan().nodes().get(round % network.plan().nodes().size());
      Round done = round(kind, node, round + 1);
      all = all.and(done.tally);
      slowest = Math.max(slowest, done.awaySeconds);
      still = Math.max(still, done.standstillSeconds);
      changes += done.routeChanges.size();
      done.tally.losses().forEach(l -> progress.say("  " + l));
      if (kind != Kind.drain) {
        done.routeChanges.forEach(c -> progress.say("  route changed: " + c));
      }
    }
    progress.say(kind + ", " + size.rounds() + " rounds: " + all);
    record(kind, all, slowest, changes);
    found.add(Measurement.of(kind + ": longest standstill of this machine", still, "s"));
  }

  private void record(Kind kind, Tally all, double slowest, long routeChanges) {
    String of = kind + ": ";
    found.add(count(of + "rounds", size.rounds()));
    found.add(Measurement.of(of + "packets a second", all.perSecond(), "1/s"));
    found.add(Measurement.of(of + "slowest return", slowest, "s"));
    found.add(count(of + "allowed packets sent", all.sent()));
    found.add(count(of + "lost", all.lost()).aim(0));
    found.add(count(of + "came twice", all.duplicates()).aim(0));
    found.add(count(of + "forbidden packets sent", all.forbidden()));
    found.add(count(of + "forbidden, but came", all.through()).aim(0));
    if (kind != Kind.drain) {
      found.add(count(of + "changes of routes by and to the node", routeChanges).aim(0));
    }
  }

  private static Measurement count(String what, long value) {
    return Measurement.of(what, (double) value, "");
  }

  /** The first router that can loses its session with the last node, and finds ways by others. */
  private void closeOneWay() throws LabException {
    Router router = detoured();
    Node last = network.plan().nodes().getLast();
    progress.step("no session " + router.name() + "-" + last.name(), () -> {
      Routers.disable(site, router, last.name());
      if (!Exec.await(BACK_WITHIN_MS, this::carriesAgain)) {
        throw new LabException(router.name() + " found no other ways to " + last.name());
      }
      return "its block by the other nodes";
    });
  }

  /** Whether the router that lost its session goes by every node that it can. */
  private boolean carriesAgain() throws LabException {
    List<Node> nodes = network.plan().nodes();
    return routing.detours(detoured(), nodes.getLast()) == nodes.size() - 1;
  }

  private Router detoured() {
    return network.plan().routers().stream()
        .filter(r -> r.speaker() == Speaker.BIRD)
        .findFirst()
        .orElseThrow();
  }

  /** Between all places that are not on one node; of a drained node, those that have another way. */
  private List<Flow> flows(Kind kind) throws LabException {
    Node drained = network.plan().nodes().getFirst();
    Policies policies = network.policies();
    List<Flow> all = new ArrayList<>();
    for (Place from : network.places()) {
      for (Place to : network.places()) {
        boolean local = from.equals(to)
            || network.plan().nodes().stream()
                .anyMatch(n -> network.isOn(from.name(), n) && network.isOn(to.name(), n));
        boolean gone = kind == Kind.drain
            && (network.isOn(from.name(), drained) || network.isOn(to.name(), drained));
        if (!local && !gone) {
          boolean allowed = policies.pass(from.name(), to.address(), UDP, Streams.port());
          for (int i = 0; i < STREAMS; i++) {
            all.add(new Flow(all.size(), from.name(), to.name(), to.address(), allowed));
          }
        }
      }
    }
    return all;
  }

  /**
   * @param awaySeconds from the deed until all is as before
   * @param standstillSeconds how long this machine let somebody wait for a processor
   */
  private record Round(
      Tally tally, List<String> routeChanges, double awaySeconds, double standstillSeconds) {}

  private Round round(Kind kind, Node node, int number) throws LabException {
    List<Round> done = new ArrayList<>();
    String name = kind + " " + number + " of " + size.rounds() + ", " + node.name();
    progress.step(name, () -> {
      List<RouteMonitor> monitors = monitors(node);
      try (Streams streams = Streams.start(site, flows, size.rate(), network::netns);
          Standstill standstill = Standstill.watch()) {
        Exec.pause(LEAD_MS);
        double away = act(kind, node, standstill);
        Exec.pause(SETTLE_MS);
        Tally tally = streams.end();
        List<String> changes = new ArrayList<>();
        monitors.forEach(m -> changes.addAll(m.end()));
        double still = standstill.seconds();
        done.add(new Round(tally, changes, away, still));
        long dropped = streams.dropped();
        return String.format(
            Locale.ROOT,
            "%s, back after %.1f s%s%s",
            tally,
            away,
            dropped == 0 ? "" : ", " + dropped + " came but found no room with the probe",
            still < NOTABLE_SECONDS ? "" : ", " + stoodStill(still));
      } finally {
        monitors.forEach(RouteMonitor::close);
      }
    });
    return done.getFirst();
  }

  /** What the node's agent does in its kernel, and what everybody else does about its block. */
  private List<RouteMonitor> monitors(Node node) throws LabException {
    List<RouteMonitor> monitors = new ArrayList<>();
    monitors.add(RouteMonitor.on(site, node.name(), RouteMonitor.OURS));
    for (Prefix block : network.blocks(node).getOrDefault(node.name(), List.of())) {
      for (Router router : network.plan().routers()) {
        monitors.add(RouteMonitor.on(site, router.name(), block + " "));
      }
      for (Node other : network.plan().nodes()) {
        if (!other.equals(node)) {
          monitors.add(RouteMonitor.on(site, other.name(), block + " "));
        }
      }
    }
    return monitors;
  }

  /** Takes the agent away and waits until it and all sessions and routes are back: in seconds. */
  private double act(Kind kind, Node node, Standstill standstill) throws LabException {
    long begun = System.nanoTime();
    String before = Agents.json(site, node.name(), "status").path("started").asText();
    switch (kind) {
      case kill -> {
        AgentProcess.must(site, node.name()).kill();
        Exec.pause(AWAY_MS);
        Agents.start(site, network.plan(), node);
      }
      case planned -> Verbs.must(site, node.name(), "restart");
      case drain -> {
        AgentProcess agent = AgentProcess.must(site, node.name());
        Verbs.must(site, node.name(), "drain");
        if (!Exec.await(BACK_WITHIN_MS, () -> !agent.isAlive())) {
          throw new LabException(node.name() + " does not end its agent after 'drain'");
        }
        Agents.start(site, network.plan(), node);
      }
    }
    boolean back = Exec.await(BACK_WITHIN_MS, () -> isBack(kind, node, before));
    if (!back) {
      throw new LabException(node.name() + " is not back: " + routing.missingSessions()
          + routing.wrongRoutes() + ", " + stoodStill(standstill.seconds()) + "; "
          + Agents.lastWords(site, node.name()));
    }
    return (System.nanoTime() - begun) / 1e9;
  }

  private static String stoodStill(double seconds) {
    return String.format(Locale.ROOT, "this machine stood still for up to %.1f s", seconds);
  }

  /** @param before when the agent was started that is gone */
  private boolean isBack(Kind kind, Node node, String before) throws LabException {
    JsonNode status;
    try {
      status = Agents.json(site, node.name(), "status");
    } catch (LabException e) {
      return false; // it is on its way out or not yet there
    }
    if (status.path("started").asText().equals(before) || !status.path("ready").asBoolean()) {
      return false;
    }
    return kind == Kind.drain
        ? routing.established(node) && carriesAgain()
        : routing.missingSessions().isEmpty() && routing.wrongRoutes().isEmpty();
  }
}
