package dev.catwalk.felix.calc;

import dev.catwalk.felix.model.ClusterState;
import dev.catwalk.felix.model.PodAnnotations;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Assignee;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.Held;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.net.addr.Family;
import java.util.ArrayList;
import java.util.List;

/**
 * How many addresses the pods of a namespace may have. A node counts what it has given itself and
 * what it has heard of others: nodes that give at the same moment, or behind a cut, may go beyond it
 * together by as many as they give meanwhile.
 */
public final class AddressLimits {
  /** Of a Namespace: a number from 0, of each family by itself. */
  public static final String ANNOTATION = "catwalk.dev/max-addresses";

  private static final int MAX_DIGITS = 9;

  private AddressLimits() {}

  /**
   * Why a namespace gets no further address of a family; empty if it does.
   *
   * @param self whose own record of what it has given is {@code held}
   */
  public static String refusal(
      ClusterState cluster,
      NodeEpoch self,
      List<Allocation> held,
      String namespace,
      Family family) {
    String limit = PodAnnotations.ofNamespace(cluster, namespace).get(ANNOTATION);
    if (limit == null) {
      return "";
    }
    if (limit.length() > MAX_DIGITS || !limit.matches("[0-9]+")) {
      return "annotation " + ANNOTATION + " of namespace " + namespace
          + " is no number from 0 to 999999999: correct it";
    }
    long has = held.stream().filter(a -> isOf(a, namespace, family)).count();
    List<Block> blocks = new ArrayList<>();
    cluster.ipam().blocks().values().forEach(blocks::add);
    cluster.ipam().singles().values().forEach(blocks::add);
    for (Block block : blocks) {
      boolean ofPods = !block.owner().equals(self) && !block.owner().equals(Assignee.OWNER);
      if (block.cidr().family() == family && ofPods) {
        for (Held other : block.allocations().values()) {
          has += isOf(other.allocation(), namespace, family) ? 1 : 0;
        }
      }
    }
    return has < Integer.parseInt(limit)
        ? ""
        : "namespace " + namespace + " has " + has + " addresses of " + family
            + ", and its annotation " + ANNOTATION + " allows " + limit
            + ": delete pods of it, or raise the limit";
  }

  private static boolean isOf(Allocation a, String namespace, Family family) {
    return a.ip().family() == family && a.namespace().equals(namespace);
  }
}
