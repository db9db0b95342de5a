package dev.catwalk.acl.calc;

import dev.catwalk.acl.model.Namespace;
import dev.catwalk.acl.model.Policy;
import dev.catwalk.acl.model.PolicyKey;
import dev.catwalk.acl.model.PolicyState;
import dev.catwalk.acl.model.Workload;
import dev.catwalk.acl.model.WorkloadKey;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Follows the changes of a cluster and of this node, and compiles what they touch. A workload's
 * change costs a look at each set in use and, if it is this node's, its programs; a policy's costs
 * the programs of the endpoints that it selects; only a set that nothing used before is filled from
 * all workloads. The same state gives the same output, whatever changes led to it: that of {@link
 * Compiler}. Not for several threads.
 */
public final class Calculator {
  private final SortedMap<String, Namespace> namespaces = new TreeMap<>();
  private final SortedMap<WorkloadKey, Workload> workloads = new TreeMap<>();
  private final SortedMap<PolicyKey, Policy> policies = new TreeMap<>();
  private SortedSet<WorkloadKey> local = new TreeSet<>();

  private final SortedMap<WorkloadKey, CompiledEndpoint> endpoints = new TreeMap<>();
  private final SortedMap<String, LiveSet> sets = new TreeMap<>();
  private final SortedSet<WorkloadKey> dirty = new TreeSet<>();
  private boolean setsChanged;
  private Compiled compiled = Compiled.empty();

  /** Adds a namespace or replaces the one of that name. */
  public void put(Namespace namespace) {
    if (!namespace.equals(namespaces.put(namespace.name(), namespace))) {
      namespaceChanged(namespace.name());
    }
  }

  public void removeNamespace(String name) {
    if (namespaces.remove(name) != null) {
      namespaceChanged(name);
    }
  }

  /** Adds a workload of any node or replaces the one of that key. */
  public void put(Workload workload) {
    if (!workload.equals(workloads.put(workload.key(), workload))) {
      workloadChanged(workload.key());
    }
  }

  public void remove(WorkloadKey key) {
    if (workloads.remove(key) != null) {
      workloadChanged(key);
    }
  }

  /** Adds a policy or replaces the one of that key. */
  public void put(Policy policy) {
    Policy before = policies.put(policy.key(), policy);
    if (!policy.equals(before)) {
      policyChanged(before);
      policyChanged(policy);
    }
  }

  public void remove(PolicyKey key) {
    policyChanged(policies.remove(key));
  }

  /** Says which workloads are on this node: all of them. */
  public void local(SortedSet<WorkloadKey> keys) {
    dirty.addAll(absent(local, keys));
    dirty.addAll(absent(keys, local));
    local = new TreeSet<>(keys);
  }

  /** Makes the difference to a whole state. */
  public void become(PolicyState state, SortedSet<WorkloadKey> keys) {
    absent(namespaces.keySet(), state.namespaces().keySet()).forEach(this::removeNamespace);
    absent(workloads.keySet(), state.workloads().keySet()).forEach(this::remove);
    absent(policies.keySet(), state.policies().keySet()).forEach(this::remove);
    state.namespaces().values().forEach(this::put);
    state.workloads().values().forEach(this::put);
    state.policies().values().forEach(this::put);
    local(keys);
  }

  /** For the state as it is now; the same object as long as nothing has changed. */
  public Compiled compiled() {
    if (dirty.isEmpty() && !setsChanged) {
      return compiled;
    }
    dirty.forEach(this::recompile);
    dirty.clear();
    setsChanged = false;
    SortedMap<WorkloadKey, Compiled.Endpoint> programs = new TreeMap<>();
    endpoints.forEach((key, one) -> programs.put(key, one.endpoint()));
    SortedMap<String, AddressSet> built = new TreeMap<>();
    sets.forEach((id, set) -> built.put(id, set.build()));
    compiled = new Compiled(programs, built);
    return compiled;
  }

  private void namespaceChanged(String name) {
    WorkloadKey first = new WorkloadKey(name, "");
    WorkloadKey next = new WorkloadKey(name + "\0", ""); // The least key after all of this one.
    workloads.subMap(first, next).keySet().forEach(this::workloadChanged);
  }

  private void workloadChanged(WorkloadKey key) {
    for (LiveSet set : sets.values()) {
      setsChanged |= contribute(set, key, workloads.get(key));
    }
    if (local.contains(key)) {
      dirty.add(key);
    }
  }

  private void policyChanged(@Nullable Policy policy) {
    if (policy == null) {
      return;
    }
    for (WorkloadKey key : local) {
      Workload workload = workloads.get(key);
      if (workload != null
          && PolicyState.selects(
              policy.scope(), policy.subject(), workload, namespaces.get(key.namespace()))) {
        dirty.add(key);
      }
    }
  }

  private void recompile(WorkloadKey key) {
    Workload workload = workloads.get(key);
    CompiledEndpoint before = endpoints.remove(key);
    if (workload != null && workload.selectable() && local.contains(key)) {
      CompiledEndpoint after =
          CompiledEndpoint.compile(workload, namespaces.get(key.namespace()), policies.values());
      endpoints.put(key, after);
      after
          .definitions()
          .forEach((id, definition) ->
              sets.computeIfAbsent(id, i -> filled(i, definition)).acquire());
    }
    if (before != null) { // After acquiring: what is used before and after is not filled anew.
      for (String id : before.definitions().keySet()) {
        if (Objects.requireNonNull(sets.get(id), id).release()) {
          sets.remove(id);
        }
      }
    }
  }

  private LiveSet filled(String id, SetDefinition definition) {
    LiveSet set = new LiveSet(id, definition);
    workloads.forEach((key, workload) -> contribute(set, key, workload));
    return set;
  }

  private boolean contribute(LiveSet set, WorkloadKey key, @Nullable Workload workload) {
    return set.contribute(
        key,
        workload == null
            ? List.of()
            : set.definition().contribution(workload, namespaces.get(key.namespace())));
  }

  private static <K extends Comparable<K>> SortedSet<K> absent(Set<K> from, Set<K> state) {
    SortedSet<K> gone = new TreeSet<>();
    for (K key : from) {
      if (!state.contains(key)) {
        gone.add(key);
      }
    }
    return gone;
  }
}
