package dev.catwalk.lab.check;

import dev.catwalk.lab.topology.Plan;
import dev.catwalk.lab.topology.Plan.Neighbour;
import dev.catwalk.lab.topology.Plan.Node;
import dev.catwalk.lab.topology.Plan.Router;
import dev.catwalk.lab.topology.Plan.Uplink;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What routing must come to in a plan, from its cables and AS numbers alone. */
public final class Expected {
  private Expected() {}

  /**
   * The next hops by which a node reaches another's block, as {@link KernelRoute} has them: all its
   * routers, the other node itself on their common layer 2, or the next node on the way to it.
   */
  public static List<String> hops(Node node, Node other) {
    return node.uplinks().stream()
        .filter(u -> u.behind().isEmpty() || u.behind().contains(other.name()))
        .map(u -> u.via().orElse(other.address()) + "%" + u.device())
        .sorted()
        .toList();
  }

  /** The AS path that a router's best route to a node's block has, as {@link RouterView} has it. */
  public static Optional<String> asPath(Plan plan, Router from, Node to) {
    Map<String, Router> byName = new LinkedHashMap<>();
    plan.routers().forEach(r -> byName.put(r.name(), r));
    Map<String, String> pathTo = new LinkedHashMap<>(Map.of(from.name(), ""));
    ArrayDeque<Router> queue = new ArrayDeque<>(List.of(from));
    while (!queue.isEmpty()) {
      Router at = queue.remove();
      String so = pathTo.getOrDefault(at.name(), "");
      for (Neighbour n : at.neighbours()) {
        if (n.name().equals(to.name())) {
          return Optional.of((so + " " + n.as()).strip());
        }
        Router next = byName.get(n.name());
        if (next != null && pathTo.putIfAbsent(n.name(), so + " " + n.as()) == null) {
          queue.add(next);
        }
      }
    }
    return Optional.empty();
  }

  /** Whether each uplink carried a fair part of what was sent: at least a tenth of an equal share. */
  public static boolean spread(List<Long> sentBefore, List<Long> sentAfter, List<Uplink> uplinks) {
    long all = 0;
    for (int i = 0; i < uplinks.size(); i++) {
      all += sentAfter.get(i) - sentBefore.get(i);
    }
    for (int i = 0; i < uplinks.size(); i++) {
      if ((sentAfter.get(i) - sentBefore.get(i)) * 10 * uplinks.size() < all) {
        return false;
      }
    }
    return all > 0;
  }
}
