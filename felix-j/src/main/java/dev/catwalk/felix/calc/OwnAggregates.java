package dev.catwalk.felix.calc;

import dev.catwalk.bgp.policy.Aggregate;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.Prefix;
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
 * Which of its configured aggregates (RFC 4271 §9.2.2.2) a node tells. Whoever tells one draws all
 * packets for it and must drop those that it knows no way for, or they go round between it and the
 * peer that sends it the rest of the world (RFC 4632 §5.1). So a node that speaks for its own blocks
 * alone tells none that has anybody else's addresses in it: it would drop their packets. One that
 * passes on what others told it knows their ways, and tells all that it is told to.
 *
 * @param told with these
 * @param withheld the others, with the reason
 */
public record OwnAggregates(List<Aggregate> told, SortedMap<Prefix, String> withheld) {
  public static final OwnAggregates NONE = new OwnAggregates(List.of(), new TreeMap<>());

  public OwnAggregates {
    told = List.copyOf(told);
    withheld = Collections.unmodifiableSortedMap(new TreeMap<>(withheld));
  }

  /**
   * By what the cluster knows.
   *
   * @param passesOn whether what others told this node goes further
   */
  public static OwnAggregates of(
      List<Aggregate> configured, boolean passesOn, String node, IpamState ipam) {
    if (passesOn || configured.isEmpty()) {
      return new OwnAggregates(configured, new TreeMap<>());
    }
    List<Aggregate> told = new ArrayList<>();
    TreeMap<Prefix, String> withheld = new TreeMap<>();
    for (Aggregate aggregate : configured) {
      String why = obstacle(aggregate.prefix(), node, ipam);
      if (why == null) {
        told.add(aggregate);
      } else {
        withheld.put(aggregate.prefix(), why);
      }
    }
    return new OwnAggregates(told, withheld);
  }

  /**
   * As long as the cluster's state is not known: an earlier life may have told all of them, and the
   * blocks that it told instead. Whatever is right, peers have it.
   */
  public static OwnAggregates early(List<Aggregate> configured, boolean passesOn) {
    return new OwnAggregates(
        passesOn
            ? configured
            : configured.stream().map(a -> new Aggregate(a.prefix(), false)).toList(),
        new TreeMap<>());
  }

  private static @Nullable String obstacle(Prefix aggregate, String node, IpamState ipam) {
    if (!isOfPools(aggregate, ipam)) {
      return "it has addresses in it that are in no pool";
    }
    for (Map.Entry<Prefix, Block> entry : ipam.blocks().from(aggregate)) {
      if (!aggregate.contains(entry.getKey())) {
        break;
      }
      String owner = entry.getValue().owner().node();
      if (!owner.equals(node)) {
        return "node " + owner + " has the block " + entry.getKey() + " in it";
      }
    }
    Block around = ipam.blockAround(aggregate.address());
    return around != null
            && around.cidr().contains(aggregate)
            && !around.owner().node().equals(node)
        ? "it is in the block " + around.cidr() + " of node " + around.owner().node()
        : null;
  }

  /** Whether pools have all of its addresses; they do not overlap. */
  private static boolean isOfPools(Prefix aggregate, IpamState ipam) {
    if (ipam.poolAround(aggregate) != null) {
      return true;
    }
    double share = 0;
    for (Pool pool : ipam.pools().values()) {
      if (aggregate.contains(pool.cidr())) {
        share += Math.scalb(1.0, aggregate.length() - pool.cidr().length());
      }
    }
    return share == 1;
  }

  /**
   * Those that the kernel drops packets for which it knows no better way: all that are told now.
   *
   * @param ownBlocks this node's
   * @param summed what the speaker tells as an aggregate
   */
  public SortedSet<Prefix> discarded(SortedSet<Prefix> ownBlocks, SortedSet<Prefix> summed) {
    TreeSet<Prefix> discarded = new TreeSet<>();
    for (Aggregate aggregate : told) {
      Prefix prefix = aggregate.prefix();
      if (summed.contains(prefix)
          || ownBlocks.stream().anyMatch(b -> prefix.contains(b) && !prefix.equals(b))) {
        discarded.add(prefix);
      }
    }
    return discarded;
  }
}
