package dev.catwalk.lab;

import dev.catwalk.lab.shell.AgentProcess;
import dev.catwalk.lab.shell.CniBurst;
import dev.catwalk.lab.shell.Exec;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.Links;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.shell.Verbs;
import dev.catwalk.lab.topology.Plan;
import dev.catwalk.lab.topology.Plan.Node;
import dev.catwalk.lab.topology.Plan.Pod;
import dev.catwalk.net.addr.IpAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;

/** The rows of {@link AgentFaults} that concern addresses which leave their blocks. */
final class SharedFaults {
  private static final int MOST_MS_BEFORE_KILL = 40;

  /** Three nodes, and a pool with blocks for two. */
  private static final String LENT = """
      apiVersion: projectcalico.org/v3
      kind: IPPool
      metadata: {name: lent}
      spec: {cidr: 10.44.0.0/29, blockSize: 30, assignmentMode: Manual}
      ---
      apiVersion: projectcalico.org/v3
      kind: IPAMConfiguration
      metadata: {name: default}
      spec: {strictAffinity: false}
      """;

  /** Of six addresses that the pool has, each node's pods want so many. */
  private static final int BORROWERS = 2;

  private final Site site;
  private final Plan plan;
  private final Up up;
  private final ToldPods pods;
  private final Random random;

  /** One for each node, all of the same sticky name. */
  private final List<Pod> keepers = new ArrayList<>();

  /** Some for each node, all of the pool that has blocks for two nodes. */
  private final List<Pod> borrowers = new ArrayList<>();

  /** What the sticky name's pods were told first. */
  private List<IpAddress> kept = List.of();

  SharedFaults(Site site, Plan plan, Up up, ToldPods pods, Random random) {
    this.site = site;
    this.plan = plan;
    this.up = up;
    this.pods = pods;
    this.random = random;
  }

  /** Says what may be shared, and by which pods. */
  void lay() throws LabException {
    StringBuilder manifests = new StringBuilder(LENT);
    for (Node node : plan.nodes()) {
      keepers.add(pods.further("keeper-", node, Optional.empty()));
      manifests.append(annotated(keepers.getLast(), "catwalk.dev/sticky: keeper"));
      for (int i = 0; i < BORROWERS; i++) {
        borrowers.add(pods.further("borrower" + i + "-", node, Optional.empty()));
        manifests.append(annotated(borrowers.getLast(), "catwalk.dev/pools: lent"));
      }
    }
    Path file = site.write(site.state().resolve("shared.yaml"), manifests.toString());
    Verbs.must(site, plan.nodes().getFirst().name(), "apply", "--wait", "-f", file.toString());
    CniBurst.namespaces(site, keepers);
    CniBurst.namespaces(site, borrowers);
  }

  private static String annotated(Pod pod, String annotation) {
    return """
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: %s, namespace: %s, annotations: {%s}}
      spec: {nodeName: %s, containers: [{name: main}]}
      """.formatted(pod.name(), pod.namespace(), annotation, pod.node());
  }

  /** Whoever has the address loses its agent, its network or its disk, and others ask meanwhile. */
  void keep(Node first) throws LabException {
    pods.allTry(keepers);
    List<Pod> turns = new ArrayList<>(keepers);
    turns.sort(Comparator.comparing((Pod p) -> pods.told(p).isEmpty())
        .thenComparing(p -> !p.node().equals(first.name())));
    for (Pod pod : turns) {
      pods.addWithin(pod);
      List<IpAddress> told = pods.told(pod);
      kept = kept.isEmpty() ? told : kept;
      if (!kept.equals(told)) {
        throw new LabException(pod.fullName() + " is told " + told + ", and its name has " + kept);
      }
      Node node = plan.node(pod.node());
      switch (random.nextInt(4)) {
        case 0 -> {
          AgentProcess.must(site, node.name()).kill();
          up.agents(plan, List.of(node));
        }
        case 1 -> {
          Links.set(site, plan, node.name(), false);
          try {
            pods.allTry(keepers);
          } finally {
            Links.set(site, plan, node.name(), true);
          }
        }
        case 2 -> {
          AgentProcess.must(site, node.name()).kill();
          pods.wipe(node);
          up.agents(plan, List.of(node));
          pods.addWithin(pod); // the same again
        }
        default -> pods.allTry(keepers);
      }
      pods.remove(pod);
    }
  }

  /** All addresses of the pool are wanted, while one node is cut off or its agent is killed. */
  void lend(Node struck) throws LabException {
    if (random.nextBoolean()) {
      List<Callable<Void>> tasks = new ArrayList<>();
      tasks.add(() -> {
        pods.allTry(borrowers);
        return null;
      });
      tasks.add(() -> {
        Exec.pause(random.nextInt(MOST_MS_BEFORE_KILL));
        AgentProcess.must(site, struck.name()).kill();
        return null;
      });
      Exec.all(tasks);
      up.agents(plan, List.of(struck));
    } else {
      Links.set(site, plan, struck.name(), false);
      try {
        pods.allTry(borrowers);
      } finally {
        Links.set(site, plan, struck.name(), true);
      }
    }
    for (Pod pod : borrowers) {
      pods.addWithin(pod);
    }
    for (Pod pod : borrowers) {
      if (pod.node().equals(struck.name()) || random.nextBoolean()) {
        pods.remove(pod);
      }
    }
  }
}
