package dev.catwalk.felix.kernel;

import dev.catwalk.felix.calc.Gateway;
import dev.catwalk.felix.calc.RouteTarget;
import dev.catwalk.felix.netlink.wire.NextHop;
import dev.catwalk.felix.netlink.wire.Route;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Makes the kernel's route of a desired one, by the interfaces that are there. */
final class RouteResolver {
  private final Interfaces interfaces;
  private final BiConsumer<Prefix, String> unresolved;

  /**
   * A resolver.
   *
   * @param unresolved is told why there is no route for a prefix
   */
  RouteResolver(Interfaces interfaces, BiConsumer<Prefix, String> unresolved) {
    this.interfaces = interfaces;
    this.unresolved = unresolved;
  }

  /** The route; empty where it has no interface to go by, which is then told. */
  Optional<Route> resolve(Prefix prefix, RouteTarget target) {
    return switch (target) {
      case RouteTarget.Blackhole b ->
        Optional.of(Route.ours(prefix, Route.Kind.BLACKHOLE, List.of()));
      case RouteTarget.Gateways g -> via(prefix, g.gateways());
      case RouteTarget.Device d -> {
        Integer index = interfaces.index(d.link());
        if (index == null) {
          unresolved.accept(prefix, "the pod's link " + d.link() + " is gone: re-create the pod");
          yield Optional.empty();
        }
        yield Optional.of(device(prefix, index));
      }
    };
  }

  /** By those of them whose interface is there: one that has gone takes none of the others along. */
  private Optional<Route> via(Prefix prefix, List<Gateway> gateways) {
    List<NextHop> hops = new ArrayList<>();
    for (Gateway gateway : gateways) {
      Integer index =
          gateway.link().isEmpty() ? Integer.valueOf(0) : interfaces.index(gateway.link());
      if (index != null) {
        boolean onLink = index != 0 && !gateway.isLinkLocal();
        hops.add(new NextHop(Optional.of(gateway.address()), index, 1, onLink));
      }
    }
    if (hops.isEmpty()) {
      unresolved.accept(
          prefix,
          "the interface " + gateways.getFirst().link()
              + " is gone: BGP will notice, or bring it back");
      return Optional.empty();
    }
    return Optional.of(Route.ours(prefix, Route.Kind.UNICAST, hops));
  }

  private static Route device(Prefix prefix, int index) {
    return Route.ours(prefix, Route.Kind.UNICAST, List.of(NextHop.device(index)));
  }
}
