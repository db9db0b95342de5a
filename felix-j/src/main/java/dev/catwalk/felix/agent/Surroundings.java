package dev.catwalk.felix.agent;

import dev.catwalk.bgp.rib.Underlay;
import dev.catwalk.bgp.rib.Via;
import dev.catwalk.felix.calc.RouteTarget;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What packets find their way to without BGP, as the speaker is told of it. Of the agent's loop. */
final class Surroundings {
  /** All is a neighbour: what the kernel makes of a next hop is seen when it is asked for a route. */
  private static final Underlay UNKNOWN = new Underlay(
      new TreeSet<>(List.of(Prefix.parse("0.0.0.0/0"), Prefix.parse("::/0"))), new TreeMap<>());

  private Optional<SortedMap<Prefix, RouteTarget>> others = Optional.empty();
  private SortedSet<IpAddress> pods = new TreeSet<>();
  private @Nullable Underlay told;

  /**
   * What is new.
   *
   * @param othersNow where routes lead that are not ours; nothing: not known
   * @param podsNow addresses of this node's pods: neighbours too
   */
  Optional<Underlay> look(
      Optional<SortedMap<Prefix, RouteTarget>> othersNow, SortedSet<IpAddress> podsNow) {
    if (told != null && othersNow.equals(others) && podsNow.equals(pods)) {
      return Optional.empty();
    }
    others = othersNow;
    pods = podsNow;
    Underlay now = othersNow.map(o -> underlay(o, podsNow)).orElse(UNKNOWN);
    boolean same = now.equals(told);
    told = now;
    return same ? Optional.empty() : Optional.of(now);
  }

  private static Underlay underlay(
      SortedMap<Prefix, RouteTarget> others, SortedSet<IpAddress> pods) {
    TreeSet<Prefix> links = new TreeSet<>();
    TreeMap<Prefix, List<Via>> routes = new TreeMap<>();
    pods.forEach(pod -> links.add(pod.asPrefix()));
    others.forEach((prefix, target) -> {
      switch (target) {
        case RouteTarget.Blackhole b -> routes.put(prefix, List.of());
        case RouteTarget.Device d -> links.add(prefix);
        case RouteTarget.Gateways g ->
          routes.put(
              prefix,
              g.gateways().stream()
                  .map(gateway -> new Via(gateway.address(), gateway.link()))
                  .toList());
      }
    });
    return new Underlay(links, routes);
  }
}
