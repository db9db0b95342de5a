package dev.catwalk.bgp.rib;

import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What packets find their way to without BGP: links, and routes that somebody else has made.
 *
 * @param links prefixes whose addresses are neighbours
 * @param routes the neighbours that lead to others; none: packets are dropped
 */
public record Underlay(SortedSet<Prefix> links, SortedMap<Prefix, List<Via>> routes) {
  public Underlay {
    links = Collections.unmodifiableSortedSet(new TreeSet<>(links));
    routes = Collections.unmodifiableSortedMap(new TreeMap<>(routes));
  }

  /** Whether that address is a neighbour's: then no other route matters, as for the kernel. */
  boolean isOnLink(IpAddress address) {
    for (int length = address.family().bits(); length >= 0; length--) {
      if (links.contains(Prefix.of(address, length))) {
        return true;
      }
    }
    return false;
  }

  /** The neighbours of that very route; null: there is none. */
  @Nullable
  List<Via> route(Prefix prefix) {
    return routes.get(prefix);
  }
}
