package dev.catwalk.felix.kernel;

import dev.catwalk.felix.kernel.NetlinkSocket.OverflowException;
import dev.catwalk.felix.netlink.wire.Inbound;
import dev.catwalk.felix.netlink.wire.Inbound.Payload;
import dev.catwalk.felix.netlink.wire.Link;
import dev.catwalk.felix.netlink.wire.Request;
import dev.catwalk.felix.netlink.wire.Route;
import dev.catwalk.net.addr.Family;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Links and routes in memory; fails when told to. */
final class FakeKernel implements RouteKeeper.Kernel {
  final TreeMap<RouteKeeper.Key, Route> routes = new TreeMap<>();
  final TreeMap<Integer, Link> links = new TreeMap<>();
  final List<String> written = new ArrayList<>();

  /** Requests until one is refused, and dumps and sends until one is lost; below 0: never. */
  int refuseAfter = -1;

  int loseAfter = -1;

  void link(int index, String name, String kind) {
    links.put(index, new Link(index, name, true, 1500, Optional.empty(), kind));
  }

  @Override
  public List<Payload> dump(Request request) throws OverflowException {
    lose();
    List<Payload> found = new ArrayList<>();
    switch (request) {
      case Request.DumpLinks r -> links.values().forEach(l -> found.add(new Inbound.LinkIs(l)));
      case Request.DumpRoutes r -> {
        for (Route route : routes.values()) {
          boolean asked = route.destination().family() == r.family()
              && (r.protocol() == 0 || route.protocol() == r.protocol());
          if (asked) {
            found.add(new Inbound.RouteIs(route, false));
          }
        }
      }
      default -> {}
    }
    return found;
  }

  @Override
  public SortedMap<Integer, Inbound.Refused> send(List<? extends Request> requests)
      throws OverflowException {
    TreeMap<Integer, Inbound.Refused> refused = new TreeMap<>();
    for (int i = 0; i < requests.size(); i++) {
      int errno = refuseAfter == 0 ? Errno.ENETUNREACH : perform(requests.get(i));
      refuseAfter--;
      if (errno != 0) {
        refused.put(i, new Inbound.Refused(errno, ""));
      } else {
        written.add(requests.get(i).getClass().getSimpleName());
      }
    }
    if (!requests.isEmpty()) {
      lose();
    }
    return refused;
  }

  private void lose() throws OverflowException {
    if (loseAfter-- == 0) {
      throw new OverflowException();
    }
  }

  private int perform(Request request) {
    return switch (request) {
      case Request.AddRoute r ->
        routes.putIfAbsent(RouteKeeper.Key.of(r.route()), r.route()) == null ? 0 : Errno.EEXIST;
      case Request.ReplaceRoute r -> {
        routes.put(RouteKeeper.Key.of(r.route()), r.route());
        yield 0;
      }
      case Request.DeleteRoute r ->
        routes.remove(RouteKeeper.Key.of(r.route())) == null ? Errno.ESRCH : 0;
      case Request.DeleteLink r -> links.remove(r.index()) == null ? Errno.ENODEV : 0;
      case Request.SetLink r -> {
        Link l = links.get(r.index());
        links.put(r.index(), new Link(l.index(), l.name(), r.up(), l.mtu(), l.mac(), l.kind()));
        yield 0;
      }
      default -> throw new AssertionError(request);
    };
  }

  /** As the kernel tells it to those who listen. */
  Inbound.RouteGone deleteByHand(String prefix) {
    Route route = routes.values().stream()
        .filter(r -> r.destination().toString().equals(prefix))
        .findFirst()
        .orElseThrow();
    routes.remove(RouteKeeper.Key.of(route));
    return new Inbound.RouteGone(route);
  }

  List<String> destinations(Family family) {
    return routes.values().stream()
        .map(Route::destination)
        .filter(d -> d.family() == family)
        .map(Object::toString)
        .toList();
  }
}
