package dev.catwalk.lab;

import dev.catwalk.lab.shell.Addresses;
import dev.catwalk.lab.shell.Addresses.Difference;
import dev.catwalk.lab.shell.AgentProcess;
import dev.catwalk.lab.shell.Agents;
import dev.catwalk.lab.shell.CniBurst;
import dev.catwalk.lab.shell.Containers;
import dev.catwalk.lab.shell.Exec;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.LabLock;
import dev.catwalk.lab.shell.Links;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.shell.Teardown;
import dev.catwalk.lab.shell.Verbs;
import dev.catwalk.lab.topology.Options;
import dev.catwalk.lab.topology.Plan;
import dev.catwalk.lab.topology.Plan.Node;
import dev.catwalk.lab.topology.Plan.Pod;
import dev.catwalk.net.addr.IpAddress;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;

/**
 * Faults that concern addresses, on three real agents with pods: {@code lab faults --agents}. After
 * each round no address is two pods', every pod has what it was told, and store, disks, pods and
 * kernels agree within ten seconds.
 */
final class AgentFaults {
  private static final int SERVED_WITHIN_MS = 30_000;
  private static final long REFUSED_FOR_MS = 2_000;
  private static final int MOST_MS_BEFORE_KILL = 40;

  /** Each of its addresses is a block, which goes where the pod goes that asks for it. */
  private static final String MOVING = """
      apiVersion: projectcalico.org/v3
      kind: IPPool
      metadata: {name: moving}
      spec: {cidr: 10.43.0.0/28, blockSize: 32, assignmentMode: Manual}
      """;

  /** What befalls a node. */
  enum Row {
    CUT("cut", "a node is cut off while pods come and go on all nodes"),
    CUT_RESTART("cut-restart", "its agent is started anew behind the cut, and must refuse"),
    KILLED("killed-agent", "an agent is killed while it answers ADDs"),
    LOST_DEL("lost-del", "a pod goes without a DEL, and its agent is killed"),
    WIPED("wiped-agent", "an agent's disk is emptied, its pods go on"),
    RECREATED("recreated", "a node is deleted and made again under its name"),
    MOVED("moved", "two nodes want one address for their pods, and it goes from one to the other"),
    KEPT("kept", "pods of one sticky name on all nodes, of which one has its address at a time"),
    LENT("lent", "a pool has blocks for two of three nodes, which lend to the third");

    final String word;
    final String about;

    Row(String word, String about) {
      this.word = word;
      this.about = about;
    }
  }

  private final Site site;
  private final Plan plan;
  private final Up up;
  private final Random random;

  /** One for each node, all of which ask for the same address. */
  private final List<Pod> movers = new ArrayList<>();

  private final ToldPods pods;
  private final SharedFaults shared;

  private AgentFaults(Network network, Up up, long seed) {
    this.site = network.site();
    this.plan = network.plan();
    this.up = up;
    this.random = new Random(seed);
    this.pods = new ToldPods(site, plan);
    this.shared = new SharedFaults(site, plan, up, pods, random);
  }

  /**
   * Builds the network, strikes each of these rows so often, and removes it.
   *
   * @return whether all held
   */
  static boolean run(Site site, List<Row> rows, int rounds, long seed, PrintStream out)
      throws LabException {
    Network network = Network.planned(site, "address-faults", Options.NONE);
    Progress progress = new Progress(out);
    Up.clear(site, progress);
    boolean[] held = {true};
    LabLock.holding(site, () -> {
      AgentFaults faults = new AgentFaults(network, new Up(network, progress), seed);
      faults.up.lay();
      progress.step("agents", () -> faults.up.agents(faults.plan, faults.plan.nodes()));
      CniBurst.namespaces(site, faults.plan.pods());
      faults.mayMove();
      for (Row row : rows) {
        held[0] &= faults.rounds(row, rounds, out);
      }
      Teardown.remove(site);
    });
    return held[0];
  }

  private boolean rounds(Row row, int rounds, PrintStream out) throws LabException {
    int before = pods.operations();
    long began = System.nanoTime();
    for (int round = 1; round <= rounds; round++) {
      try {
        strike(row, plan.nodes().get(random.nextInt(plan.nodes().size())));
        pods.agree();
      } catch (LabException e) {
        out.printf("%-14s round %d FAILED: %s%n", row.word, round, e.getMessage());
        return false;
      }
    }
    out.printf(
        Locale.ROOT,
        "%-14s %d rounds, %d operations, held, %.1f s  %s%n",
        row.word,
        rounds,
        pods.operations() - before,
        (System.nanoTime() - began) / 1e9,
        row.about);
    return true;
  }

  private void strike(Row row, Node node) throws LabException {
    switch (row) {
      case CUT -> {
        ensure(node, 2);
        Links.set(site, plan, node.name(), false);
        try {
          for (Node each : plan.nodes()) {
            pods.remove(pods.of(each, true).stream().findFirst().orElse(null));
            pods.add(pods.of(each, false).getFirst());
          }
        } finally {
          Links.set(site, plan, node.name(), true);
        }
      }
      case CUT_RESTART -> {
        ensure(node, 2);
        Links.set(site, plan, node.name(), false);
        try {
          AgentProcess.must(site, node.name()).kill();
          Process unused = Agents.start(site, plan, node);
          refuses(node);
        } finally {
          Links.set(site, plan, node.name(), true);
        }
        pods.addWithin(pods.of(node, false).getFirst());
      }
      case KILLED -> {
        List<Pod> some = pods.of(node, false).stream().limit(4).toList();
        List<Callable<Void>> tasks = new ArrayList<>();
        some.forEach(pod -> tasks.add(() -> {
          pods.tried(pod);
          return null;
        }));
        tasks.add(() -> {
          Exec.pause(random.nextInt(MOST_MS_BEFORE_KILL));
          AgentProcess.must(site, node.name()).kill();
          return null;
        });
        Exec.all(tasks);
        up.agents(plan, List.of(node));
        for (Pod pod : some) {
          pods.addWithin(pod);
        }
      }
      case LOST_DEL -> {
        ensure(node, 1);
        Pod lost = pods.of(node, true).getFirst();
        CniBurst.remove(site, lost);
        AgentProcess.must(site, node.name()).kill();
        up.agents(plan, List.of(node));
        // What is held for the lost one is not given.
        pods.addWithin(pods.of(node, false).getFirst());
        CniBurst.namespaces(site, List.of(lost));
        pods.remove(lost);
      }
      case WIPED -> {
        ensure(node, 2);
        AgentProcess.must(site, node.name()).kill();
        pods.wipe(node);
        up.agents(plan, List.of(node));
        for (Pod pod : pods.of(node, true)) {
          pods.addWithin(pod); // the same again
        }
        pods.addWithin(pods.of(node, false).getFirst());
      }
      case RECREATED -> recreate(node);
      case MOVED -> move(node);
      case KEPT -> shared.keep(node);
      case LENT -> shared.lend(node);
    }
  }

  private void mayMove() throws LabException {
    Path file = site.write(site.state().resolve("moving.yaml"), MOVING);
    Verbs.must(site, plan.nodes().getFirst().name(), "apply", "--wait", "-f", file.toString());
    for (Node node : plan.nodes()) {
      movers.add(pods.further("mover-", node, Optional.of(IpAddress.parse("10.43.0.7"))));
    }
    CniBurst.namespaces(site, movers);
    shared.lay();
  }

  /** At most one of them may be told of it; who comes next gets it when the other's pod is gone. */
  private void move(Node first) throws LabException {
    pods.allTry(movers);
    List<Pod> turns = new ArrayList<>(movers);
    turns.sort(Comparator.comparing((Pod p) -> pods.told(p).isEmpty())
        .thenComparing(p -> !p.node().equals(first.name())));
    for (Pod pod : turns) {
      pods.addWithin(pod);
      if (random.nextBoolean()) {
        AgentProcess.must(site, pod.node()).kill();
        up.agents(plan, List.of(plan.node(pod.node())));
      }
      pods.remove(pod);
    }
  }

  private void recreate(Node node) throws LabException {
    ensure(node, 1);
    AgentProcess.must(site, node.name()).kill();
    for (Pod pod : pods.of(node, true)) {
      pods.forget(pod);
      CniBurst.remove(site, pod);
      CniBurst.namespaces(site, List.of(pod));
    }
    Verbs.clean(site, node.name());
    pods.wipe(node);
    up.agents(plan, List.of(node));
    pods.addWithin(pods.of(node, false).getFirst());
    for (Difference one : Addresses.differences(site, node.name())) {
      String[] words =
          one.remedy().substring(Math.max(0, one.remedy().indexOf("ipam"))).split(" ");
      if (one.remedy().contains("--past")) {
        Verbs.must(site, node.name(), words);
      }
    }
  }

  /** At least so many are there, and at least four more can come. */
  private void ensure(Node node, int least) throws LabException {
    while (pods.of(node, true).size() < least) {
      pods.addWithin(pods.of(node, false).getFirst());
    }
    while (pods.of(node, false).size() < 4) {
      pods.remove(pods.of(node, true).getFirst());
    }
  }

  /** For as long as nobody tells it what has become of its blocks. */
  private void refuses(Node node) throws LabException {
    if (!Exec.await(SERVED_WITHIN_MS, () -> Agents.isListening(site, node.name()))) {
      throw new LabException("the agent of " + node.name() + " does not listen behind the cut");
    }
    Pod pod = pods.of(node, false).getFirst();
    long deadline = System.nanoTime() + REFUSED_FOR_MS * 1_000_000;
    while (System.nanoTime() < deadline) {
      pods.count();
      try {
        Containers.attach(site, pod);
      } catch (LabException e) {
        Exec.pause(100);
        continue;
      }
      throw new LabException("an agent that was started behind a cut gives out addresses");
    }
  }
}
