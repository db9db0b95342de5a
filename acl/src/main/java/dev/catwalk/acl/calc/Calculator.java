package dev.catwalk.acl.calc;

import dev.catwalk.acl.model.Namespace;
import dev.catwalk.acl.model.Policy;
import dev.catwalk.acl.model.PolicyKey;
import dev.catwalk.acl.model.PolicyState;
import dev.catwalk.acl.model.Workload;
import dev.catwalk.acl.model.WorkloadKey;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Follows the changes of a cluster and of this node, and compiles them. Not for several threads.
 * The same state gives the same output, whatever changes led to it.
 */
public final class Calculator {
  private final SortedMap<String, Namespace> namespaces = new TreeMap<>();
  private final SortedMap<WorkloadKey, Workload> workloads = new TreeMap<>();
  private final SortedMap<PolicyKey, Policy> policies = new TreeMap<>();
  private SortedSet<WorkloadKey> local = new TreeSet<>();
  private Compiled compiled = Compiled.empty();
  private boolean stale;

  /** Adds a namespace or replaces the one of that name. */
  public void put(Namespace namespace) {
    stale |= !namespace.equals(namespaces.put(namespace.name(), namespace));
  }

  public void removeNamespace(String name) {
    stale |= namespaces.remove(name) != null;
  }

  /** Adds a workload of any node or replaces the one of that key. */
  public void put(Workload workload) {
    stale |= !workload.equals(workloads.put(workload.key(), workload));
  }

  public void remove(WorkloadKey key) {
    stale |= workloads.remove(key) != null;
  }

  /** Adds a policy or replaces the one of that key. */
  public void put(Policy policy) {
    stale |= !policy.equals(policies.put(policy.key(), policy));
  }

  public void remove(PolicyKey key) {
    stale |= policies.remove(key) != null;
  }

  /** Says which workloads are on this node: all of them. */
  public void local(SortedSet<WorkloadKey> keys) {
    stale |= !local.equals(keys);
    local = new TreeSet<>(keys);
  }

  /** Makes the difference to a whole state. */
  public void become(PolicyState state, SortedSet<WorkloadKey> keys) {
    absent(namespaces, state.namespaces()).forEach(this::removeNamespace);
    absent(workloads, state.workloads()).forEach(this::remove);
    absent(policies, state.policies()).forEach(this::remove);
    state.namespaces().values().forEach(this::put);
    state.workloads().values().forEach(this::put);
    state.policies().values().forEach(this::put);
    local(keys);
  }

  /** For the state as it is now; the same object as long as nothing has changed. */
  public Compiled compiled() {
    if (stale) {
      PolicyState state =
          new PolicyState(namespaces, workloads, policies, Collections.emptySortedMap());
      compiled = Compiler.compile(state, local);
      stale = false;
    }
    return compiled;
  }

  private static <K extends Comparable<K>, V> SortedSet<K> absent(
      SortedMap<K, V> from, SortedMap<K, V> state) {
    SortedSet<K> gone = new TreeSet<>(from.keySet());
    gone.removeAll(state.keySet());
    return gone;
  }
}
