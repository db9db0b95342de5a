package dev.catwalk.felix.calc;

import dev.catwalk.acl.manifest.ManifestObject;
import dev.catwalk.acl.manifest.Manifests;
import dev.catwalk.acl.manifest.Parsed;
import dev.catwalk.acl.model.NamedPort;
import dev.catwalk.acl.model.Namespace;
import dev.catwalk.acl.model.Policy;
import dev.catwalk.acl.model.PolicyKey;
import dev.catwalk.acl.model.PolicyState;
import dev.catwalk.acl.model.Protocol;
import dev.catwalk.acl.model.Scope;
import dev.catwalk.acl.model.Selector;
import dev.catwalk.acl.model.Workload;
import dev.catwalk.acl.model.WorkloadKey;
import dev.catwalk.felix.model.ClusterState;
import dev.catwalk.felix.model.Endpoint;
import dev.catwalk.felix.model.Keys;
import dev.catwalk.felix.model.Manifest;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What policy depends on, gathered from the cluster's manifests and endpoints. Keeps what it read of
 * a manifest until the manifest changes; the answer depends on the arguments only.
 *
 * <p>A manifest that this program cannot read (a newer one wrote it, or a hand into the store)
 * closes rather than opens. In its place a NetworkPolicy isolates every pod of its namespace in both
 * directions and allows nothing. A pod of which nothing is known is left out: no set of peers holds
 * its addresses, and without a program nothing passes to or from it. A namespace without an object
 * matches no selector that asks for labels. Of a kind that is not known nothing can be said.
 */
public final class PolicyInput {

  private static final String POLICY = "NetworkPolicy";
  private static final String POD = "Pod";

  private record Read(Manifest manifest, List<ManifestObject> objects, String problem) {}

  private TreeMap<String, Read> known = new TreeMap<>();

  /**
   * The gathered state.
   *
   * @param links this node's pods: which links lead to each
   * @param problems by their keys what the store holds and this program cannot read, with the reason
   *     and what follows from it
   */
  public record Gathered(
      PolicyState state,
      SortedMap<WorkloadKey, SortedSet<String>> links,
      SortedMap<String, String> problems) {
    public Gathered {
      links = Collections.unmodifiableSortedMap(new TreeMap<>(links));
      problems = Collections.unmodifiableSortedMap(new TreeMap<>(problems));
    }
  }

  /**
   * Gathers.
   *
   * @param local this node's pods as the node itself knows them, oldest first: the store may not
   *     have heard of them yet
   */
  public Gathered gather(ClusterState cluster, String node, List<Endpoint> local) {
    TreeMap<String, String> problems = new TreeMap<>();
    for (Map.Entry<String, String> entry : cluster.unreadable()) {
      problems.put(entry.getKey(), entry.getValue());
    }
    TreeMap<String, Namespace> namespaces = new TreeMap<>();
    TreeMap<WorkloadKey, Workload> pods = new TreeMap<>();
    TreeMap<PolicyKey, Policy> policies = new TreeMap<>();
    for (ManifestObject object : objects(cluster, problems)) {
      switch (object) {
        case ManifestObject.OfNamespace n -> namespaces.put(n.value().name(), n.value());
        case ManifestObject.OfPod p -> pods.put(p.value().key(), p.value());
        case ManifestObject.OfAddresses a -> {} // of no concern to policy: see AddressPlan
        case ManifestObject.OfPolicy p -> policies.put(p.value().key(), p.value());
      }
    }
    SortedSet<WorkloadKey> unknown = closed(problems, policies);
    TreeMap<WorkloadKey, Workload> workloads = new TreeMap<>();
    for (Endpoint endpoint : cluster.endpoints().values()) {
      if (!endpoint.node().equals(node) && !unknown.contains(key(endpoint))) {
        add(endpoint, pods, workloads);
      }
    }
    TreeMap<WorkloadKey, SortedSet<String>> links = new TreeMap<>();
    for (Endpoint endpoint : local) {
      if (!unknown.contains(key(endpoint))) {
        add(endpoint, pods, workloads);
        links.computeIfAbsent(key(endpoint), k -> new TreeSet<>()).add(endpoint.hostInterface());
      }
    }
    TreeMap<String, List<IpAddress>> nodes = new TreeMap<>();
    cluster.nodes().values().forEach(n -> nodes.put(n.name(), n.addresses()));
    return new Gathered(new PolicyState(namespaces, workloads, policies, nodes), links, problems);
  }

  private List<ManifestObject> objects(ClusterState cluster, SortedMap<String, String> problems) {
    TreeMap<String, Read> now = new TreeMap<>();
    List<ManifestObject> all = new ArrayList<>();
    for (Manifest manifest : cluster.manifests().values()) {
      Read read = known.get(manifest.key());
      if (read == null || !read.manifest().equals(manifest)) {
        read = read(manifest);
      }
      now.put(manifest.key(), read);
      all.addAll(read.objects());
      if (!read.problem().isEmpty()) {
        problems.put(manifest.key(), read.problem());
      }
    }
    known = now;
    return all;
  }

  private static Read read(Manifest manifest) {
    Parsed parsed = Manifests.parse(manifest.key(), manifest.text());
    if (parsed.problems().isEmpty()) {
      return new Read(manifest, parsed.objects(), "");
    }
    return new Read(manifest, List.of(), parsed.problems().getFirst().toString());
  }

  /**
   * Adds what stands for unreadable policies, and to each problem what follows from it.
   *
   * @return the pods whose manifests cannot be read
   */
  private static SortedSet<WorkloadKey> closed(
      SortedMap<String, String> problems, SortedMap<PolicyKey, Policy> policies) {
    TreeSet<WorkloadKey> pods = new TreeSet<>();
    for (Map.Entry<String, String> problem : problems.entrySet()) {
      String[] parts = problem.getKey().split("/", -1); // manifests/KIND/NAMESPACE/NAME
      if (!problem.getKey().startsWith(Keys.MANIFESTS) || parts.length != 4) {
        continue;
      }
      switch (parts[1]) {
        case POLICY -> {
          PolicyKey key = new PolicyKey(POLICY, parts[2], parts[3]);
          Scope scope = new Scope.Same(parts[2]);
          policies.put(
              key, new Policy(key, scope, new Selector.All(), true, true, List.of(), List.of()));
          problem.setValue(problem.getValue() + "; until it can be, it isolates every pod of"
              + " namespace " + parts[2]);
        }
        case POD -> {
          pods.add(new WorkloadKey(parts[2], parts[3]));
          problem.setValue(
              problem.getValue() + "; until it can be, nothing passes to or from this pod");
        }
        default -> {}
      }
    }
    return pods;
  }

  /** A pod's manifest says more about it than the runtime; without one the runtime's word counts. */
  private static void add(
      Endpoint endpoint,
      SortedMap<WorkloadKey, Workload> pods,
      SortedMap<WorkloadKey, Workload> workloads) {
    WorkloadKey key = key(endpoint);
    Workload pod = pods.get(key);
    Workload before = workloads.get(key);
    TreeSet<IpAddress> addresses = new TreeSet<>(endpoint.addresses());
    if (before != null) {
      addresses.addAll(before.addresses()); // of another interface, or of the pod that it replaces
    }
    Workload base = pod == null ? ofRuntime(key, endpoint) : pod;
    workloads.put(key, base.at(List.copyOf(addresses), endpoint.node()));
  }

  private static Workload ofRuntime(WorkloadKey key, Endpoint endpoint) {
    List<NamedPort> ports = new ArrayList<>();
    for (Endpoint.Port port : endpoint.ports()) {
      Protocol protocol = protocol(port.protocol());
      if (protocol != null && !port.name().isEmpty()) {
        ports.add(new NamedPort(port.name(), protocol, port.port()));
      }
    }
    return new Workload(
        key, endpoint.labels(), endpoint.addresses(), ports, false, false, endpoint.node());
  }

  private static @Nullable Protocol protocol(String name) {
    for (Protocol protocol : Protocol.values()) {
      if (protocol.name().equals(name)) {
        return protocol;
      }
    }
    return null;
  }

  private static WorkloadKey key(Endpoint endpoint) {
    return new WorkloadKey(endpoint.namespace(), endpoint.pod());
  }
}
