package dev.catwalk.acl.model;

import dev.catwalk.net.addr.IpAddress;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Everything that policy depends on, of a whole cluster.
 *
 * @param nodes every node's own addresses by its name
 */
public record PolicyState(
    SortedMap<String, Namespace> namespaces,
    SortedMap<WorkloadKey, Workload> workloads,
    SortedMap<PolicyKey, Policy> policies,
    SortedMap<String, List<IpAddress>> nodes) {

  public PolicyState {
    namespaces = Collections.unmodifiableSortedMap(new TreeMap<>(namespaces));
    workloads = Collections.unmodifiableSortedMap(new TreeMap<>(workloads));
    policies = Collections.unmodifiableSortedMap(new TreeMap<>(policies));
    nodes = Collections.unmodifiableSortedMap(new TreeMap<>(nodes));
  }

  /** From lists; of two with one name the later one counts. */
  public static PolicyState of(
      List<Namespace> namespaces, List<Workload> workloads, List<Policy> policies) {
    SortedMap<String, Namespace> namespaceMap = new TreeMap<>();
    namespaces.forEach(n -> namespaceMap.put(n.name(), n));
    SortedMap<WorkloadKey, Workload> workloadMap = new TreeMap<>();
    workloads.forEach(w -> workloadMap.put(w.key(), w));
    SortedMap<PolicyKey, Policy> policyMap = new TreeMap<>();
    policies.forEach(p -> policyMap.put(p.key(), p));
    return new PolicyState(namespaceMap, workloadMap, policyMap, Collections.emptySortedMap());
  }

  /** Whether a selectable workload is in the scope and has the labels. */
  public boolean selects(Scope scope, Selector labels, Workload workload) {
    return selects(scope, labels, workload, namespaces.get(workload.key().namespace()));
  }

  /**
   * The same without a whole state.
   *
   * @param namespace the workload's, if there is an object of it
   */
  public static boolean selects(
      Scope scope, Selector labels, Workload workload, @Nullable Namespace namespace) {
    return workload.selectable()
        && scope.holds(workload.key().namespace(), namespace)
        && labels.matches(workload.labels());
  }
}
