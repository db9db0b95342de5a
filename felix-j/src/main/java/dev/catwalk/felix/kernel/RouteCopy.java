package dev.catwalk.felix.kernel;

import dev.catwalk.felix.netlink.wire.NextHop;
import dev.catwalk.felix.netlink.wire.Route;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the kernel has of our routes as far as is known: what was read, what others were heard to
 * change, and what we wrote ourselves, of which nobody tells us. So what we hear of a route is not
 * in one order with what we wrote: it may have happened before. It says nothing then, until all has
 * been heard that went before our write.
 */
final class RouteCopy {
  /** Routes whose writes are remembered one by one; beyond it all are taken for just written. */
  static final int MAX_WRITTEN = 10_000;

  private final TreeMap<RouteKeeper.Key, Route> routes = new TreeMap<>();
  private final TreeMap<RouteKeeper.Key, Long> written = new TreeMap<>();
  private long pass;

  /** All passes until this one may have written anything. */
  private long forgotten;

  /** What is written from now on belongs to a further pass. */
  void begin() {
    pass++;
  }

  /** The pass that is under way, or was last; 0 before the first. */
  long pass() {
    return pass;
  }

  /** Everything has been heard that others did before that pass had ended. */
  void heardUntil(long heard) {
    written.values().removeIf(p -> p <= heard);
    if (forgotten <= heard) {
      forgotten = 0;
    }
  }

  /** Whether what is heard of that route may be older than what we wrote there. */
  boolean isDoubtful(RouteKeeper.Key key) {
    return forgotten > 0 || written.containsKey(key);
  }

  void clear() {
    routes.clear();
  }

  /** One that is there, as the kernel says. */
  void read(Route route) {
    routes.put(RouteKeeper.Key.of(route), normal(route));
  }

  void gone(RouteKeeper.Key key) {
    routes.remove(key);
  }

  /** The kernel drops routes silently with the link that they lead to. */
  void forgetRoutesOf(int link) {
    routes.values().removeIf(r -> r.nextHops().stream().anyMatch(h -> h.link() == link));
  }

  void put(Route route) {
    routes.put(RouteKeeper.Key.of(route), route);
    wrote(RouteKeeper.Key.of(route));
  }

  void removed(Route route) {
    routes.remove(RouteKeeper.Key.of(route));
    wrote(RouteKeeper.Key.of(route));
  }

  private void wrote(RouteKeeper.Key key) {
    if (written.size() >= MAX_WRITTEN) {
      written.clear();
      forgotten = pass;
    }
    if (forgotten == pass) {
      return;
    }
    written.put(key, pass);
  }

  SortedMap<RouteKeeper.Key, Route> routes() {
    return Collections.unmodifiableSortedMap(routes);
  }

  /**
   * As we would ask for it: the interface towards a gateway is the kernel's own choice, but for one
   * whose address is link-local.
   */
  private static Route normal(Route route) {
    var hops = route.nextHops().stream()
        .map(h -> h.gateway().isEmpty() || h.isLinkLocal() || h.onLink()
            ? h
            : new NextHop(h.gateway(), 0, h.weight(), h.onLink()))
        .toList();
    return new Route(
        route.destination(), route.table(), route.protocol(), route.kind(), route.metric(), hops);
  }
}
