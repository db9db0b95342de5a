package dev.catwalk.lab;

import com.fasterxml.jackson.databind.JsonNode;
import dev.catwalk.lab.check.Check;
import dev.catwalk.lab.shell.Addresses;
import dev.catwalk.lab.shell.AgentProcess;
import dev.catwalk.lab.shell.Agents;
import dev.catwalk.lab.shell.Exec;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.shell.Verbs;
import dev.catwalk.lab.topology.Plan;
import dev.catwalk.lab.topology.Plan.Node;
import dev.catwalk.lab.topology.Plan.Pod;
import dev.catwalk.lab.topology.PodManifests;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;

/**
 * The steps of {@code controllers}: the member of the store that leads is killed while addresses are
 * given out and a policy is applied. Both come to an end, nothing is lost or there twice.
 */
final class Controllers {
  private static final int TAKEN_WITHIN_MS = 30_000;
  private static final int AGREE_WITHIN_MS = 15_000;

  private final Up up;
  private final Network network;
  private final Site site;
  private final Plan plan;
  private final Progress progress;

  Controllers(Up up, Network network, Progress progress) {
    this.up = up;
    this.network = network;
    this.site = network.site();
    this.plan = network.plan();
    this.progress = progress;
  }

  void run() throws LabException {
    up.lay();
    progress.step("agents", () -> up.agents(plan, plan.nodes()));
    progress.step("labels", () -> {
      Path file = site.write(site.state().resolve("pods.yaml"), PodManifests.render(plan));
      Verbs.must(site, plan.nodes().getFirst().name(), "apply", "-f", file.toString());
      return "of " + plan.pods().size() + " pods";
    });
    Node leader = leader();
    List<Node> others = plan.nodes().stream().filter(n -> !n.equals(leader)).toList();
    progress.step("pod by pod", () -> up.pods(firstOf(plan.pods())));
    progress.step("the leader, " + leader.name() + ", is killed", () -> {
      AgentProcess.must(site, leader.name()).kill();
      List<Callable<Void>> tasks = new ArrayList<>();
      tasks.add(() -> {
        up.pods(secondOf(others));
        return null;
      });
      tasks.add(() -> {
        policy(others.getLast());
        return null;
      });
      Exec.all(tasks);
      return "meanwhile " + others.size() + " pods and a policy";
    });
    Node next = leader(others);
    progress.check(
        new Check("another leads", !next.equals(leader), leader.name() + ", then " + next.name()));
    progress.step(leader.name() + " comes back", () -> {
      up.agents(plan, List.of(leader));
      return up.pods(secondOf(List.of(leader)));
    });
    up.look();
    up.matrix("who reaches whom under the policy", Optional.empty());
    nothingLostOrTwice();
  }

  private static List<Pod> firstOf(List<Pod> pods) {
    List<Pod> first = new ArrayList<>();
    TreeSet<String> nodes = new TreeSet<>();
    for (Pod pod : pods) {
      if (nodes.add(pod.node())) {
        first.add(pod);
      }
    }
    return first;
  }

  private List<Pod> secondOf(List<Node> nodes) {
    List<Pod> first = firstOf(plan.pods());
    List<String> names = nodes.stream().map(Node::name).toList();
    return plan.pods().stream()
        .filter(p -> names.contains(p.node()) && !first.contains(p))
        .toList();
  }

  private Node leader() throws LabException {
    return leader(plan.nodes());
  }

  /** As these say that know it. */
  private Node leader(List<Node> asked) throws LabException {
    List<Node> found = new ArrayList<>();
    Exec.await(TAKEN_WITHIN_MS, () -> {
      for (Node node : asked) {
        JsonNode store = Agents.json(site, node.name(), "status").path("store");
        String leader = store.path("leader").asText("");
        asked.stream().filter(n -> n.name().equals(leader)).findFirst().ifPresent(found::add);
      }
      return !found.isEmpty();
    });
    if (found.isEmpty()) {
      throw new LabException("none of the store's members leads");
    }
    return found.getLast();
  }

  /** A user tries again while nobody leads. */
  private void policy(Node at) throws LabException {
    String manifest = plan.topology().steps().getFirst().manifest();
    Path file = site.home().resolve(manifest);
    boolean taken = Exec.await(TAKEN_WITHIN_MS, () -> {
      try {
        Verbs.must(site, at.name(), "apply", "-f", file.toString());
        return true;
      } catch (LabException e) {
        return false;
      }
    });
    progress.check(new Check("the policy is taken without the leader", taken, at.name()));
    synchronized (network) {
      network.applied(manifest);
    }
  }

  /** Of every address, on every node: store, disk, pods and kernel say the same. */
  private void nothingLostOrTwice() throws LabException {
    for (Node node : plan.nodes()) {
      Exec.await(AGREE_WITHIN_MS, () -> Addresses.differences(site, node.name()).isEmpty());
      List<Addresses.Difference> left = Addresses.differences(site, node.name());
      progress.check(new Check(
          "on " + node.name() + " store, disk, pods and kernel agree about every address",
          left.isEmpty(),
          left.toString()));
    }
    TreeSet<String> revisions = new TreeSet<>();
    boolean same = Exec.await(AGREE_WITHIN_MS, () -> {
      revisions.clear();
      for (Node node : plan.nodes()) {
        JsonNode store = Agents.json(site, node.name(), "status").path("store");
        revisions.add(
            store.path("revision").asText() + " " + store.path("stateHash").asText());
      }
      return revisions.size() == 1;
    });
    progress.check(
        new Check("every member has the same state by its hash", same, revisions.toString()));
  }
}
