package dev.catwalk.acl.calc;

import dev.catwalk.acl.model.WorkloadKey;
import dev.catwalk.net.addr.IpAddress;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What this node's endpoints must do.
 *
 * @param endpoints those with a program; nothing may pass to or from any other
 * @param sets what the programs refer to, all of it and nothing else, by id
 */
public record Compiled(
    SortedMap<WorkloadKey, Endpoint> endpoints, SortedMap<String, AddressSet> sets) {

  /**
   * An endpoint's two programs.
   *
   * @param addresses the only ones that it may send from
   */
  public record Endpoint(List<IpAddress> addresses, Program ingress, Program egress) {
    public Endpoint {
      addresses = List.copyOf(addresses);
    }
  }

  public Compiled {
    endpoints = Collections.unmodifiableSortedMap(new TreeMap<>(endpoints));
    sets = Collections.unmodifiableSortedMap(new TreeMap<>(sets));
  }

  /** Of a node without endpoints. */
  public static Compiled empty() {
    return new Compiled(Collections.emptySortedMap(), Collections.emptySortedMap());
  }
}
