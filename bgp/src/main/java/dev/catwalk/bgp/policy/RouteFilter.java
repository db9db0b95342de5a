package dev.catwalk.bgp.policy;

import dev.catwalk.bgp.rib.Exporter;
import dev.catwalk.bgp.rib.Source;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.Family;
import java.util.ArrayList;
import java.util.List;

/**
 * What of a peer's routes is taken, or what of ours it is told: the first rule that a route meets
 * decides, and a route that meets none is accepted. The rules of one filter of a peer follow those of
 * the one before.
 */
public record RouteFilter(List<FilterRule> ipv4, List<FilterRule> ipv6) {

  /** Nobody has said anything. */
  public static final RouteFilter NONE = new RouteFilter(List.of(), List.of());

  /** The verdict on a route that is taken as it is. */
  public static final int PLAIN = 0;

  public RouteFilter {
    ipv4 = List.copyOf(ipv4);
    ipv6 = List.copyOf(ipv6);
  }

  /** The rules of {@code others} behind these. */
  public RouteFilter then(RouteFilter others) {
    List<FilterRule> four = new ArrayList<>(ipv4);
    List<FilterRule> six = new ArrayList<>(ipv6);
    four.addAll(others.ipv4);
    six.addAll(others.ipv6);
    return new RouteFilter(four, six);
  }

  public boolean isEmpty() {
    return ipv4.isEmpty() && ipv6.isEmpty();
  }

  /** Whether some route may be taken otherwise than it came. */
  boolean changes() {
    return ipv4.stream().anyMatch(rule -> !rule.operations().isEmpty())
        || ipv6.stream().anyMatch(rule -> !rule.operations().isEmpty());
  }

  private List<FilterRule> rules(Family family) {
    return family == Family.IPV4 ? ipv4 : ipv6;
  }

  /**
   * {@link Exporter#REJECTED}, {@link #PLAIN}, or n: accepted with the operations of rule n - 1. Makes
   * no object.
   *
   * @param ibgpPeer whether the filter's own peer is in our AS
   * @param high as {@code Nlri} has it, as the two below
   */
  public int verdict(
      PathAttributes attributes,
      Source from,
      boolean ibgpPeer,
      Family family,
      long high,
      long low,
      int length) {
    List<FilterRule> rules = rules(family);
    for (int i = 0; i < rules.size(); i++) {
      FilterRule rule = rules.get(i);
      if (rule.meets(attributes, from, ibgpPeer, high, low, length)) {
        return !rule.accepts() ? Exporter.REJECTED : rule.operations().isEmpty() ? PLAIN : i + 1;
      }
    }
    return PLAIN;
  }

  /** The rule whose operations a verdict above {@link #PLAIN} stands for. */
  FilterRule rule(Family family, int verdict) {
    return rules(family).get(verdict - 1);
  }

  /** What that verdict makes of a route that comes in. */
  public PathAttributes apply(PathAttributes attributes, Family family, int verdict) {
    if (verdict == PLAIN) {
      return attributes;
    }
    FilterRule rule = rule(family, verdict);
    PathAttributes changed = rule.rest(attributes);
    return changed.with().asPath(rule.path(changed.asPath())).build();
  }
}
