package dev.catwalk.felix.kernel;

import dev.catwalk.felix.calc.FoundPod;
import dev.catwalk.felix.calc.Gateway;
import dev.catwalk.felix.calc.Leftover;
import dev.catwalk.felix.calc.PodWiring;
import dev.catwalk.felix.netlink.wire.Link;
import dev.catwalk.felix.netlink.wire.NextHop;
import dev.catwalk.felix.netlink.wire.Route;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** What an earlier agent's routes and links tell. */
final class Remnants {
  private Remnants() {}

  /** Routes that lead to other nodes or nowhere. */
  static Leftover leftover(Collection<Route> routes, SortedMap<Integer, Link> links) {
    TreeMap<Prefix, List<Gateway>> gateways = new TreeMap<>();
    TreeSet<Prefix> own = new TreeSet<>();
    for (Route route : routes) {
      List<Gateway> hops = route.nextHops().stream()
          .filter(h -> h.gateway().isPresent())
          .map(h -> gateway(h, nameOf(links, h.link())))
          .toList();
      if (route.kind() == Route.Kind.BLACKHOLE) {
        own.add(route.destination());
      } else if (!hops.isEmpty()) {
        gateways.put(route.destination(), hops);
      } else if (isPods(route)) {
        own.add(route.destination()); // the whole of a block of one address
      }
    }
    return new Leftover(gateways, own);
  }

  /** A hop that has a gateway; only where no subnet says so it is at that link, by name. */
  static Gateway gateway(NextHop hop, String link) {
    return hop.onLink()
        ? new Gateway(hop.gateway().orElseThrow(), link)
        : Gateway.of(hop.gateway().orElseThrow(), link);
  }

  /** Pods, by what is written on their links and leads there. */
  static List<FoundPod> pods(Collection<Route> routes, SortedMap<Integer, Link> links) {
    TreeMap<Integer, List<IpAddress>> led = new TreeMap<>();
    for (Route route : routes) {
      if (isPods(route)) {
        led.computeIfAbsent(route.nextHops().getFirst().link(), l -> new ArrayList<>())
            .add(route.destination().address());
      }
    }
    List<FoundPod> found = new ArrayList<>();
    for (Link link : links.values()) {
      List<IpAddress> own = led.getOrDefault(link.index(), List.of());
      if (PodWiring.isHostName(link.name()) && !own.isEmpty()) {
        found.add(new FoundPod(link.name(), link.alias(), own));
      }
    }
    return found;
  }

  private static boolean isPods(Route route) {
    return route.kind() == Route.Kind.UNICAST
        && route.destination().isHost()
        && route.nextHops().size() == 1
        && route.nextHops().getFirst().gateway().isEmpty();
  }

  /** Empty where no link has that index. */
  static String nameOf(SortedMap<Integer, Link> links, int index) {
    Link link = links.get(index);
    return link == null ? "" : link.name();
  }
}
