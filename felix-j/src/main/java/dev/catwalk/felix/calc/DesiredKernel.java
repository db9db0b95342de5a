package dev.catwalk.felix.calc;

import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.Prefix;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Everything that the kernel of this node shall hold by our hand. What bears our marks and is not
 * here is removed; what bears none is never touched.
 *
 * @param revision of the state that this was made from; never falls. Whoever waits for a change
 *     waits for its revision.
 * @param routes in the main table, with our route protocol
 * @param podLinks names of the host sides of this node's pods
 * @param families those whose packets the node forwards
 */
public record DesiredKernel(
    long revision,
    SortedMap<Prefix, RouteTarget> routes,
    SortedSet<String> podLinks,
    SortedSet<Family> families,
    Ruleset rules) {

  public DesiredKernel {
    routes = Collections.unmodifiableSortedMap(new TreeMap<>(routes));
    podLinks = Collections.unmodifiableSortedSet(new TreeSet<>(podLinks));
    families = Collections.unmodifiableSortedSet(new TreeSet<>(families));
  }
}
