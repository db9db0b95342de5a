package dev.catwalk.bgp.exabgp;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Routes as UPDATEs, with what a session has agreed on. */
public final class RouteWriter {
  /** The longest message, RFC 8654. */
  public static final int MOST = 65535;

  /** Octets of all messages of a command, which may be much shorter. */
  static final int MOST_OF_A_COMMAND = 1 << 24;

  private static final int HEADER = 19;
  private static final int UPDATE = 2;
  private static final int ROUTE_REFRESH = 5;
  private static final int OPTIONAL = 0x80;
  private static final int EXTENDED_LENGTH = 0x10;
  private static final int MP_REACH = 14;
  private static final int MP_UNREACH = 15;

  private final EncodeContext context;
  private final int limit;

  /** @param limit octets of a message, header included: 4096, or 65535 with RFC 8654 */
  public RouteWriter(EncodeContext context, int limit) {
    this.context = context;
    this.limit = limit;
  }

  static boolean isOfPrefixes(AfiSafi family) {
    return switch (family.safi()) {
      case FamilyName.UNICAST, FamilyName.MULTICAST, FamilyName.LABELLED, FamilyName.VPN -> true;
      default -> false;
    };
  }

  /**
   * Adds their messages: neighbouring routes that differ in nothing else travel in one.
   *
   * @throws MalformedException if one is too long, or all are, which is known before their routes are
   *     made
   */
  void write(List<RouteBlock> blocks, List<byte[]> messages) throws MalformedException {
    List<List<RouteBlock>> together = new ArrayList<>();
    int from = 0;
    for (int i = 1; i <= blocks.size(); i++) {
      if (i == blocks.size() || !together(blocks.get(from), blocks.get(i))) {
        together.add(blocks.subList(from, i));
        from = i;
      }
    }
    long least = 0;
    for (List<RouteBlock> message : together) {
      RouteBlock first = message.getFirst();
      least += first.isAnnounced() ? first.attributes().all().leastOctets(context) : 0;
    }
    checkAll(least);
    long octets = 0;
    for (List<RouteBlock> message : together) {
      octets += check(message);
      checkAll(octets);
    }
    for (List<RouteBlock> message : together) {
      List<Route> routes = new ArrayList<>();
      message.forEach(block -> block.forEach(routes::add));
      messages.add(update(routes));
    }
  }

  private static void checkAll(long octets) throws MalformedException {
    if (octets > MOST_OF_A_COMMAND) {
      throw new MalformedException("the messages of this command have more than "
          + MOST_OF_A_COMMAND + " octets: say it as several");
    }
  }

  /** The octets of their message. */
  private long check(List<RouteBlock> alike) throws MalformedException {
    Route first = alike.getFirst().get(0);
    long octets = update(List.of(first)).length;
    octets -= octets(first).length;
    for (RouteBlock block : alike) {
      octets += (long) block.size() * octets(block.get(0)).length;
    }
    if (octets > limit) {
      throw tooLong("", octets);
    }
    return octets;
  }

  private MalformedException tooLong(String least, long octets) {
    return new MalformedException(
        "a message of " + least + octets + " octets, it can have " + limit);
  }

  /** Whether the routes of two can be in one message. */
  private boolean together(RouteBlock one, RouteBlock other) {
    return one.isAnnounced() == other.isAnnounced()
        && one.family().equals(other.family())
        && (one.attributes() == other.attributes() || isSaidAlike(one.get(0), other.get(0)));
  }

  private boolean isSaidAlike(Route one, Route other) {
    return Objects.equals(one.said().nextHop(context), other.said().nextHop(context))
        && one.said().isSame(other.said(), context, isHopAnAttribute(one));
  }

  /**
   * The messages that announce or withdraw them: one, or as many as they need.
   *
   * @param alike of one family and with the same attributes, all announced or all withdrawn
   * @throws MalformedException if one of them is too long for a message
   */
  public List<byte[]> updates(List<Route> alike) throws MalformedException {
    List<byte[]> messages = new ArrayList<>();
    int overhead = update(alike.subList(0, 1)).length;
    int from = 0;
    int size = overhead;
    for (int i = 1; i < alike.size(); i++) {
      int octets = octets(alike.get(i)).length;
      if (size + octets > limit) {
        messages.add(update(alike.subList(from, i)));
        from = i;
        size = overhead;
      }
      size += octets;
    }
    messages.add(update(alike.subList(from, alike.size())));
    return messages;
  }

  /** A next hop of IPv4 stands among the attributes, except where a family has no use for it there. */
  private boolean isHopAnAttribute(Route route) {
    IpAddress hop = route.said().nextHop(context);
    int safi = route.family().safi();
    boolean elsewhere = safi == FamilyName.FLOW
        || safi == FamilyName.FLOW_VPN
        || safi == FamilyName.VPLS
        || safi == FamilyName.SR_POLICY;
    return hop != null && hop.isV4() && !elsewhere;
  }

  private byte[] attributes(Route route) throws MalformedException {
    long least = HEADER + route.said().leastOctets(context);
    if (least > limit) {
      throw tooLong("at least ", least); // very many routes may share what is too long for each
    }
    return route.said().toBytes(context, isHopAnAttribute(route));
  }

  private byte[] octets(Route route) {
    byte[] nlri = route.key().nlri().toBytes();
    if (!isOfPrefixes(route.family()) || !context.addPath().contains(route.family())) {
      return nlri;
    }
    byte[] path = route.key().path().toBytes();
    return new Output().add(path.length == 0 ? new byte[4] : path).add(nlri).toBytes();
  }

  private byte[] update(List<Route> alike) throws MalformedException {
    Route first = alike.getFirst();
    AfiSafi family = first.family();
    Output routes = new Output();
    alike.forEach(route -> routes.add(octets(route)));
    IpAddress hop = first.said().nextHop(context);
    boolean announced = first.isAnnounced();
    if (family.equals(AfiSafi.IPV4_UNICAST) && (hop == null || hop.isV4())) {
      return announced
          ? message(
              UPDATE,
              sections(new Output(), new Output().add(attributes(first))).add(routes))
          : message(UPDATE, sections(routes, new Output()));
    }
    Output attributes = new Output();
    if (announced) {
      attributes.add(attributes(first));
      SaidAttributes.write(
          attributes, MP_REACH, OPTIONAL, reach(family, hop, routes).toBytes());
    } else {
      Output gone = new Output().u16(family.afi()).u8(family.safi()).add(routes);
      SaidAttributes.write(attributes, MP_UNREACH, OPTIONAL, gone.toBytes());
      if (family.safi() != FamilyName.UNICAST && family.safi() != FamilyName.MULTICAST) {
        attributes.add(attributes(first));
      }
    }
    return message(UPDATE, sections(new Output(), attributes));
  }

  private Output reach(AfiSafi family, @Nullable IpAddress hop, Output routes) {
    Output next = new Output();
    if (hop != null) {
      if (family.safi() == FamilyName.VPN) {
        next.unsigned(0, 8);
      }
      next.address(hop);
      IpAddress beside = context.linkLocal();
      if (beside != null
          && family.safi() == FamilyName.UNICAST
          && !hop.isV4()
          && !hop.isLinkLocal()) {
        next.address(beside);
      }
    }
    return new Output()
        .u16(family.afi())
        .u8(family.safi())
        .u8(next.size())
        .add(next)
        .u8(0)
        .add(routes);
  }

  private static Output sections(Output withdrawn, Output attributes) {
    return new Output()
        .u16(withdrawn.size())
        .add(withdrawn)
        .u16(attributes.size())
        .add(attributes);
  }

  /** RFC 4724 §2: there are no more routes of that family for now. */
  public static byte[] endOfRib(AfiSafi family) {
    Output attributes = new Output();
    if (!family.equals(AfiSafi.IPV4_UNICAST)) {
      SaidAttributes.write(
          attributes,
          MP_UNREACH,
          OPTIONAL | EXTENDED_LENGTH, // as ExaBGP writes it
          new Output().u16(family.afi()).u8(family.safi()).toBytes());
    }
    return framed(UPDATE, sections(new Output(), attributes));
  }

  /** @param subtype 0 asks; 1 and 2 begin and end an answer, RFC 7313 */
  public static byte[] routeRefresh(AfiSafi family, int subtype) {
    return framed(ROUTE_REFRESH, new Output().u16(family.afi()).u8(subtype).u8(family.safi()));
  }

  private byte[] message(int type, Output body) throws MalformedException {
    int length = HEADER + body.size();
    if (length > limit) {
      throw tooLong("", length);
    }
    return framed(type, body);
  }

  static byte[] framed(int type, Output body) {
    byte[] marker = new byte[16];
    Arrays.fill(marker, (byte) 0xff);
    return new Output().add(marker).u16(HEADER + body.size()).u8(type).add(body).toBytes();
  }
}
