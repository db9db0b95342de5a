package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.fsm.ConnectionId;
import dev.catwalk.bgp.fsm.Negotiated;
import dev.catwalk.bgp.policy.ExportPolicy.Presence;
import dev.catwalk.bgp.policy.LongLived;
import dev.catwalk.bgp.policy.RouteFilter;
import dev.catwalk.bgp.policy.SummaryOnly;
import dev.catwalk.bgp.rib.ExportGroup;
import dev.catwalk.bgp.rib.NextHops;
import dev.catwalk.bgp.rib.Refusal;
import dev.catwalk.bgp.rib.Rib;
import dev.catwalk.bgp.rib.RouteListener.RouteChange;
import dev.catwalk.bgp.rib.Source;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.net.diff.Delta;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The tables of both families, fed by the peers' UPDATEs and read by those who are up. */
final class Tables {
  /** How many prefixes are decided, or told to one peer, before others get their turn. */
  private static final int TURN = 4096;

  private SpeakerConfig config;
  private final Rib ipv4;
  private final Rib ipv6;
  private final Groups groups = new Groups();
  private final List<Peer> up = new ArrayList<>();
  private boolean listened;
  private SortedMap<Prefix, Origination> originated = new TreeMap<>();
  private final Telling telling = new Telling();
  private Aggregates aggregates;
  private boolean endOfRibHeld;
  private boolean releaseDue;
  private boolean convergedDue;
  private boolean departedDue;
  private Presence presence = Presence.HERE;
  private final NextHops nextHops;
  private @Nullable Predicate<Prefix> forwarded;

  /**
   * @param listened whether anybody wants to know what is selected
   */
  Tables(SpeakerConfig config, boolean listened) {
    this.config = config;
    this.listened = listened;
    this.aggregates = new Aggregates(config, this::isPart);
    SpeakerConfig.Multipath multipath = config.multipath();
    // every next hop is on a link of ours or on a route that others compare: no IGP tells us costs
    ipv4 = new Rib(Family.IPV4, multipath.maximum(), multipath.relaxAsPath(), nextHop -> 0);
    ipv6 = new Rib(Family.IPV6, multipath.maximum(), multipath.relaxAsPath(), nextHop -> 0);
    nextHops = new NextHops(ipv4, ipv6);
  }

  Rib rib(Family family) {
    return switch (family) {
      case IPV4 -> ipv4;
      case IPV6 -> ipv6;
    };
  }

  /** Whoever did not want to know what is selected does from now on. */
  void watch() {
    listened = true;
  }

  /** All may change but who we are and how many paths are used. */
  void configure(SpeakerConfig next) {
    boolean sums =
        !next.aggregates().equals(config.aggregates()) || next.transit() != config.transit();
    config = next;
    if (sums) {
      aggregate();
      up.forEach(this::regroup);
    }
  }

  /** Whether aggregates are made of our own routes alone: what others told us goes no further. */
  private boolean sumsOwnOnly() {
    return !config.transit() || isComing();
  }

  /** Whether what others told us there may draw packets for an aggregate: they must find a way. */
  private boolean isPart(Prefix prefix) {
    return !sumsOwnOnly() && (forwarded == null || forwarded.test(prefix));
  }

  private void aggregate() {
    Aggregates before = aggregates;
    aggregates = new Aggregates(config, this::isPart);
    aggregates.fill(ipv4);
    aggregates.fill(ipv6);
    before.prefixes().forEach(this::tellOwn);
    aggregates.prefixes().forEach(this::tellOwn);
  }

  /** New peers' End-of-RIB waits, until {@link #releaseEndOfRib}. */
  void holdEndOfRib() {
    endOfRibHeld = true;
  }

  /** End-of-RIB may be told as soon as all that is known by now is decided and told. */
  void releaseEndOfRib() {
    releaseDue = endOfRibHeld;
  }

  /** Say {@code Converged} as soon as all that is known by now is decided. */
  void converge() {
    convergedDue = true;
  }

  /** What others told us is not told to other ASes, until {@link #arrive}. */
  void come() {
    enter(Presence.COMING);
  }

  boolean isComing() {
    return presence == Presence.COMING;
  }

  /** What others told us is forwarded by now. */
  void arrive() {
    if (isComing()) {
      enter(Presence.HERE);
    }
  }

  /** From now on peers are told of others' routes only as far as we forward by them. */
  void tellForwarded(Predicate<Prefix> prefixes) {
    forwarded = prefixes;
    ipv4.tellForwarded(prefixes);
    ipv6.tellForwarded(prefixes);
    aggregate();
  }

  /** Packets for that prefix are forwarded from now on, or no longer. */
  void forwarding(Prefix prefix) {
    Rib rib = rib(prefix.family());
    rib.forwarding(prefix);
    aggregates.look(prefix, rib).forEach(this::tellOwn);
  }

  NextHops nextHops() {
    return nextHops;
  }

  /** All is marked as about to go; not what has only begun to come. */
  void leave() {
    if (presence == Presence.HERE) {
      enter(Presence.LEAVING);
    }
  }

  /** All is withdrawn, and then {@code Departed} is said. */
  void depart() {
    enter(Presence.GONE);
    departedDue = true;
  }

  private void enter(Presence stage) {
    boolean ownOnly = sumsOwnOnly();
    presence = stage;
    if (sumsOwnOnly() != ownOnly) {
      aggregate();
    }
    up.forEach(this::regroup);
  }

  /** Its rules are others from now on: what it is told follows them. */
  void regroup(Peer peer) {
    Peer.Established session = peer.established;
    if (session != null) {
      session.imports = Policies.imports(peer, session.negotiated, config);
      session.outlets.replaceAll(outlet -> moved(peer, session, outlet));
    }
  }

  private Peer.Outlet moved(Peer peer, Peer.Established session, Peer.Outlet outlet) {
    Family family = outlet.rib().family();
    IpAddress nextHop = Policies.nextHop(session.locals, family, session.negotiated);
    if (nextHop == null) {
      throw new AssertionError("there is no outlet without a next hop");
    }
    ExportGroup group = group(peer, session.negotiated, family, nextHop);
    if (group == outlet.group()) {
      return outlet;
    }
    outlet.group().move(outlet.out(), group);
    groups.removeIfEmpty(outlet);
    return new Peer.Outlet(outlet.rib(), group, outlet.out());
  }

  private ExportGroup group(Peer peer, Negotiated terms, Family family, IpAddress nextHop) {
    return groups.of(
        rib(family),
        SummaryOnly.over(
            Policies.exports(peer, terms, family, nextHop, config, presence),
            config.aggregates(),
            sumsOwnOnly()),
        terms.encode(),
        Policies.pathsEach(peer, terms, family));
  }

  void up(Peer peer, ConnectionId connection, Negotiated negotiated, Locals locals) {
    Source.Kind kind = peer.kind(negotiated.ibgp());
    Source source = new Source(
        peer.slot,
        peer.config.name(),
        kind,
        peer.config.address(),
        negotiated.peerId(),
        locals.link());
    Peer.Established session = new Peer.Established(
        peer.id,
        connection,
        negotiated,
        locals,
        source,
        Policies.imports(peer, negotiated, config));
    peer.established = session;
    telling.add(peer);
    up.add(peer);
    settleRetained(peer, source, negotiated);
    for (AfiSafi family : negotiated.families()) {
      Family of = family.family();
      IpAddress nextHop = of == null ? null : Policies.nextHop(locals, of, negotiated);
      if (of == null || nextHop == null) {
        continue;
      }
      ExportGroup group = group(peer, negotiated, of, nextHop);
      session.outlets.add(new Peer.Outlet(rib(of), group, group.join(peer.slot, endOfRibHeld)));
    }
  }

  /** Which of the routes kept over a peer's restart stay until its End-of-RIB: RFC 4724 §4.2. */
  private void settleRetained(Peer peer, Source now, Negotiated negotiated) {
    Source before = peer.retained;
    if (before == null) {
      return;
    }
    for (Family family : Family.values()) {
      AfiSafi wire = AfiSafi.unicast(family);
      boolean kept = before.equals(now)
          && negotiated.families().contains(wire)
          && negotiated.restart() != null
          && (peer.longLived
              ? Retention.isKept(negotiated, wire)
              : negotiated.restart().forwards(wire));
      if (!kept) {
        rib(family).sweep(before);
      }
    }
    forgetIfFresh(peer);
  }

  /** What was kept of a family over the restart time lives on as the last choice, or goes. */
  void longLive(Peer peer, Family family, boolean kept) {
    Source source = peer.retained;
    if (source != null) {
      if (kept) {
        rib(family).changeStale(source, LongLived::stale);
      } else {
        rib(family).sweep(source);
      }
      forgetIfFresh(peer);
    }
  }

  private void forgetIfFresh(Peer peer) {
    if (staleCount(peer) == 0) {
      peer.retained = null;
      peer.longLived = false;
    }
  }

  int staleCount(Peer peer) {
    return ipv4.staleCount(peer.slot) + ipv6.staleCount(peer.slot);
  }

  /**
   * The session is gone, and with it all that was said, and all that was learned but for what is
   * retained.
   *
   * @param retain whether the families of the peer's graceful restart are
   */
  void down(Peer peer, boolean retain) {
    Peer.Established session = peer.established;
    if (session == null) {
      return;
    }
    for (Peer.Outlet outlet : session.outlets) {
      outlet.group().leave(outlet.out());
      groups.removeIfEmpty(outlet);
    }
    var restart = session.negotiated.restart();
    for (Family family : Family.values()) {
      if (retain && restart != null && restart.has(AfiSafi.unicast(family))) {
        rib(family).retain(session.source);
      } else {
        rib(family).drop(session.source);
      }
    }
    peer.retained = session.source;
    forgetIfFresh(peer);
    up.remove(peer);
    telling.remove(peer);
    peer.established = null;
  }

  /** What was kept over a peer's restart goes. */
  void sweep(Peer peer) {
    Source source = peer.retained;
    if (source != null) {
      ipv4.sweep(source);
      ipv6.sweep(source);
      peer.retained = null;
      peer.longLived = false;
    }
  }

  /** The peer has named all of a family's routes. */
  void endOfRib(Peer peer, Family family) {
    Peer.Established session = peer.established;
    if (session != null) {
      session.ended.add(family);
      rib(family).sweep(session.source);
      forgetIfFresh(peer);
    }
  }

  void learn(Peer.Established session, Update update) {
    for (Nlri withdrawn : update.withdrawn()) {
      rib(withdrawn.family()).withdraw(session.source, withdrawn);
    }
    for (Update.Reach reach : update.announced()) {
      PathAttributes attributes = session.imports.adjust(reach.attributes());
      Refusal refusal = session.imports.check(attributes, address -> isOwn(session, address));
      Refusal flaw = refusal != null || nextHops.isReached(attributes.nextHop())
          ? refusal
          : Refusal.UNREACHABLE_NEXT_HOP;
      Rib rib = rib(reach.prefixes().family());
      RouteFilter filter = session.imports.rules().filter();
      if (refusal != null || filter.isEmpty()) {
        rib.announce(session.source, reach.prefixes(), attributes, flaw);
      } else {
        Inlet.announce(rib, session.source, reach.prefixes(), attributes, filter, flaw);
      }
    }
  }

  private boolean isOwn(Peer.Established session, IpAddress address) {
    if (address.equals(session.locals.address())
        || address.equals(session.locals.other())
        || address.equals(config.routerId())) {
      return true;
    }
    for (SpeakerConfig.ListenAddress listen : config.listen()) {
      if (listen.address().equals(address)) {
        return true;
      }
    }
    return false;
  }

  void setWritable(Peer.Established session, boolean writable) {
    for (Peer.Outlet outlet : session.outlets) {
      outlet.out().setWritable(writable);
    }
  }

  void originate(SortedMap<Prefix, Origination> routes) {
    Delta<Prefix> gone = Delta.between(
        new java.util.TreeSet<>(routes.keySet()), new java.util.TreeSet<>(originated.keySet()));
    originated = new TreeMap<>(routes);
    gone.stale().forEach(this::tellOwn);
    originated.keySet().forEach(this::tellOwn);
  }

  /** What we have of our own there: what is originated, else an aggregate, else nothing. */
  private void tellOwn(Prefix prefix) {
    Origination own = originated.get(prefix);
    PathAttributes attributes =
        own == null ? aggregates.attributes(prefix) : own.attributes(prefix.family());
    if (attributes == null) {
      rib(prefix.family()).withdraw(Source.LOCAL, Nlri.of(prefix));
    } else {
      rib(prefix.family()).announce(Source.LOCAL, Nlri.of(prefix), attributes, null);
    }
  }

  boolean hasWork() {
    return ipv4.hasWork()
        || ipv6.hasWork()
        || nextHops.hasWork()
        || releaseDue
        || convergedDue
        || departedDue
        || isTelling();
  }

  private boolean isTelling() {
    return ipv4.isTelling() || ipv6.isTelling();
  }

  /** What all routes take, about. */
  long octets() {
    return ipv4.octets() + ipv6.octets();
  }

  /** What they would not take without that peer's. */
  long octets(Peer peer) {
    return ipv4.octets(peer.slot) + ipv6.octets(peer.slot);
  }

  /** {@link Memory#limit}. */
  void limit(long octets) {
    ipv4.limit(octets);
    ipv6.limit(octets);
  }

  /** See {@link Rib#givenBack}. */
  long givenBack() {
    return ipv4.givenBack() + ipv6.givenBack();
  }

  void giveBack() {
    ipv4.giveBack();
    ipv6.giveBack();
  }

  int waiting() {
    return ipv4.touchedCount() + ipv6.touchedCount();
  }

  /** A bounded piece of what is to be decided and told. */
  List<Deed> work() {
    List<Deed> deeds = telling.begin();
    List<RouteChange> changes = listened || !aggregates.isEmpty() ? new ArrayList<>() : null;
    nextHops.settle();
    for (Rib rib : List.of(ipv4, ipv6)) {
      if (rib.hasWork()) {
        rib.decide(TURN, changes, telling);
      }
    }
    nextHops.selected(changes == null ? List.of() : changes);
    List<RouteChange> elsewhere = ipv4.hasWork() || ipv6.hasWork() ? List.of() : nextHops.renew();
    if (changes != null) {
      changes.addAll(elsewhere);
    }
    if (changes != null && !changes.isEmpty()) {
      if (listened) {
        deeds.add(new Deed.Routes(changes.stream().map(nextHops::through).toList()));
      }
      aggregates.take(changes).forEach(this::tellOwn);
    }
    if (!ipv4.hasWork() && !ipv6.hasWork() && !nextHops.hasWork()) {
      decided(deeds);
    }
    ipv4.tell(TURN, telling);
    ipv6.tell(TURN, telling);
    if (departedDue && !isTelling()) {
      departedDue = false;
      deeds.add(new Deed.Departed());
    }
    return deeds;
  }

  /** What waited until all that was known is decided, and told as far as it was news. */
  private void decided(List<Deed> deeds) {
    if (convergedDue) {
      convergedDue = false;
      deeds.add(new Deed.Converged());
    }
    if (releaseDue) {
      releaseDue = false;
      endOfRibHeld = false;
      for (Peer peer : up) {
        if (peer.established != null) {
          peer.established.outlets.forEach(outlet -> outlet.out().releaseEndOfRib());
        }
      }
    }
  }
}
