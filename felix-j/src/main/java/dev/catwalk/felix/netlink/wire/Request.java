package dev.catwalk.felix.netlink.wire;

import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.MacAddress;
import java.util.Optional;

/** What we ask of the kernel. */
public sealed interface Request {

  /**
   * Makes a pair of virtual Ethernet links, the peer in another namespace.
   *
   * @param index of the new link; 0 leaves the choice to the kernel. Chosen by us, later requests of
   *     the same batch can name it.
   * @param peerNetnsFd file descriptor of the peer's network namespace
   */
  record CreateVeth(
      int index,
      String name,
      MacAddress mac,
      int mtu,
      int peerIndex,
      String peerName,
      MacAddress peerMac,
      int peerNetnsFd)
      implements Request {}

  /**
   * Sets a link up or down.
   *
   * @param mtu 0 leaves it
   */
  record SetLink(int index, boolean up, int mtu, Optional<String> rename, String alias)
      implements Request {
    /** Leaves what is written on it. */
    public SetLink(int index, boolean up, int mtu, Optional<String> rename) {
      this(index, up, mtu, rename, "");
    }
  }

  record DeleteLink(int index) implements Request {}

  record GetLink(String name) implements Request {}

  /** Adds an address, without duplicate address detection; one that is there is left. */
  record PutAddress(Address address) implements Request {}

  record DeleteAddress(Address address) implements Request {}

  /** Adds a route; refused (EEXIST) where one of that destination, table and metric is there. */
  record AddRoute(Route route) implements Request {}

  /** Adds a route or takes the place of the one with that destination, table and metric. */
  record ReplaceRoute(Route route) implements Request {}

  /** Removes the route of that destination, table, metric, protocol and kind. */
  record DeleteRoute(Route route) implements Request {}

  /** Adds or replaces. */
  record PutNeighbour(Neighbour neighbour) implements Request {}

  record DeleteNeighbour(Neighbour neighbour) implements Request {}

  /** Adds a routing rule; refused (EEXIST) where it is there. */
  record AddRule(Rule rule) implements Request {}

  record DumpLinks() implements Request {}

  record DumpAddresses(Family family) implements Request {}

  /**
   * All routes of one protocol in all tables.
   *
   * @param protocol 0 for any
   */
  record DumpRoutes(Family family, int protocol) implements Request {}

  record DumpNeighbours(Family family) implements Request {}

  /** Of nf_tables: a number that changes with each transaction. On a netfilter socket. */
  record GetGeneration() implements Request {}

  /** All ipsets, without their members. On a netfilter socket. */
  record DumpSets() implements Request {}

  /** Puts a member into an ipset, where it may be already. On a netfilter socket. */
  record PutMember(String set, SetMember member) implements Request {}

  /** Takes a member out of an ipset, where it need not be. On a netfilter socket. */
  record DeleteMember(String set, SetMember member) implements Request {}

  /**
   * Appends one message.
   *
   * @param acknowledge whether success is to be told too; failure is told in any case
   */
  static void encode(Request request, int sequence, boolean acknowledge, Sink out) {
    int flags = Rt.NLM_F_REQUEST | (acknowledge ? Rt.NLM_F_ACK : 0);
    int create = Rt.NLM_F_CREATE | Rt.NLM_F_EXCL;
    int put = Rt.NLM_F_CREATE | Rt.NLM_F_REPLACE;
    int start = out.position();
    switch (request) {
      case CreateVeth r -> {
        out.header(Rt.RTM_NEWLINK, flags | create, sequence);
        Link.encodeVeth(r, out);
      }
      case SetLink r -> {
        out.header(Rt.RTM_NEWLINK, flags, sequence);
        Link.encodeSet(r, out);
      }
      case DeleteLink r -> {
        out.header(Rt.RTM_DELLINK, flags, sequence);
        Link.encodeIndex(r.index(), out);
      }
      case GetLink r -> {
        out.header(Rt.RTM_GETLINK, flags, sequence);
        Link.encodeName(r.name(), out);
      }
      case PutAddress r -> {
        out.header(Rt.RTM_NEWADDR, flags | put, sequence);
        Address.encode(r.address(), out);
      }
      case DeleteAddress r -> {
        out.header(Rt.RTM_DELADDR, flags, sequence);
        Address.encode(r.address(), out);
      }
      case AddRoute r -> {
        out.header(Rt.RTM_NEWROUTE, flags | create, sequence);
        Route.encode(r.route(), out);
      }
      case ReplaceRoute r -> {
        out.header(Rt.RTM_NEWROUTE, flags | put, sequence);
        Route.encode(r.route(), out);
      }
      case DeleteRoute r -> {
        out.header(Rt.RTM_DELROUTE, flags, sequence);
        Route.encodeKey(r.route(), out);
      }
      case PutNeighbour r -> {
        out.header(Rt.RTM_NEWNEIGH, flags | put, sequence);
        Neighbour.encode(r.neighbour(), out);
      }
      case DeleteNeighbour r -> {
        out.header(Rt.RTM_DELNEIGH, flags, sequence);
        Neighbour.encode(r.neighbour(), out);
      }
      case AddRule r -> {
        out.header(Rt.RTM_NEWRULE, flags | create, sequence);
        Rule.encode(r.rule(), out);
      }
      case DumpLinks r -> {
        out.header(Rt.RTM_GETLINK, flags | Rt.NLM_F_DUMP, sequence);
        Link.encodeIndex(0, out);
      }
      case DumpAddresses r -> {
        out.header(Rt.RTM_GETADDR, flags | Rt.NLM_F_DUMP, sequence);
        out.put8(Sink.family(r.family())).put8(0).put8(0).put8(0).put32(0);
      }
      case DumpRoutes r -> {
        out.header(Rt.RTM_GETROUTE, flags | Rt.NLM_F_DUMP, sequence);
        Route.encodeFilter(r, out);
      }
      case DumpNeighbours r -> {
        out.header(Rt.RTM_GETNEIGH, flags | Rt.NLM_F_DUMP, sequence);
        out.put8(Sink.family(r.family())).put8(0).put16(0).put32(0).put32(0);
      }
      case GetGeneration r -> {
        out.header(Rt.NFT_MSG_GETGEN, flags, sequence);
        out.put8(0).put8(0).put16(0);
      }
      case PutMember r -> {
        out.header(Rt.IPSET_CMD_ADD, flags, sequence);
        r.member().encode(r.set(), out);
      }
      case DeleteMember r -> {
        out.header(Rt.IPSET_CMD_DEL, flags, sequence);
        r.member().encode(r.set(), out);
      }
      case DumpSets r -> {
        out.header(Rt.IPSET_CMD_LIST, flags | Rt.NLM_F_DUMP, sequence);
        out.put8(Rt.AF_INET).put8(0).put16(0);
        out.bytes(Rt.IPSET_ATTR_PROTOCOL, new byte[] {Rt.IPSET_PROTOCOL});
        out.bytes(
            Rt.IPSET_ATTR_FLAGS | Rt.NLA_F_NET_BYTEORDER,
            new byte[] {0, 0, 0, Rt.IPSET_FLAG_LIST_HEADER});
      }
    }
    out.length32(start);
  }
}
