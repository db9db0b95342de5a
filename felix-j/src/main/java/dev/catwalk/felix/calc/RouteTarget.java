package dev.catwalk.felix.calc;

import java.util.List;

/** Where packets for a prefix go. */
public sealed interface RouteTarget {

  /** Nowhere: what is not routed more specifically inside one of our own blocks or aggregates. */
  record Blackhole() implements RouteTarget {}

  /** Straight out of an interface of this node, by name. */
  record Device(String link) implements RouteTarget {}

  /**
   * To neighbours, spread evenly over all of them by flow.
   *
   * @param gateways at least one; ascending and without doubles after construction
   */
  record Gateways(List<Gateway> gateways) implements RouteTarget {
    public Gateways {
      if (gateways.isEmpty()) {
        throw new IllegalArgumentException("a route needs a gateway");
      }
      gateways = gateways.stream().sorted().distinct().toList();
    }
  }
}
