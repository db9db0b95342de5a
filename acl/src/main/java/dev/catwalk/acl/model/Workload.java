package dev.catwalk.acl.model;

import dev.catwalk.net.addr.IpAddress;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A pod, as far as policy minds.
 *
 * @param addresses none as long as they are not known
 * @param hostNetwork it uses its node's addresses, so no selector of pods means it
 * @param finished it has succeeded or failed for good: its addresses may be another's by now
 * @param node where it runs, if known
 */
public record Workload(
    WorkloadKey key,
    SortedMap<String, String> labels,
    List<IpAddress> addresses,
    List<NamedPort> ports,
    boolean hostNetwork,
    boolean finished,
    @Nullable String node) {

  public Workload {
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    addresses = addresses.stream().sorted().distinct().toList();
    ports = List.copyOf(ports);
  }

  /** The same one, now with addresses on a node. */
  public Workload at(List<IpAddress> newAddresses, @Nullable String newNode) {
    return new Workload(key, labels, newAddresses, ports, hostNetwork, finished, newNode);
  }

  /** Whether policies may select it and selectors of peers may mean it. */
  public boolean selectable() {
    return !hostNetwork && !finished;
  }
}
