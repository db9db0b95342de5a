package dev.catwalk.lab.topology;

import dev.catwalk.lab.topology.Plan.Cable;
import dev.catwalk.lab.topology.Plan.End;
import dev.catwalk.lab.topology.Plan.Hop;
import dev.catwalk.lab.topology.Plan.Kind;
import dev.catwalk.lab.topology.Plan.Route;
import dev.catwalk.lab.topology.Plan.Space;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** The plan as lines for {@code ip -batch}. */
public final class IpCommands {
  private IpCommands() {}

  /** @param netns the name of a space's namespace */
  public static List<String> namespaces(Plan plan, UnaryOperator<String> netns) {
    return plan.spaces().stream().map(s -> "netns add " + netns.apply(s.name())).toList();
  }

  /** Run where the namespaces are known by name. */
  public static List<String> cables(Plan plan, UnaryOperator<String> netns) {
    List<String> lines = new ArrayList<>();
    for (Cable cable : plan.cables()) {
      lines.add("link add name " + cable.one().device() + " netns "
          + netns.apply(cable.one().space()) + " type veth peer name "
          + cable.other().device()
          + " netns " + netns.apply(cable.other().space()));
    }
    return lines;
  }

  /** Run inside the space: its links, addresses and the routes of the machine's owner. */
  public static List<String> inside(Plan plan, Space space) {
    List<String> lines = new ArrayList<>();
    lines.add("link set dev lo up");
    for (Plan layer : plan.layers()) {
      layer
          .space(space.name())
          .loopback()
          .ifPresent(a -> lines.add("address add " + a.asPrefix() + " dev lo" + atOnce(a)));
    }
    if (space.kind() == Kind.SWITCH) {
      lines.add("link add name br0 type bridge");
      lines.add("link set dev br0 up");
    }
    for (End end : endsAt(plan, space)) {
      for (Plan layer : plan.layers()) {
        for (End same : endsAt(layer, space)) {
          if (same.device().equals(end.device()) && same.address().isPresent()) {
            Topology.Interface a = same.address().get();
            lines.add("address add " + a + " dev " + end.device() + atOnce(a.address()));
          }
        }
      }
      if (space.kind() == Kind.SWITCH) {
        lines.add("link set dev " + end.device() + " master br0");
      }
      lines.add("link set dev " + end.device() + " up");
    }
    for (Plan layer : plan.layers()) {
      for (Route route : layer.routes()) {
        if (route.space().equals(space.name())) {
          lines.add(route(route));
        }
      }
    }
    return lines;
  }

  /**
   * Run inside the end's space: the link is up again, with the addresses and routes that the kernel
   * forgets with a link that is set down.
   */
  public static List<String> raised(Plan plan, End end) {
    List<String> lines = new ArrayList<>(List.of("link set dev " + end.device() + " up"));
    for (Plan layer : plan.layers()) {
      for (End same : endsAt(layer, layer.space(end.space()))) {
        if (same.device().equals(end.device()) && same.address().isPresent()) {
          Topology.Interface a = same.address().get();
          lines.add("address replace " + a + " dev " + end.device() + atOnce(a.address()));
        }
      }
      for (Route route : layer.routes()) {
        if (route.space().equals(end.space())
            && route.hops().stream().anyMatch(h -> h.device().equals(end.device()))) {
          lines.add(route(route));
        }
      }
    }
    return lines;
  }

  private static List<End> endsAt(Plan plan, Space space) {
    List<End> ends = new ArrayList<>();
    for (Cable cable : plan.cables()) {
      for (End end : List.of(cable.one(), cable.other())) {
        if (end.space().equals(space.name())) {
          ends.add(end);
        }
      }
    }
    return ends;
  }

  /** Nobody else has the address: it is not asked for whether somebody does (RFC 4862 §5.4). */
  private static String atOnce(IpAddress address) {
    return address.isV4() ? "" : " nodad";
  }

  private static String route(Route route) {
    StringBuilder line = new StringBuilder("route replace " + route.to());
    route.source().ifPresent(a -> line.append(" src ").append(a));
    for (Hop hop : route.hops()) {
      line.append(route.hops().size() > 1 ? " nexthop via " : " via ")
          .append(hop.via())
          .append(" dev ")
          .append(hop.device());
    }
    return line.toString();
  }

  /**
   * Files below {@code /proc/sys} and what to write there. Replies may come back by the other router
   * than the one that was asked, and connections, not hosts, are spread over equal paths.
   */
  public static List<String> settings(Plan plan, Space space) {
    List<String> settings = new ArrayList<>(List.of(
        "net/ipv4/conf/all/rp_filter=0",
        "net/ipv4/conf/default/rp_filter=0",
        "net/ipv4/fib_multipath_hash_policy=1"));
    if (space.kind() == Kind.ROUTER) {
      settings.add("net/ipv4/ip_forward=1");
    }
    if (plan.layers().stream().anyMatch(p -> p.family() == Family.IPV6)) {
      settings.add("net/ipv6/fib_multipath_hash_policy=1");
      if (space.kind() == Kind.ROUTER) {
        settings.add("net/ipv6/conf/all/forwarding=1");
      }
    }
    return settings;
  }
}
