package dev.catwalk.felix.netlink.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A message of the kernel.
 *
 * @param sequence of the request that it answers; 0 in a notification that nobody asked for
 * @param port whose request caused it: the asking socket's own number; 0 for the kernel itself
 * @param interrupted whether the dump that it belongs to is inconsistent and must be repeated
 */
public record Inbound(int sequence, int port, boolean interrupted, Payload payload) {

  /** What a message says. */
  public sealed interface Payload {}

  /** A link is there. */
  public record LinkIs(Link link) implements Payload {}

  /** A link is gone. */
  public record LinkGone(Link link) implements Payload {}

  public record AddressIs(Address address) implements Payload {}

  public record AddressGone(Address address) implements Payload {}

  /**
   * A route is there.
   *
   * @param replaced whether it took the place of another
   */
  public record RouteIs(Route route, boolean replaced) implements Payload {}

  public record RouteGone(Route route) implements Payload {}

  public record NeighbourIs(Neighbour neighbour) implements Payload {}

  public record NeighbourGone(Neighbour neighbour) implements Payload {}

  /** Which generation nf_tables is at. */
  public record GenerationIs(int generation) implements Payload {}

  /**
   * An ipset is there.
   *
   * @param elements how many members it has
   */
  public record SetIs(String name, long elements) implements Payload {}

  /** NLMSG_ERROR with 0: done. */
  public record Acknowledged() implements Payload {}

  /**
   * NLMSG_ERROR.
   *
   * @param errno positive
   * @param text the kernel's own words (extended ACK), empty where it has none
   */
  public record Refused(int errno, String text) implements Payload {}

  /** The end of a dump. */
  public record Done() implements Payload {}

  /** A message of a type, family or kind that we do not read. */
  public record Unread(int type) implements Payload {}

  /**
   * Reads all messages of a datagram.
   *
   * @param datagram in host byte order, from position to limit
   * @throws MalformedException where a length is wrong; what came before is lost with it
   */
  public static List<Inbound> decode(ByteBuffer datagram) throws MalformedException {
    List<Inbound> messages = new ArrayList<>();
    while (datagram.hasRemaining()) {
      int start = datagram.position();
      Attributes.require(datagram, Rt.HEADER, "nlmsghdr");
      int length = datagram.getInt(start);
      if (length < Rt.HEADER || length > datagram.remaining()) {
        throw new MalformedException("nlmsghdr with length " + length);
      }
      int type = datagram.getShort(start + 4) & 0xffff;
      int flags = datagram.getShort(start + 6) & 0xffff;
      ByteBuffer body =
          datagram.slice(start + Rt.HEADER, length - Rt.HEADER).order(datagram.order());
      messages.add(new Inbound(
          datagram.getInt(start + 8),
          datagram.getInt(start + 12),
          (flags & Rt.NLM_F_DUMP_INTR) != 0,
          payload(type, flags, body)));
      datagram.position(Math.min(start + Rt.align(length), datagram.limit()));
    }
    return messages;
  }

  private static Payload payload(int type, int flags, ByteBuffer body) throws MalformedException {
    return switch (type) {
      case Rt.RTM_NEWLINK, Rt.RTM_DELLINK -> link(type, body);
      case Rt.RTM_NEWADDR -> new AddressIs(Address.decode(body));
      case Rt.RTM_DELADDR -> new AddressGone(Address.decode(body));
      case Rt.RTM_NEWROUTE, Rt.RTM_DELROUTE -> route(type, flags, body);
      case Rt.RTM_NEWNEIGH, Rt.RTM_DELNEIGH -> neighbour(type, body);
      case Rt.NFT_MSG_NEWGEN -> generation(body);
      case Rt.IPSET_CMD_LIST -> set(body);
      case Rt.NLMSG_ERROR -> error(flags, body);
      case Rt.NLMSG_DONE -> done(body);
      case Rt.NLMSG_OVERRUN -> throw new MalformedException("NLMSG_OVERRUN");
      default -> new Unread(type);
    };
  }

  /** A bridge tells of its ports in messages of its own family: the port leaves, the link stays. */
  private static Payload link(int type, ByteBuffer body) throws MalformedException {
    Attributes.require(body, Rt.IFINFOMSG, "ifinfomsg");
    if (body.get(body.position()) != Rt.AF_UNSPEC) {
      return new Unread(type);
    }
    Link link = Link.decode(body);
    return type == Rt.RTM_NEWLINK ? new LinkIs(link) : new LinkGone(link);
  }

  /** Routes of other families (multicast, MPLS) and cached ones are not read. */
  private static Payload route(int type, int flags, ByteBuffer body) throws MalformedException {
    Attributes.require(body, Rt.RTMSG, "rtmsg");
    if (!isIp(body) || (body.getInt(body.position() + 8) & Rt.RTM_F_CLONED) != 0) {
      return new Unread(type);
    }
    Route route = Route.decode(body);
    return type == Rt.RTM_NEWROUTE
        ? new RouteIs(route, (flags & Rt.NLM_F_REPLACE) != 0)
        : new RouteGone(route);
  }

  private static Payload neighbour(int type, ByteBuffer body) throws MalformedException {
    Attributes.require(body, Rt.NDMSG, "ndmsg");
    if (!isIp(body)) {
      return new Unread(type); // a bridge's forwarding table
    }
    Neighbour neighbour = Neighbour.decode(body);
    return type == Rt.RTM_NEWNEIGH ? new NeighbourIs(neighbour) : new NeighbourGone(neighbour);
  }

  private static Payload generation(ByteBuffer body) throws MalformedException {
    Attributes attributes = Attributes.after(body, Rt.NFGENMSG);
    while (attributes.next()) {
      if (attributes.type() == Rt.NFTA_GEN_ID) {
        return new GenerationIs(attributes.net32());
      }
    }
    throw new MalformedException("NFT_MSG_NEWGEN without a generation");
  }

  private static Payload set(ByteBuffer body) throws MalformedException {
    String name = "";
    long elements = 0;
    Attributes attributes = Attributes.after(body, Rt.NFGENMSG);
    while (attributes.next()) {
      if (attributes.type() == Rt.IPSET_ATTR_SETNAME) {
        name = attributes.text();
      } else if (attributes.type() == Rt.IPSET_ATTR_DATA) {
        Attributes data = attributes.nested();
        while (data.next()) {
          if (data.type() == Rt.IPSET_ATTR_ELEMENTS) {
            elements = data.net32() & 0xffff_ffffL;
          }
        }
      }
    }
    if (name.isEmpty()) {
      throw new MalformedException("an ipset without a name");
    }
    return new SetIs(name, elements);
  }

  private static boolean isIp(ByteBuffer body) {
    int family = body.get(body.position()) & 0xff;
    return family == Rt.AF_INET || family == Rt.AF_INET6;
  }

  /** A dump that fails half-way ends with a negative errno in NLMSG_DONE. */
  private static Payload done(ByteBuffer body) {
    int error = body.remaining() >= 4 ? body.getInt(body.position()) : 0;
    return error < 0 ? new Refused(-error, "dump broken off") : new Done();
  }

  private static Payload error(int flags, ByteBuffer body) throws MalformedException {
    Attributes.require(body, 4 + Rt.HEADER, "nlmsgerr");
    int error = body.getInt(body.position());
    if (error == 0) {
      return new Acknowledged();
    }
    if (error > 0 || error == Integer.MIN_VALUE) {
      throw new MalformedException("nlmsgerr with error " + error);
    }
    return new Refused(-error, text(flags, body));
  }

  private static String text(int flags, ByteBuffer body) throws MalformedException {
    if ((flags & Rt.NLM_F_ACK_TLVS) == 0) {
      return "";
    }
    int echoed = (flags & Rt.NLM_F_CAPPED) != 0 ? Rt.HEADER : body.getInt(body.position() + 4);
    if (echoed < Rt.HEADER || echoed > body.remaining() - 4) {
      throw new MalformedException("nlmsgerr that echoes " + echoed + " bytes");
    }
    Attributes attributes = Attributes.after(body, 4 + echoed);
    while (attributes.next()) {
      if (attributes.type() == Rt.NLMSGERR_ATTR_MSG) {
        return new String(attributes.bytes(), StandardCharsets.UTF_8).replace("\0", "");
      }
    }
    return "";
  }
}
