package dev.catwalk.felix.model;

import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.Held;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Registration;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Compares what is recorded of addresses, at one revision: allocations in the store, what this node
 * handed out, and the pods that are known. Every difference is named.
 */
public final class IpamAudit {

  /**
   * A difference.
   *
   * @param subject the address or block that it is about
   * @param remedy what to do about it
   */
  public record Finding(String subject, String what, String remedy) {}

  private IpamAudit() {}

  /**
   * All that differs.
   *
   * @param self this life of this node
   * @param held what it handed out, as its own disk has it
   * @param pods the addresses of its pods, by their handles
   * @param pending how many of its changes the store does not know yet
   */
  public static List<Finding> compare(
      ClusterState cluster,
      NodeEpoch self,
      List<Allocation> held,
      SortedMap<Handle, List<IpAddress>> pods,
      int pending) {
    List<Finding> found = new ArrayList<>();
    here(held, pods, found);
    if (pending == 0) {
      recorded(cluster, self, held, found);
    }
    twice(cluster, found);
    past(cluster, found);
    return found;
  }

  /**
   * What the container runtime and this node do not agree about.
   *
   * @param asked the interfaces that the runtime asked for
   * @param pods the addresses of this node's pods
   */
  public static List<Finding> runtime(Set<Handle> asked, SortedMap<Handle, List<IpAddress>> pods) {
    List<Finding> found = new ArrayList<>();
    pods.forEach((handle, ips) -> {
      if (!asked.contains(handle)) {
        ips.forEach(ip -> found.add(new Finding(
            ip.toString(),
            "is the address of pod " + handle + ", and the container runtime knows no such one",
            "nothing where the runtime runs: its DEL or GC removes the pod")));
      }
    });
    for (Handle handle : asked) {
      if (!pods.containsKey(handle)) {
        found.add(new Finding(
            handle.toString(),
            "has an interface by the runtime's files, and this node has no such pod",
            "delete the container"));
      }
    }
    return found;
  }

  /**
   * What this node has promised not to hand out of its blocks, beside what the store calls set apart.
   *
   * @param here by block, as this node's own disk has it; without any that the store does not know
   */
  public static List<Finding> apart(
      ClusterState cluster, SortedMap<Prefix, SortedSet<IpAddress>> here) {
    List<Finding> found = new ArrayList<>();
    here.forEach((block, promised) -> {
      List<IpAddress> there = cluster.ipam().apartIn(block);
      for (IpAddress ip : there) {
        if (!promised.contains(ip)) {
          found.add(new Finding(
              ip.toString(),
              "is set apart in the store, and this node's disk does not say so of block " + block,
              "drain this node, and see the agent's log"));
        }
      }
      for (IpAddress ip : promised) {
        if (!there.contains(ip)) {
          found.add(new Finding(
              ip.toString(),
              "is set apart on this node's disk, and nobody has it in the store",
              "nothing where it goes by itself; else see the agent's log"));
        }
      }
    });
    return found;
  }

  /** Pods of this node that the cluster knows otherwise than the node does, or not at all. */
  public static List<Finding> told(
      ClusterState cluster, String node, SortedMap<Handle, List<IpAddress>> pods) {
    List<Finding> found = new ArrayList<>();
    TreeMap<Handle, List<IpAddress>> there = new TreeMap<>();
    for (Endpoint endpoint : cluster.endpointsOf(node)) {
      there.put(new Handle(endpoint.containerId(), endpoint.ifname()), endpoint.addresses());
    }
    TreeSet<Handle> all = new TreeSet<>(there.keySet());
    all.addAll(pods.keySet());
    for (Handle handle : all) {
      List<IpAddress> known = there.get(handle);
      List<IpAddress> mine = pods.get(handle);
      if (known == null || !known.equals(mine)) {
        found.add(new Finding(
            handle.toString(),
            "has " + (mine == null ? "nothing" : mine) + " on this node, and "
                + (known == null ? "nothing" : known) + " in the store",
            "nothing where the store answers: the agent tells it"));
      }
    }
    return found;
  }

  private static void here(
      List<Allocation> held, SortedMap<Handle, List<IpAddress>> pods, List<Finding> found) {
    TreeMap<Handle, SortedSet<IpAddress>> byHandle = new TreeMap<>();
    for (Allocation a : held) {
      byHandle.computeIfAbsent(a.handle(), h -> new TreeSet<>()).add(a.ip());
      if (!pods.containsKey(a.handle())) {
        found.add(new Finding(
            a.ip().toString(),
            "is handed out to " + a.owner() + " (" + a.handle()
                + "), and this node has no such pod",
            "ipam release --ip " + a.ip()));
      }
    }
    pods.forEach((handle, ips) -> {
      SortedSet<IpAddress> has = byHandle.getOrDefault(handle, new TreeSet<>());
      for (IpAddress ip : ips) {
        if (!has.contains(ip)) {
          found.add(new Finding(
              ip.toString(),
              "is the address of pod " + handle + " and is not recorded as handed out",
              "delete the pod"));
        }
      }
    });
  }

  private static void recorded(
      ClusterState cluster, NodeEpoch self, List<Allocation> held, List<Finding> found) {
    TreeMap<IpAddress, Allocation> here = new TreeMap<>();
    held.forEach(a -> here.put(a.ip(), a));
    for (Block block : cluster.ipam().blocksOf(self)) {
      for (Held one : block.allocations().values()) {
        Allocation there = one.allocation();
        Allocation mine = here.remove(there.ip());
        if (!there.equals(mine)) {
          found.add(new Finding(
              there.ip().toString(),
              "is " + there.owner() + "'s in the store and "
                  + (mine == null ? "nobody's" : mine.owner() + "'s") + " on this node's disk",
              "see the agent's log"));
        }
      }
    }
    here.forEach((ip, a) -> found.add(new Finding(
        ip.toString(), "is " + a.owner() + "'s and the store does not know", "see status")));
  }

  private static void twice(ClusterState cluster, List<Finding> found) {
    TreeMap<IpAddress, Endpoint> by = new TreeMap<>();
    for (Endpoint endpoint : cluster.endpoints().values()) {
      for (IpAddress ip : endpoint.addresses()) {
        Endpoint other = by.put(ip, endpoint);
        if (other != null) {
          found.add(new Finding(
              ip.toString(),
              "is the address of " + other.key() + " and of " + endpoint.key(),
              "delete one of them"));
        }
      }
    }
    for (Map.Entry<IpAddress, Endpoint> entry : by.entrySet()) {
      Block block = cluster.ipam().blockAround(entry.getKey());
      String node = entry.getValue().node();
      if (block != null && !block.owner().node().equals(node)) {
        found.add(new Finding(
            entry.getKey().toString(),
            "is the address of " + entry.getValue().key() + ", its block is " + block.owner()
                + "'s",
            "delete the pod"));
      }
    }
  }

  private static void past(ClusterState cluster, List<Finding> found) {
    for (Registration node : cluster.ipam().nodes().values()) {
      for (long epoch : node.retired()) {
        NodeEpoch past = new NodeEpoch(node.current().node(), epoch);
        for (Block block : cluster.ipam().blocksOf(past)) {
          found.add(new Finding(
              block.cidr().toString(),
              "belongs to " + past + ", which is past, with " + block.allocated()
                  + " addresses in use",
              "when its pods are gone: ipam release --past " + past.node() + " --epoch "
                  + past.epochText()));
        }
      }
    }
  }
}
