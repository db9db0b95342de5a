package dev.catwalk.felix.calc;

import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Routes of ours that the kernel had when this agent started: packets follow them meanwhile. They
 * stay until peers have said all they have to say (RFC 4724 §4.1), whatever is learned before.
 *
 * @param gateways prefixes that an earlier agent learned, with their next hops
 * @param own what ends here: blocks that were its own, and addresses of its pods
 */
public record Leftover(SortedMap<Prefix, List<Gateway>> gateways, SortedSet<Prefix> own) {

  public static final Leftover NONE =
      new Leftover(Collections.emptySortedMap(), Collections.emptySortedSet());

  public Leftover {
    gateways = Collections.unmodifiableSortedMap(new TreeMap<>(gateways));
    own = Collections.unmodifiableSortedSet(new TreeSet<>(own));
  }

  /**
   * The families in which packets for this node's blocks arrive as before: those with a block, of
   * which the kernel has all.
   */
  public List<Family> preserved(Collection<Prefix> ownBlocks) {
    List<Family> preserved = new ArrayList<>();
    for (Family family : Family.values()) {
      List<Prefix> blocks = ownBlocks.stream().filter(b -> b.family() == family).toList();
      if (!blocks.isEmpty() && own.containsAll(blocks)) {
        preserved.add(family);
      }
    }
    return preserved;
  }

  /**
   * What is learned so far, and every next hop that was there before.
   *
   * @param carries whether others' packets pass this node. Then what was there before goes unchanged
   *     until it is given up: the first peer that is back may name a detour by this very node, and
   *     packets would run in a circle. Else both are used side by side, since what was there may lead
   *     nowhere by now.
   */
  public SortedMap<Prefix, List<Gateway>> with(
      SortedMap<Prefix, List<Gateway>> learned, boolean carries) {
    SortedMap<Prefix, List<Gateway>> both = new TreeMap<>(learned);
    gateways.forEach((prefix, before) -> {
      if (carries) {
        both.put(prefix, before);
      } else {
        both.merge(prefix, before, Leftover::union);
      }
    });
    return both;
  }

  private static List<Gateway> union(List<Gateway> some, List<Gateway> others) {
    TreeSet<Gateway> all = new TreeSet<>(some);
    all.addAll(others);
    return List.copyOf(all);
  }
}
