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
import dev.catwalk.acl.model.Workload;
import dev.catwalk.acl.model.WorkloadKey;
import dev.catwalk.felix.model.ClusterState;
import dev.catwalk.felix.model.Endpoint;
import dev.catwalk.felix.model.Manifest;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What policy depends on, gathered from the cluster's manifests and endpoints. Keeps what it read of
 * a manifest until the manifest changes; the answer depends on the arguments only.
 */
public final class PolicyInput {

  private record Read(Manifest manifest, List<ManifestObject> objects, String problem) {}

  private TreeMap<String, Read> known = new TreeMap<>();

  /**
   * The gathered state.
   *
   * @param links this node's pods: which links lead to each
   * @param problems manifests of the store that this program cannot read, with the reason
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
    TreeMap<String, Namespace> namespaces = new TreeMap<>();
    TreeMap<WorkloadKey, Workload> pods = new TreeMap<>();
    TreeMap<PolicyKey, Policy> policies = new TreeMap<>();
    for (ManifestObject object : objects(cluster, problems)) {
      switch (object) {
        case ManifestObject.OfNamespace n -> namespaces.put(n.value().name(), n.value());
        case ManifestObject.OfPod p -> pods.put(p.value().key(), p.value());
        case ManifestObject.OfPolicy p -> policies.put(p.value().key(), p.value());
      }
    }
    TreeMap<WorkloadKey, Workload> workloads = new TreeMap<>();
    for (Endpoint endpoint : cluster.endpoints().values()) {
      if (!endpoint.node().equals(node)) {
        add(endpoint, pods, workloads);
      }
    }
    TreeMap<WorkloadKey, SortedSet<String>> links = new TreeMap<>();
    for (Endpoint endpoint : local) {
      add(endpoint, pods, workloads);
      links.computeIfAbsent(key(endpoint), k -> new TreeSet<>()).add(endpoint.hostInterface());
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
    return parsed.problems().isEmpty()
        ? new Read(manifest, parsed.objects(), "")
        : new Read(manifest, List.of(), parsed.problems().getFirst().toString());
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
