package dev.catwalk.felix.calc;

import dev.catwalk.acl.calc.Calculator;
import dev.catwalk.acl.model.PolicyState;
import dev.catwalk.felix.model.ClusterState;
import dev.catwalk.felix.model.Endpoint;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Brings policy and routes together for one node, turn after turn. Numbers what it wants of the
 * kernel: the number grows when the content changes and only then. Not for several threads.
 */
public final class NodePlanner {

  /**
   * What the plan is made from.
   *
   * @param local this node's pods, oldest first
   * @param connected subnets of this node's own interfaces
   * @param learned what BGP selected: prefix to next hops
   * @param aggregates that this node tells
   */
  public record Inputs(
      ClusterState cluster,
      String node,
      List<Endpoint> local,
      SortedSet<Prefix> ownBlocks,
      SortedSet<Prefix> connected,
      SortedMap<Prefix, List<Gateway>> learned,
      SortedSet<Prefix> aggregates) {
    /** Without aggregates. */
    public Inputs(
        ClusterState cluster,
        String node,
        List<Endpoint> local,
        SortedSet<Prefix> ownBlocks,
        SortedSet<Prefix> connected,
        SortedMap<Prefix, List<Gateway>> learned) {
      this(cluster, node, local, ownBlocks, connected, learned, Collections.emptySortedSet());
    }

    public Inputs {
      local = List.copyOf(local);
      ownBlocks = Collections.unmodifiableSortedSet(new TreeSet<>(ownBlocks));
      connected = Collections.unmodifiableSortedSet(new TreeSet<>(connected));
      learned = Collections.unmodifiableSortedMap(new TreeMap<>(learned));
      aggregates = Collections.unmodifiableSortedSet(new TreeSet<>(aggregates));
    }
  }

  /**
   * The plan.
   *
   * @param policy what the rules were made from
   * @param unreadable by their keys what the store holds and this program cannot read, with the
   *     reason and what follows from it
   */
  public record Plan(
      DesiredKernel kernel, PolicyState policy, SortedMap<String, String> unreadable) {}

  private final PolicyInput input = new PolicyInput();
  private final PolicyRules policyRules = new PolicyRules();
  private final Calculator calculator = new Calculator();
  private @Nullable DesiredKernel last;

  /** Addresses of own blocks that other nodes have: the way to them is what these tell. */
  private static SortedSet<Prefix> lent(Inputs inputs) {
    IpamState ipam = inputs.cluster().ipam();
    TreeSet<Prefix> lent = new TreeSet<>();
    for (Prefix block : inputs.ownBlocks()) {
      for (IpAddress ip : ipam.apartIn(block)) {
        Block single = ipam.singles().get(ip.asPrefix());
        if (single != null && !single.owner().node().equals(inputs.node())) {
          lent.add(single.cidr());
        }
      }
    }
    return lent;
  }

  /** The plan for now. */
  public Plan plan(Inputs inputs) {
    PolicyInput.Gathered gathered = input.gather(inputs.cluster(), inputs.node(), inputs.local());
    calculator.become(gathered.state(), new TreeSet<>(gathered.links().keySet()));
    Ruleset rules = policyRules.of(calculator.compiled(), gathered.links());
    TreeMap<String, List<IpAddress>> endpoints = new TreeMap<>();
    inputs.local().forEach(e -> endpoints.put(e.hostInterface(), e.addresses()));
    List<NodeView.Pool> pools = new ArrayList<>();
    for (Pool pool : inputs.cluster().ipam().pools().values()) {
      pools.add(new NodeView.Pool(pool.cidr(), pool.natOutgoing()));
    }
    DesiredKernel before = last;
    long revision = before == null ? 1 : before.revision();
    NodeCalc.Result result = NodeCalc.calculate(new NodeView(
        revision,
        pools,
        inputs.ownBlocks(),
        endpoints,
        inputs.connected(),
        inputs.learned(),
        inputs.aggregates(),
        lent(inputs),
        rules));
    DesiredKernel now = result.kernel();
    if (before != null && !now.equals(before)) {
      now = new DesiredKernel(
          revision + 1, now.routes(), now.podLinks(), now.families(), now.rules());
    }
    last = now;
    return new Plan(now, gathered.state(), gathered.problems());
  }
}
