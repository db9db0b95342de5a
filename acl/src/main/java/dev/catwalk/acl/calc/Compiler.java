package dev.catwalk.acl.calc;

import dev.catwalk.acl.model.PolicyState;
import dev.catwalk.acl.model.Workload;
import dev.catwalk.acl.model.WorkloadKey;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Compiles a whole state at once: what {@link Calculator} must come to as well. */
public final class Compiler {
  private Compiler() {}

  /**
   * What the endpoints of one node must do.
   *
   * @param local the workloads on this node. Those that the state does not know, or that policy
   *     cannot select (finished, on the host's network), get no program
   */
  public static Compiled compile(PolicyState state, SortedSet<WorkloadKey> local) {
    SortedMap<WorkloadKey, Compiled.Endpoint> endpoints = new TreeMap<>();
    SortedMap<String, SetDefinition> definitions = new TreeMap<>();
    for (WorkloadKey key : local) {
      Workload workload = state.workloads().get(key);
      if (workload != null && workload.selectable()) {
        CompiledEndpoint compiled = CompiledEndpoint.compile(
            workload, state.namespaces().get(key.namespace()), state.policies().values());
        endpoints.put(key, compiled.endpoint());
        definitions.putAll(compiled.definitions());
      }
    }
    SortedMap<String, AddressSet> sets = new TreeMap<>();
    definitions.forEach((id, definition) -> {
      SortedSet<Member> members = new TreeSet<>(definition.fixed());
      for (Workload workload : state.workloads().values()) {
        members.addAll(definition.contribution(
            workload, state.namespaces().get(workload.key().namespace())));
      }
      sets.put(id, new AddressSet(id, definition.kind(), definition.meaning(), members));
    });
    return new Compiled(endpoints, sets);
  }
}
