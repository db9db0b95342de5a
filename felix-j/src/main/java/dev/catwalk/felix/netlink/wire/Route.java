package dev.catwalk.felix.netlink.wire;

import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A route.
 *
 * @param table its number; {@value #MAIN} is the main one
 * @param protocol who made it, 0..255; {@value #CATWALK} is us
 * @param metric lower wins; unsigned. The kernel makes 1024 of an IPv6 route's 0.
 * @param nextHops ascending; none for a blackhole
 */
public record Route(
    Prefix destination, int table, int protocol, Kind kind, int metric, List<NextHop> nextHops) {

  public static final int MAIN = 254;
  public static final int CATWALK = 67;
  private static final int DEFAULT_METRIC_V6 = 1024;

  /** What becomes of a packet; the numbers are RTN_*. */
  public enum Kind {
    UNICAST(1),
    LOCAL(2),
    BLACKHOLE(6),
    UNREACHABLE(7),
    PROHIBIT(8),
    /** Broadcast, multicast and what else we never write. */
    OTHER(0);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    static Kind of(int code) {
      for (Kind kind : values()) {
        if (kind.code == code) {
          return kind;
        }
      }
      return OTHER;
    }
  }

  public Route {
    nextHops = nextHops.stream().sorted().toList();
  }

  /** One of ours, in the main table. */
  public static Route ours(Prefix destination, Kind kind, List<NextHop> nextHops) {
    int metric = destination.family() == Family.IPV4 ? 0 : DEFAULT_METRIC_V6;
    return new Route(destination, MAIN, CATWALK, kind, metric, nextHops);
  }

  static Route decode(ByteBuffer body) throws MalformedException {
    Attributes.require(body, Rt.RTMSG, "rtmsg");
    int start = body.position();
    int family = body.get(start) & 0xff;
    int length = body.get(start + 1) & 0xff;
    int table = body.get(start + 4) & 0xff;
    int protocol = body.get(start + 5) & 0xff;
    Kind kind = Kind.of(body.get(start + 7) & 0xff);
    int flags = body.getInt(start + 8);
    IpAddress destination = Attributes.zero(family);
    Optional<IpAddress> gateway = Optional.empty();
    int link = 0;
    int metric = 0;
    List<NextHop> nextHops = new ArrayList<>();
    Attributes attributes = Attributes.after(body, Rt.RTMSG);
    while (attributes.next()) {
      switch (attributes.type()) {
        case Rt.RTA_DST -> destination = attributes.address(family);
        case Rt.RTA_OIF -> link = attributes.int32();
        case Rt.RTA_GATEWAY -> gateway = Optional.of(attributes.address(family));
        case Rt.RTA_VIA -> gateway = Optional.of(attributes.addressWithFamily());
        case Rt.RTA_PRIORITY -> metric = attributes.int32();
        case Rt.RTA_TABLE -> table = attributes.int32();
        case Rt.RTA_MULTIPATH -> decodeMultipath(attributes, family, nextHops);
        default -> {}
      }
    }
    if (length > destination.family().bits()) {
      throw new MalformedException("rtmsg with a prefix of length " + length);
    }
    // The kernel names lo in a blackhole of IPv6: no next hop all the same.
    if (nextHops.isEmpty() && kind == Kind.UNICAST && (link != 0 || gateway.isPresent())) {
      nextHops.add(new NextHop(gateway, link, 1, (flags & Rt.RTNH_F_ONLINK) != 0));
    }
    return new Route(Prefix.of(destination, length), table, protocol, kind, metric, nextHops);
  }

  private static void decodeMultipath(Attributes all, int family, List<NextHop> out)
      throws MalformedException {
    ByteBuffer hops = all.slice();
    while (hops.remaining() >= Rt.RTNEXTHOP) {
      int start = hops.position();
      int length = hops.getShort(start) & 0xffff;
      if (length < Rt.RTNEXTHOP || length > hops.remaining()) {
        throw new MalformedException("rtnexthop of length " + length);
      }
      boolean onLink = (hops.get(start + 2) & Rt.RTNH_F_ONLINK) != 0;
      int weight = (hops.get(start + 3) & 0xff) + 1;
      int link = hops.getInt(start + 4);
      ByteBuffer one = hops.slice(start, length).order(hops.order());
      Attributes attributes = Attributes.after(one, Rt.RTNEXTHOP);
      Optional<IpAddress> gateway = Optional.empty();
      while (attributes.next()) {
        if (attributes.type() == Rt.RTA_GATEWAY) {
          gateway = Optional.of(attributes.address(family));
        } else if (attributes.type() == Rt.RTA_VIA) {
          gateway = Optional.of(attributes.addressWithFamily());
        }
      }
      out.add(new NextHop(gateway, link, weight, onLink));
      hops.position(Math.min(start + Rt.align(length), hops.limit()));
    }
  }

  static void encode(Route route, Sink out) {
    boolean linkScope = route.destination.family() == Family.IPV4
        && route.kind == Kind.UNICAST
        && route.nextHops.stream().allMatch(h -> h.gateway().isEmpty());
    head(route, linkScope ? Rt.RT_SCOPE_LINK : 0, out);
    if (route.nextHops.size() == 1) {
      NextHop only = route.nextHops.getFirst();
      only.gateway().ifPresent(g -> gateway(route, g, out));
      if (only.link() != 0) {
        out.int32(Rt.RTA_OIF, only.link());
      }
    } else if (!route.nextHops.isEmpty()) {
      int multipath = out.nest(Rt.RTA_MULTIPATH);
      for (NextHop hop : route.nextHops) {
        int at = out.position();
        out.put16(0).put8(hop.onLink() ? Rt.RTNH_F_ONLINK : 0).put8(hop.weight() - 1);
        out.put32(hop.link());
        hop.gateway().ifPresent(g -> gateway(route, g, out));
        out.length16(at);
      }
      out.endNest(multipath);
    }
  }

  /** One of another family than the destination's says so. */
  private static void gateway(Route route, IpAddress gateway, Sink out) {
    byte[] octets = gateway.toBytes();
    if (gateway.family() == route.destination.family()) {
      out.bytes(Rt.RTA_GATEWAY, octets);
      return;
    }
    ByteBuffer via = ByteBuffer.allocate(2 + octets.length).order(ByteOrder.nativeOrder());
    via.putShort((short) Sink.family(gateway.family())).put(octets);
    out.bytes(Rt.RTA_VIA, via.array());
  }

  /** Names the route for its removal, whatever its next hops are by now. */
  static void encodeKey(Route route, Sink out) {
    head(route, route.destination.family() == Family.IPV4 ? Rt.RT_SCOPE_NOWHERE : 0, out);
  }

  private static void head(Route route, int scope, Sink out) {
    boolean onLink = route.nextHops.size() == 1 && route.nextHops.getFirst().onLink();
    out.put8(Sink.family(route.destination.family())).put8(route.destination.length());
    out.put8(0).put8(0);
    out.put8(route.table < 256 ? route.table : Rt.RT_TABLE_COMPAT).put8(route.protocol);
    out.put8(scope).put8(route.kind.code).put32(onLink ? Rt.RTNH_F_ONLINK : 0);
    if (route.destination.length() > 0) {
      out.bytes(Rt.RTA_DST, route.destination.address().toBytes());
    }
    out.int32(Rt.RTA_TABLE, route.table);
    if (route.metric != 0) {
      out.int32(Rt.RTA_PRIORITY, route.metric);
    }
  }

  /** A dump request's body: with strict checking the kernel sends only what matches. */
  static void encodeFilter(Request.DumpRoutes dump, Sink out) {
    out.put8(Sink.family(dump.family())).put8(0).put8(0).put8(0);
    out.put8(0).put8(dump.protocol()).put8(0).put8(0).put32(0);
  }
}
