package dev.catwalk.felix.calc;

import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What this node's decisions rest on.
 *
 * @param revision of the store that the view was taken at
 * @param pools all pools of the cluster
 * @param ownBlocks blocks that this node holds
 * @param endpoints this node's pods, by host-side link name
 * @param connected subnets of this node's own interfaces
 * @param learned what BGP selected: prefix to the next hops of the best path and its equals
 * @param aggregates that this node tells: it drops what it knows no way for in them
 * @param lent addresses of own blocks that other nodes have
 * @param policy rules compiled from policy; may be {@link Ruleset#EMPTY}
 */
public record NodeView(
    long revision,
    List<Pool> pools,
    SortedSet<Prefix> ownBlocks,
    SortedMap<String, List<IpAddress>> endpoints,
    SortedSet<Prefix> connected,
    SortedMap<Prefix, List<Gateway>> learned,
    SortedSet<Prefix> aggregates,
    SortedSet<Prefix> lent,
    Ruleset policy) {

  /** Without aggregates, and with nothing lent. */
  public NodeView(
      long revision,
      List<Pool> pools,
      SortedSet<Prefix> ownBlocks,
      SortedMap<String, List<IpAddress>> endpoints,
      SortedSet<Prefix> connected,
      SortedMap<Prefix, List<Gateway>> learned,
      Ruleset policy) {
    this(
        revision,
        pools,
        ownBlocks,
        endpoints,
        connected,
        learned,
        Collections.emptySortedSet(),
        Collections.emptySortedSet(),
        policy);
  }

  /** With nothing lent. */
  public NodeView(
      long revision,
      List<Pool> pools,
      SortedSet<Prefix> ownBlocks,
      SortedMap<String, List<IpAddress>> endpoints,
      SortedSet<Prefix> connected,
      SortedMap<Prefix, List<Gateway>> learned,
      SortedSet<Prefix> aggregates,
      Ruleset policy) {
    this(
        revision,
        pools,
        ownBlocks,
        endpoints,
        connected,
        learned,
        aggregates,
        Collections.emptySortedSet(),
        policy);
  }

  /**
   * A range for pods.
   *
   * @param natOutgoing whether its pods leave all pools with their node's address
   */
  public record Pool(Prefix cidr, boolean natOutgoing) {}

  public NodeView {
    pools = List.copyOf(pools);
    ownBlocks = Collections.unmodifiableSortedSet(new TreeSet<>(ownBlocks));
    endpoints = Collections.unmodifiableSortedMap(new TreeMap<>(endpoints));
    connected = Collections.unmodifiableSortedSet(new TreeSet<>(connected));
    learned = Collections.unmodifiableSortedMap(new TreeMap<>(learned));
    aggregates = Collections.unmodifiableSortedSet(new TreeSet<>(aggregates));
    lent = Collections.unmodifiableSortedSet(new TreeSet<>(lent));
  }
}
