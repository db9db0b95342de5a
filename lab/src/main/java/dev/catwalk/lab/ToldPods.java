package dev.catwalk.lab;

import dev.catwalk.lab.shell.Addresses;
import dev.catwalk.lab.shell.Addresses.Difference;
import dev.catwalk.lab.shell.Containers;
import dev.catwalk.lab.shell.Exec;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.topology.Plan;
import dev.catwalk.lab.topology.Plan.Node;
import dev.catwalk.lab.topology.Plan.Pod;
import dev.catwalk.net.addr.IpAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The pods that agents are asked for, and what they were told: never anything else than before, and
 * never what another one was told that is there. Any thread, but where pods are counted.
 */
final class ToldPods {
  private static final int HEALS_WITHIN_MS = 10_000;
  private static final int SERVED_WITHIN_MS = 30_000;

  private final Site site;
  private final Plan plan;

  /** The pods that are there. */
  private final TreeMap<String, List<IpAddress>> live = new TreeMap<>();

  private int operations;

  /** What must never be; null as long as it was not. */
  private @Nullable String broken;

  ToldPods(Site site, Plan plan) {
    this.site = site;
    this.plan = plan;
  }

  /** How often an agent was asked for something. */
  synchronized int operations() {
    return operations;
  }

  /** An agent is asked for what nobody is to be told. */
  synchronized void count() {
    operations++;
  }

  /** What a pod was told; nothing if it is not there. */
  synchronized List<IpAddress> told(Pod pod) {
    return live.getOrDefault(pod.fullName(), List.of());
  }

  /** It is not there any more, whatever its agent thinks. */
  synchronized void forget(Pod pod) {
    live.remove(pod.fullName());
  }

  /** One that the plan does not have, as its pods are. */
  Pod further(String name, Node node, Optional<IpAddress> fixed) {
    Pod any = of(node, false).getFirst();
    return new Pod(
        name + node.name(),
        any.namespace(),
        any.labels(),
        node.name(),
        any.port(),
        any.otherPorts(),
        fixed);
  }

  /** Those that are there, or are not. */
  List<Pod> of(Node node, boolean there) {
    return plan.pods().stream()
        .filter(p -> p.node().equals(node.name()) && told(p).isEmpty() != there)
        .toList();
  }

  void add(Pod pod) throws LabException {
    told(pod, Containers.attach(site, pod));
  }

  /** As a runtime whose plugin may find nobody. */
  void tried(Pod pod) {
    try {
      add(pod);
    } catch (LabException e) {
      // told nothing: it is asked again
    }
  }

  void addWithin(Pod pod) throws LabException {
    List<LabException> last = new ArrayList<>();
    boolean served = Exec.await(SERVED_WITHIN_MS, () -> {
      try {
        add(pod);
        return true;
      } catch (LabException e) {
        last.add(e);
        return false;
      }
    });
    if (!served) {
      throw last.getLast();
    }
  }

  private synchronized void told(Pod pod, List<IpAddress> addresses) {
    operations++;
    List<IpAddress> before = live.put(pod.fullName(), addresses);
    if (before != null && !before.equals(addresses)) {
      broken = pod.fullName() + " had " + before + " and is told " + addresses;
    }
    for (var other : live.entrySet()) {
      if (!other.getKey().equals(pod.fullName())
          && other.getValue().stream().anyMatch(addresses::contains)) {
        broken = addresses + " is given twice: " + other.getKey() + " and " + pod.fullName();
      }
    }
  }

  private synchronized @Nullable String broken() {
    return broken;
  }

  void remove(@Nullable Pod pod) throws LabException {
    if (pod != null) {
      Containers.detach(site, pod);
      forget(pod);
      count();
    }
  }

  /** All of them at once, as {@link #tried}. */
  void allTry(List<Pod> pods) throws LabException {
    List<Callable<Void>> tasks = new ArrayList<>();
    pods.forEach(pod -> tasks.add(() -> {
      tried(pod);
      return null;
    }));
    Exec.all(tasks);
  }

  /** An agent's disk is empty when it starts again. */
  void wipe(Node node) throws LabException {
    Path data = site.root(node.name()).resolve("var/lib/catwalk");
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new LabException("cannot empty " + data + ": " + e, e);
    }
  }

  /** Nothing was told that must not be, and store, disks, pods and kernels agree within ten seconds. */
  void agree() throws LabException {
    String why = broken();
    if (why != null) {
      throw new LabException(why);
    }
    List<Difference> found = new ArrayList<>();
    boolean agree = Exec.await(HEALS_WITHIN_MS, () -> {
      found.clear();
      for (Node node : plan.nodes()) {
        found.addAll(Addresses.differences(site, node.name()));
      }
      return found.isEmpty();
    });
    if (!agree) {
      throw new LabException(found.toString());
    }
  }
}
