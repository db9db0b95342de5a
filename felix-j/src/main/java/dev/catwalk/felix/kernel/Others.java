package dev.catwalk.felix.kernel;

import dev.catwalk.felix.calc.RouteTarget;
import dev.catwalk.felix.netlink.wire.NextHop;
import dev.catwalk.felix.netlink.wire.Route;
import dev.catwalk.net.addr.Prefix;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The routes of the main table that are not ours: a next hop may be where one of them leads. */
final class Others {
  /** Of more none is known: whoever has so many runs a router of its own here. */
  static final int LIMIT = 65_536;

  private static final Logger LOG = LoggerFactory.getLogger(Others.class);

  private final TreeMap<RouteKeeper.Key, Route> routes = new TreeMap<>();
  private boolean tooMany;
  private SortedMap<Prefix, RouteTarget> targets = new TreeMap<>();
  private boolean changed = true;

  void clear() {
    routes.clear();
    tooMany = false;
    changed = true;
  }

  private static boolean isOthers(Route route) {
    return route.table() == Route.MAIN && route.protocol() != Route.CATWALK;
  }

  /** One that is there, perhaps beside another of that destination and metric (IPv6). */
  void read(Route route, boolean replaced) {
    if (!isOthers(route) || tooMany) {
      return;
    }
    routes.merge(RouteKeeper.Key.of(route), route, (old, now) -> replaced ? now : both(old, now));
    changed = true;
    if (routes.size() > LIMIT) {
      LOG.warn("routes of others are left alone and not looked at more_than={}", LIMIT);
      tooMany = true;
      routes.clear();
    }
  }

  private static Route both(Route one, Route other) {
    TreeSet<NextHop> hops = new TreeSet<>(one.nextHops());
    hops.addAll(other.nextHops());
    return new Route(
        one.destination(),
        one.table(),
        one.protocol(),
        one.kind(),
        one.metric(),
        hops.stream().toList());
  }

  /** Returns whether something may be left of it: all is to be read again. */
  boolean gone(Route route) {
    Route known = isOthers(route) ? routes.remove(RouteKeeper.Key.of(route)) : null;
    changed |= known != null;
    return known != null && !known.nextHops().equals(route.nextHops());
  }

  /** The kernel drops routes silently with the link that they lead to. */
  void forgetRoutesOf(int link) {
    if (routes.values().removeIf(r -> r.nextHops().stream().anyMatch(h -> h.link() == link))) {
      changed = true;
    }
  }

  /**
   * Where each leads, of those with the same destination the one with the lowest metric; nothing
   * where there are too many.
   *
   * @param names of links, by index
   */
  Optional<SortedMap<Prefix, RouteTarget>> targets(IntFunction<String> names) {
    if (tooMany) {
      return Optional.empty();
    }
    if (changed) {
      TreeMap<Prefix, RouteTarget> all = new TreeMap<>();
      routes.values().forEach(r -> all.putIfAbsent(r.destination(), target(r, names)));
      targets = Collections.unmodifiableSortedMap(all);
      changed = false;
    }
    return Optional.of(targets);
  }

  private static RouteTarget target(Route route, IntFunction<String> names) {
    if (route.kind() != Route.Kind.UNICAST || route.nextHops().isEmpty()) {
      return new RouteTarget.Blackhole();
    }
    var gateways = route.nextHops().stream()
        .filter(h -> h.gateway().isPresent())
        .map(h -> Remnants.gateway(h, names.apply(h.link())))
        .toList();
    return gateways.isEmpty()
        ? new RouteTarget.Device(names.apply(route.nextHops().getFirst().link()))
        : new RouteTarget.Gateways(gateways);
  }
}
