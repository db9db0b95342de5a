package dev.catwalk.acl.manifest;

import dev.catwalk.acl.model.Selector;
import dev.catwalk.net.addr.Prefix;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** What an operator says of addresses, in the kinds that Calico's users write. */
public sealed interface AddressRule {

  /**
   * An IPPool. Its {@code ipipMode}, {@code vxlanMode} and {@code disableBGPExport} stay in the
   * manifest, which is kept as it was written.
   *
   * @param blockSize prefix length of each block
   * @param nodes whose nodes may have a block of it, by their labels
   * @param namespaces whose pods may have an address of it, by their namespace's labels
   * @param uses what its addresses are for: {@code Workload}, {@code Tunnel}, {@code LoadBalancer}
   * @param manual whether it serves only those who name it
   */
  record Pool(
      Prefix cidr,
      int blockSize,
      boolean natOutgoing,
      boolean disabled,
      Selector nodes,
      Selector namespaces,
      SortedSet<String> uses,
      boolean manual)
      implements AddressRule {
    public Pool {
      uses = Collections.unmodifiableSortedSet(new TreeSet<>(uses));
    }
  }

  /** An IPReservation: addresses that only those get who name them. */
  record Reservation(List<Prefix> ranges) implements AddressRule {
    public Reservation {
      ranges = List.copyOf(ranges);
    }
  }

  /**
   * An IPAMConfiguration; the one named {@code default} counts.
   *
   * @param maxBlocks how many blocks of one family a node has at most; 0: no limit
   * @param borrows whether a node may have addresses of other nodes' blocks: {@code strictAffinity:
   *     false}, said outright
   */
  record Limits(int maxBlocks, boolean borrows) implements AddressRule {}
}
