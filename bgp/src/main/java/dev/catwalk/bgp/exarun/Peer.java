package dev.catwalk.bgp.exarun;

import dev.catwalk.bgp.exabgp.EncodeContext;
import dev.catwalk.bgp.exabgp.Events;
import dev.catwalk.bgp.exabgp.JsonVersion;
import dev.catwalk.bgp.exabgp.Neighbor;
import dev.catwalk.bgp.exabgp.NeighborConfig;
import dev.catwalk.bgp.exabgp.PeerOpen;
import dev.catwalk.bgp.exabgp.ReceivedRoutes;
import dev.catwalk.bgp.exabgp.Route;
import dev.catwalk.bgp.exabgp.RouteWriter;
import dev.catwalk.bgp.fsm.ConnectionId;
import dev.catwalk.bgp.fsm.Negotiated;
import dev.catwalk.bgp.fsm.Peering;
import dev.catwalk.bgp.fsm.Settings;
import dev.catwalk.bgp.fsm.State;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One neighbour: its session, what it is to be told, what its processes are told of it. */
final class Peer {
  /** Seconds between attempts to connect. */
  private static final int CONNECT_RETRY = 5;

  private static final long LINK_LOCAL = 0xfe80L << 48;

  final int id;
  final boolean dynamic;
  final Map<ConnectionId, IpAddress> locals = new LinkedHashMap<>();
  final Map<ConnectionId, byte[]> opens = new LinkedHashMap<>();
  final ReceivedRoutes received = new ReceivedRoutes();

  /** Messages that go when all routes are told: ends of routes, refreshes. */
  final ArrayDeque<byte[]> waiting = new ArrayDeque<>();

  NeighborConfig config;
  OutgoingRoutes routes;
  Peering peering;
  Events events;
  State told = State.IDLE;
  final Counts outgoing = new Counts();
  final Counts incoming = new Counts();

  /** When its session came up or went, or it was made: microseconds since 1970. */
  long since;

  /** The hold time that it asked for, in seconds, and its identifier: of the last session. */
  int peerHoldTime;

  int peerId;

  @Nullable
  PeerOpen theirs;

  @Nullable
  ConnectionId up;

  @Nullable
  RouteWriter writer;

  Events.@Nullable Agreed agreed;
  List<AfiSafi> families = List.of();

  Peer(int id, NeighborConfig config, boolean dynamic, Events.Origin origin, JsonVersion version) {
    this.id = id;
    this.config = config;
    this.dynamic = dynamic;
    this.routes = new OutgoingRoutes(config.telling().remembered(), OutgoingRoutes.MOST);
    this.peering = Peering.of(settings(config));
    this.events = new Events(
        origin, version, neighbor(new TreeSet<>(), config.capabilities().asn4()));
    routes.fix(offered(config));
  }

  /** The file's routes of the families that are offered. */
  static Iterable<Route> offered(NeighborConfig config) {
    return config.routes().of(config.capabilities().families());
  }

  private static Settings settings(NeighborConfig config) {
    NeighborConfig.Ends ends = config.ends();
    return new Settings(
        ends.localAs(),
        ends.routerId(),
        ends.peerAs(),
        config.transport().passive(),
        ends.holdTime(),
        0,
        CONNECT_RETRY,
        config.capabilities().families());
  }

  String address() {
    return config.ends().address();
  }

  /** With all that commands can select it by, as ExaBGP names it. */
  String fullName() {
    NeighborConfig.Ends ends = config.ends();
    IpAddress local = ends.local();
    return "neighbor " + address() + " local-ip " + (local == null ? "auto" : local) + " local-as "
        + ends.localAs() + " peer-as " + ends.peerAs() + " router-id "
        + IpAddress.v4(ends.routerId()) + " family-allowed in-open";
  }

  private Neighbor neighbor(TreeSet<AfiSafi> addPath, boolean asn4) {
    NeighborConfig.Ends ends = config.ends();
    IpAddress local = ends.local();
    return new Neighbor(
        local == null ? "auto" : local.toString(),
        ends.address(),
        ends.localAs(),
        ends.peerAs(),
        IpAddress.v4(ends.routerId()).toString(),
        asn4,
        addPath);
  }

  /** The session is up: how everything is read and written from now on. */
  void agree(ConnectionId connection, Negotiated negotiated, PeerOpen theirs) {
    NeighborConfig.Capabilities ours = config.capabilities();
    boolean asn4 = ours.asn4() && theirs.hasFourByteAs();
    boolean extended = ours.extendedMessage() && theirs.hasExtendedMessage();
    int limit = extended ? Wire.EXTENDED_MESSAGE_LIMIT : Wire.MESSAGE_LIMIT;
    TreeSet<AfiSafi> sent = new TreeSet<>(ours.addPathFamilies());
    sent.retainAll(theirs.addPath(1));
    TreeSet<AfiSafi> read = new TreeSet<>(ours.addPathFamilies());
    read.retainAll(theirs.addPath(2));
    if ((ours.addPath() & 2) == 0) {
      sent.clear();
    }
    if ((ours.addPath() & 1) == 0) {
      read.clear();
    }
    IpAddress local = locals.getOrDefault(connection, IpAddress.v4(0));
    boolean besides = ours.linkLocalNextHop() && theirs.hasLinkLocalNextHop();
    NeighborConfig.Ends ends = config.ends();
    EncodeContext context = new EncodeContext(
        ends.local() == null ? local : ends.local(),
        ends.localAs(),
        negotiated.peerAs(),
        asn4,
        sent,
        ours.aigp(),
        besides ? linkLocal(local) : null);
    List<NeighborConfig.NextHopFamily> hops = new ArrayList<>(ours.nextHops());
    hops.retainAll(theirs.nextHops());
    up = connection;
    this.theirs = theirs;
    peerId = negotiated.peerId();
    peerHoldTime = theirs.holdTime();
    writer = new RouteWriter(context, limit);
    families = negotiated.families();
    agreed = new Events.Agreed(
        limit,
        negotiated.holdTime(),
        asn4,
        !ours.routeRefresh() || !theirs.hasRefresh()
            ? "absent"
            : theirs.hasEnhancedRefresh() ? "enhanced" : "normal",
        families,
        hops,
        sent,
        read);
    events = events.with(neighbor(read, asn4));
    waiting.clear();
    routes.restart();
    if (!config.telling().manualEndOfRib()) {
      families.forEach(family -> waiting.add(RouteWriter.endOfRib(family)));
    }
  }

  /** As it is configured, or with the interface identifier of our address: RFC 4291 §2.5.1. */
  private @Nullable IpAddress linkLocal(IpAddress local) {
    IpAddress said = config.ends().linkLocal();
    return said != null || local.isV4() ? said : IpAddress.v6(LINK_LOCAL, local.low());
  }

  void disagree() {
    up = null;
    theirs = null;
    writer = null;
    agreed = null;
    waiting.clear();
    received.clear();
    routes.end();
  }

  /** Whether it answers refreshes in the manner of RFC 7313. */
  boolean isEnhanced() {
    return agreed != null && agreed.refresh().equals("enhanced");
  }
}
