package dev.catwalk.felix.kernel;

import dev.catwalk.felix.calc.PodWiring;
import dev.catwalk.felix.kernel.Difference.Kind;
import dev.catwalk.felix.kernel.NetlinkSocket.OverflowException;
import dev.catwalk.felix.netlink.wire.Inbound;
import dev.catwalk.felix.netlink.wire.Inbound.Payload;
import dev.catwalk.felix.netlink.wire.Link;
import dev.catwalk.felix.netlink.wire.NextHop;
import dev.catwalk.felix.netlink.wire.Request;
import dev.catwalk.felix.netlink.wire.Route;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.MacAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Compares a pod's interface with what was asked of the kernel for it. Reads only. */
final class PodInspector {
  private final PodWiring pod;
  private final List<Difference> found = new ArrayList<>();

  private PodInspector(PodWiring pod) {
    this.pod = pod;
  }

  /**
   * What differs.
   *
   * @param host a socket in the node's namespace
   * @param inside one in the pod's
   */
  static List<Difference> inspect(PodWiring pod, NetlinkSocket host, NetlinkSocket inside)
      throws KernelException, OverflowException {
    PodInspector inspector = new PodInspector(pod);
    inspector.hostSide(host);
    inspector.podSide(inside);
    return inspector.found;
  }

  private void hostSide(NetlinkSocket host) throws KernelException, OverflowException {
    Optional<Link> link = link(host, pod.hostName(), pod.hostMac(), "the node");
    if (link.isEmpty()) {
      return;
    }
    for (IpAddress address : pod.addresses()) {
      Route wanted = PodWirer.hostRoute(address, link.get().index());
      if (!has(routes(host, address.family(), Route.CATWALK), wanted)) {
        differs(Kind.ROUTE, "the node has no route to " + address + " by " + pod.hostName());
      }
    }
  }

  private void podSide(NetlinkSocket inside) throws KernelException, OverflowException {
    Optional<Link> link = link(inside, pod.ifName(), pod.podMac(), "the container");
    if (link.isEmpty()) {
      return;
    }
    List<Payload> there = new ArrayList<>();
    for (Family family : Family.values()) {
      there.addAll(inside.dump(new Request.DumpAddresses(family)));
      there.addAll(inside.dump(new Request.DumpNeighbours(family)));
    }
    int table = PodWirer.table(pod, link.get().index(), inside);
    for (Request request : PodWirer.podRequests(pod, link.get().index(), table)) {
      switch (request) {
        case Request.PutAddress r -> {
          if (!there.contains(new Inbound.AddressIs(r.address()))) {
            differs(
                Kind.ADDRESS,
                pod.ifName() + " in the container lacks " + r.address().address());
          }
        }
        case Request.PutNeighbour r -> {
          if (!there.contains(new Inbound.NeighbourIs(r.neighbour()))) {
            differs(
                Kind.NEIGHBOUR,
                "the container's permanent entry for " + r.neighbour().address() + " at "
                    + pod.hostMac() + " is missing");
          }
        }
        case Request.ReplaceRoute r -> {
          Route wanted = r.route();
          if (!has(routes(inside, wanted.destination().family(), wanted.protocol()), wanted)) {
            differs(
                Kind.ROUTE,
                "the container has no route to " + wanted.destination() + " by " + pod.ifName());
          }
        }
        default -> {} // the link, which has been looked at
      }
    }
  }

  private Optional<Link> link(NetlinkSocket socket, String name, MacAddress mac, String where)
      throws KernelException, OverflowException {
    Optional<Link> link = socket.link(name).map(Inbound.LinkIs::link);
    if (link.isEmpty()) {
      differs(Kind.LINK, where + " has no link " + name);
      return link;
    }
    if (!link.get().up()) {
      differs(Kind.LINK, "link " + name + " is down");
    }
    if (!link.get().mac().equals(Optional.of(mac))) {
      differs(
          Kind.LINK,
          "link " + name + " has " + link.get().mac().map(MacAddress::toString).orElse("no MAC")
              + ", not " + mac);
    }
    return link;
  }

  private static List<Route> routes(NetlinkSocket socket, Family family, int protocol)
      throws KernelException, OverflowException {
    List<Route> routes = new ArrayList<>();
    for (Payload payload : socket.dump(new Request.DumpRoutes(family, protocol))) {
      if (payload instanceof Inbound.RouteIs is) {
        routes.add(is.route());
      }
    }
    return routes;
  }

  /** The metric is left out: the kernel has one of its own for IPv6. */
  private static boolean has(List<Route> routes, Route wanted) {
    List<NextHop> hops = wanted.nextHops();
    return routes.stream()
        .anyMatch(r -> r.destination().equals(wanted.destination())
            && r.table() == wanted.table()
            && r.kind() == wanted.kind()
            && r.nextHops().equals(hops));
  }

  private void differs(Kind kind, String what) {
    found.add(new Difference(kind, what));
  }
}
