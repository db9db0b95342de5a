package dev.catwalk.lab;

import com.fasterxml.jackson.databind.JsonNode;
import dev.catwalk.lab.check.Cell;
import dev.catwalk.lab.check.Check;
import dev.catwalk.lab.check.Expected;
import dev.catwalk.lab.check.KernelRoute;
import dev.catwalk.lab.check.Matrix;
import dev.catwalk.lab.shell.Addresses;
import dev.catwalk.lab.shell.Agents;
import dev.catwalk.lab.shell.Exec;
import dev.catwalk.lab.shell.Kernel;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.Links;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.topology.Plan;
import dev.catwalk.lab.topology.Plan.Node;
import dev.catwalk.lab.topology.Plan.Pod;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The steps of {@code weave}: hosts in a chain learn of each other through those between them; the
 * last one is cut off, both sides go on and give out further addresses; it heals by itself.
 */
final class Weave {
  private static final int NOTICED_WITHIN_MS = 5_000;
  private static final int HEALS_WITHIN_MS = 20_000;

  private final Up up;
  private final Network network;
  private final Site site;
  private final Plan plan;
  private final Progress progress;

  Weave(Up up, Network network, Progress progress) {
    this.up = up;
    this.network = network;
    this.site = network.site();
    this.plan = network.plan();
    this.progress = progress;
  }

  void run() throws LabException {
    Node last = plan.nodes().getLast();
    Node before = plan.nodes().get(plan.nodes().size() - 2);
    List<Pod> first = new ArrayList<>();
    List<Pod> further = new ArrayList<>();
    for (Node node : plan.nodes()) {
      List<Pod> own =
          plan.pods().stream().filter(p -> p.node().equals(node.name())).toList();
      first.addAll(own.subList(0, own.size() / 2));
      further.addAll(own.subList(own.size() / 2, own.size()));
    }
    up.lay();
    up.populate(first);
    up.look();
    throughTheMiddle();
    up.matrix("who reaches whom", Optional.empty());

    progress.step("the cable between " + before.name() + " and " + last.name() + " is cut", () -> {
      Links.between(site, plan, before.name(), last.name(), false);
      return "";
    });
    apart("who reaches whom", last);
    progress.step("pods on both sides", () -> up.pods(further));
    twice();
    apart("who reaches whom, with further pods", last);

    progress.step("the cable is back", () -> {
      Links.between(site, plan, before.name(), last.name(), true);
      boolean healed = Exec.await(
          HEALS_WITHIN_MS, () -> network.matrix().wrong().isEmpty() && states().size() == 1);
      progress.check(new Check("all is as it was, by itself", healed, "states " + states()));
      return "";
    });
    throughTheMiddle();
    up.matrix("who reaches whom after it", Optional.empty());
    nothingDiffers();
  }

  /** Each end has the other's blocks by its neighbour, who has them by the next one. */
  private void throughTheMiddle() throws LabException {
    progress.step("routes through the middle", () -> {
      Node from = plan.nodes().getFirst();
      Node to = plan.nodes().getLast();
      List<Prefix> blocks = network.blocks(from).getOrDefault(to.name(), List.of());
      String wanted = String.join(
          " ", plan.nodes().stream().skip(1).map(n -> Long.toString(n.as())).toList());
      for (Prefix block : blocks) {
        AtomicReference<String> seen = new AtomicReference<>("");
        boolean right = Exec.await(HEALS_WITHIN_MS, () -> {
          seen.set(asPath(from, block));
          return seen.get().equals(wanted);
        });
        progress.check(new Check(
            from.name() + " has " + block + " of " + to.name() + " by AS path " + wanted,
            right,
            seen.get()));
      }
      List<List<String>> hops = new ArrayList<>();
      for (KernelRoute route : Kernel.routes(site, from.name())) {
        if (blocks.contains(route.to())) {
          hops.add(route.hops());
        }
      }
      List<List<String>> wantedHops = new ArrayList<>();
      for (Plan layer : plan.layers()) {
        wantedHops.add(Expected.hops(layer.node(from.name()), layer.node(to.name())));
      }
      progress.check(new Check(
          from.name() + " reaches the pods of " + to.name() + " through its neighbour",
          new TreeSet<>(hops.stream().map(List::toString).toList())
              .equals(new TreeSet<>(wantedHops.stream().map(List::toString).toList())),
          hops + ", want " + wantedHops));
      return from.name() + " to " + to.name() + " by AS " + wanted;
    });
  }

  private String asPath(Node at, Prefix block) throws LabException {
    for (JsonNode route : Agents.json(site, at.name(), "routes")) {
      if (route.path("prefix").asText().equals(block.toString())) {
        for (JsonNode one : route.path("paths")) {
          if (one.path("best").asBoolean()) {
            return one.path("asPath").asText();
          }
        }
      }
    }
    return "";
  }

  /** Nobody reaches anybody across the cut, and everybody all others. */
  private void apart(String title, Node cutOff) throws LabException {
    AtomicReference<Matrix> last = new AtomicReference<>(new Matrix(List.of()));
    Exec.await(NOTICED_WITHIN_MS, () -> {
      last.set(new Matrix(network.matrix().cells().stream()
          .map(c -> new Cell(c.probe(), c.expected() && !crosses(c, cutOff), c.answer()))
          .toList()));
      return last.get().wrong().isEmpty();
    });
    progress.print(title + ", " + cutOff.name() + " cut off", last.get().text(Optional.empty()));
    for (Cell cell : last.get().cells()) {
      progress.check(new Check(
          cell.probe().from() + " to " + cell.probe().to() + " with " + cutOff.name() + " cut off",
          cell.asExpected(),
          cell.toString()));
    }
  }

  private boolean crosses(Cell cell, Node node) {
    return network.isOn(cell.probe().from(), node) != network.isOn(cell.probe().to(), node);
  }

  private void twice() {
    List<IpAddress> all = new ArrayList<>();
    plan.pods().forEach(p -> all.addAll(network.addresses(p)));
    progress.check(new Check(
        "no address is given out twice, on whatever side",
        new TreeSet<>(all).size() == all.size(),
        all.toString()));
  }

  /** What members say of the state that they have. */
  private TreeSet<String> states() throws LabException {
    TreeSet<String> states = new TreeSet<>();
    for (Node node : plan.nodes()) {
      JsonNode store = Agents.json(site, node.name(), "status").path("store");
      states.add(store.path("revision").asText() + " " + store.path("stateHash").asText());
    }
    return states;
  }

  private void nothingDiffers() throws LabException {
    for (Node node : plan.nodes()) {
      Exec.await(HEALS_WITHIN_MS, () -> Addresses.differences(site, node.name()).isEmpty());
      List<Addresses.Difference> left = Addresses.differences(site, node.name());
      progress.check(new Check(
          "on " + node.name() + " store, disk, pods and kernel agree about every address",
          left.isEmpty(),
          left.toString()));
    }
  }
}
