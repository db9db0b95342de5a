package dev.catwalk.acl.calc;

import dev.catwalk.acl.model.Action;
import dev.catwalk.acl.model.Direction;
import dev.catwalk.acl.model.Policy;
import dev.catwalk.acl.model.PolicyState;
import dev.catwalk.acl.model.Workload;
import dev.catwalk.acl.model.WorkloadKey;
import dev.catwalk.net.addr.Prefix;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Compiles a whole state at once. */
public final class Compiler {
  private final PolicyState state;
  private final SortedMap<String, SetDefinition> definitions = new TreeMap<>();

  private Compiler(PolicyState state) {
    this.state = state;
  }

  /**
   * What the endpoints of one node must do.
   *
   * @param local the workloads on this node. Those that the state does not know, or that policy
   *     cannot select (finished, on the host's network), get no program
   */
  public static Compiled compile(PolicyState state, SortedSet<WorkloadKey> local) {
    return new Compiler(state).compile(local);
  }

  private Compiled compile(SortedSet<WorkloadKey> local) {
    SortedMap<WorkloadKey, Compiled.Endpoint> endpoints = new TreeMap<>();
    for (WorkloadKey key : local) {
      Workload workload = state.workloads().get(key);
      if (workload != null && workload.selectable()) {
        endpoints.put(
            key,
            new Compiled.Endpoint(
                workload.addresses(),
                program(workload, Direction.INGRESS),
                program(workload, Direction.EGRESS)));
      }
    }
    SortedMap<String, AddressSet> sets = new TreeMap<>();
    definitions.forEach((id, definition) -> sets.put(
        id, new AddressSet(id, definition.kind(), definition.meaning(), members(definition))));
    return new Compiled(endpoints, sets);
  }

  private Program program(Workload workload, Direction direction) {
    RuleCompiler rules = new RuleCompiler(workload, direction, definitions);
    boolean isolated = false;
    for (Policy policy : state.policies().values()) {
      if (policy.covers(direction) && state.selects(policy.scope(), policy.subject(), workload)) {
        isolated = true;
        rules.add(policy);
      }
    }
    return Program.of(direction, rules.rules(), isolated ? Action.DENY : Action.ALLOW);
  }

  private SortedSet<Member> members(SetDefinition definition) {
    SortedSet<Member> members = new TreeSet<>();
    switch (definition) {
      case SetDefinition.OfNets(SortedSet<Prefix> nets) ->
        nets.forEach(net -> members.add(Member.of(net)));
      case SetDefinition.OfPods(var pods) -> {
        for (Workload workload : state.workloads().values()) {
          if (state.selects(pods.scope(), pods.labels(), workload)) {
            members.addAll(definition.contribution(workload));
          }
        }
      }
      case SetDefinition.OfNamedPort ignored -> {
        for (Workload workload : state.workloads().values()) {
          if (workload.selectable()) {
            members.addAll(definition.contribution(workload));
          }
        }
      }
    }
    return members;
  }
}
