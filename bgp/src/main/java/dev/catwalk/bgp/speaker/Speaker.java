package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.fsm.ConnectionId;
import dev.catwalk.bgp.fsm.Event;
import dev.catwalk.bgp.rib.PathInfo;
import dev.catwalk.bgp.rib.Underlay;
import dev.catwalk.bgp.wire.Fault;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A BGP speaker without sockets, threads or clock: {@link #step} takes what happened and says what
 * to do at once, {@link #work} does a bounded piece of what has waited (deciding, telling) whenever
 * nothing more urgent is there. Equal calls give equal results. One thread.
 *
 * <p><b>Graceful restart</b> (RFC 4724, RFC 8538). What an owner with forwarding state does:
 *
 * <ol>
 *   <li>Start with a {@link Restart} that says whether there was an earlier life and which families'
 *       kernel routes are still there: these become the R and F bits of every OPEN. Peers are dialled
 *       and told at once; nobody waits for an absent one.
 *   <li>Say {@code Originate} as soon as it is known, an empty set too: a restarting speaker's
 *       End-of-RIB waits for it, since peers then forget what was not told again.
 *   <li>Keep all kernel routes of the earlier life until {@link Deed.Converged}; routes told by
 *       {@link Deed.Routes} before replace them one by one. Converged comes once, after each peer
 *       has sent End-of-RIB. After 10 s nobody waits any longer for peers that are not up, are
 *       restarting themselves or lack graceful restart; {@code deferralTime} ends it in any case. It
 *       comes at every start, restarting or not.
 *   <li>Say {@code Forwards}, where the {@code Restart} promised it, as soon as the kernel has what
 *       was told by then and nothing else: until then other ASes hear our own routes alone, and
 *       End-of-RIB waits where we carry for others. A neighbour that sent its packets to us while
 *       ours still went back to it would have them in a loop.
 *   <li>Say {@code Forwarding} whenever the kernel has more or fewer of the peers' routes: others hear
 *       of one when packets for it find their way, not before.
 *   <li>Stop with {@link StopMode#RESTART} to come back: no CEASE, peers keep our routes for {@code
 *       restartTime}. To leave for good: {@code Depart}, then, after {@link Deed.Departed}, {@code
 *       Stop(STOP)}.
 * </ol>
 *
 * <p>The helper's side needs no owner: routes of a peer whose session fell stay selected, at most
 * for its restart time and our {@code staleTime}.
 */
public final class Speaker {
  private final boolean listened;
  private final Sessions sessions;
  private SortedMap<Prefix, Origination> originations = new TreeMap<>();
  private final Startup startup;
  private boolean watched;

  /** What the owner forwards by, if it says so: see {@link Happening.Forwarding}. */
  private @Nullable TreeSet<Prefix> forwarded;

  private @Nullable Underlay underlay;

  /**
   * Does nothing before {@code Start}.
   *
   * @param listened whether {@link Deed.Routes} are wanted
   */
  public Speaker(SpeakerConfig config, boolean listened) {
    this.listened = listened;
    this.startup = new Startup(listened);
    this.sessions = new Sessions(config, new Tables(config, listened), startup);
  }

  /**
   * One happening.
   *
   * @param nowMs wall clock, milliseconds since 1970: for {@code since} only
   */
  public List<Deed> step(long nowMs, Happening happening) {
    List<Deed> deeds = new ArrayList<>(4);
    sessions.nowMs = nowMs;
    sessions.deeds = deeds;
    switch (happening) {
      case Happening.Start(Restart restart) -> {
        sessions.accepting = true;
        startup.begin(restart, sessions.config, sessions.deeds);
        if (restart.forwardsLater()) {
          sessions.tables.come();
        }
        holdEndOfRib();
        sessions.config.peers().forEach(peer -> sessions.begin(peer, false));
      }
      case Happening.Incoming(long number, IpAddress from, Locals locals) ->
        sessions.incoming(number, from, locals);
      case Happening.Connected(long id, ConnectionId connection, Locals locals) -> {
        Peer peer = sessions.peers.get(id);
        if (peer == null) {
          sessions.deeds.add(new Deed.Close(new Deed.Target(id, connection)));
        } else {
          peer.locals.put(connection, locals);
          sessions.step(peer, new Event.Connected(connection));
        }
      }
      case Happening.OfPeer(long id, Event event) -> {
        Peer peer = sessions.peers.get(id);
        if (peer != null) {
          sessions.step(peer, event);
        }
      }
      case Happening.Originate(SortedMap<Prefix, Origination> routes) -> {
        originations = new TreeMap<>(routes);
        sessions.tables.originate(originations);
        startup.originated();
        sessions.recheck = true;
      }
      case Happening.Due(long id, Deadline deadline, long generation) ->
        due(id, deadline, generation);
      case Happening.Forwards() -> {
        sessions.tables.arrive();
        sessions.recheck = true;
      }
      case Happening.Forwarding(SortedSet<Prefix> more, SortedSet<Prefix> fewer) ->
        forward(more, fewer);
      case Happening.Reaches(Underlay known) -> {
        underlay = known;
        sessions.tables.nextHops().become(known);
      }
      case Happening.Depart(long waitMs) -> {
        sessions.tables.leave();
        sessions.deeds.add(new Deed.Remind(0, Deadline.DEPARTURE, 0, waitMs));
      }
      case Happening.Recall(long id) -> {
        Peer peer = sessions.peers.get(id);
        if (peer != null) {
          sessions.recall(peer);
        }
      }
      case Happening.Reconfigure(SpeakerConfig next) -> reconfigure(next);
      case Happening.Stop(StopMode mode) -> {
        sessions.accepting = false;
        Notification cease = switch (mode) {
          case RESTART -> null;
          case STOP -> Notification.of(Fault.ADMINISTRATIVE_SHUTDOWN);
        };
        for (Peer peer : sessions.peers.copy()) {
          sessions.end(peer, cease);
        }
      }
    }
    if (sessions.recheck) {
      sessions.recheck = false;
      converge();
    }
    return sessions.deeds;
  }

  private void forward(SortedSet<Prefix> more, SortedSet<Prefix> fewer) {
    TreeSet<Prefix> known = forwarded;
    if (known == null) {
      known = new TreeSet<>();
      forwarded = known;
      sessions.tables.tellForwarded(known::contains);
    }
    known.addAll(more);
    known.removeAll(fewer);
    more.forEach(sessions.tables::forwarding);
    fewer.forEach(sessions.tables::forwarding);
  }

  private void due(long id, Deadline deadline, long generation) {
    sessions.recheck = true;
    switch (deadline) {
      case ABSENCE -> startup.absenceIsOver(generation);
      case DEFERRAL -> startup.deferralIsOver();
      case DEPARTURE -> sessions.tables.depart();
      case PEER_RESTART -> {
        Peer peer = sessions.peers.get(id);
        if (peer != null && peer.reminder == generation && peer.established == null) {
          Retention.restartIsOver(peer, sessions.tables, sessions.deeds);
          sessions.endIfGone(peer);
        }
      }
      case PEER_STALE -> {
        Peer peer = sessions.peers.get(id);
        if (peer != null && peer.reminder == generation) {
          Retention.staleTimeIsOver(peer, sessions.tables, sessions.deeds);
        }
      }
      case PEER_LONG_LIVED -> {
        Peer peer = sessions.peers.get(id);
        if (peer != null && peer.reminder == generation) {
          Retention.longLivedTimeIsOver(peer, sessions.tables, sessions.deeds);
          sessions.endIfGone(peer);
        }
      }
      case PEER_ANSWERS -> {
        Peer peer = sessions.peers.get(id);
        if (peer != null) {
          Refreshes.allow(peer);
        }
      }
      case PEER_PENANCE -> {
        Peer peer = sessions.peers.get(id);
        if (peer != null) {
          sessions.pardon(peer);
        }
      }
    }
  }

  private void converge() {
    boolean news = sessions.accepting && startup.converges(sessions.peers.all(), sessions.config);
    boolean carries = carriesForOthers();
    if (startup.isEndOfRibDue(carries) && !(carries && sessions.tables.isComing())) {
      sessions.tables.releaseEndOfRib();
    }
    if (!news) {
      return;
    }
    sessions.tables.converge();
    for (Peer peer : sessions.peers.all()) { // from now on we are not restarting
      peer.offer(startup);
    }
  }

  private void holdEndOfRib() {
    if (startup.isRestarting()) {
      sessions.tables.holdEndOfRib();
    }
  }

  /** Whether what one peer says may be told to another: then our own routes are not all. */
  private boolean carriesForOthers() {
    return sessions.config.transit()
        || sessions.config.peers().stream().anyMatch(p -> p.as() == sessions.config.as())
        || sessions.config.dynamic().stream()
            .anyMatch(d -> d.as() == sessions.config.as() || d.as() == DynamicPeers.ANY_AS);
  }

  /** Whether {@link #work} has something to do. */
  public boolean hasWork() {
    return sessions.tables.hasWork() || sessions.refreshes.hasWork();
  }

  /**
   * From now on the peer that has most goes when all routes take more memory than that.
   *
   * @param octets about, 1 or more
   */
  public void limitMemory(long octets) {
    sessions.memory.limit(octets);
    sessions.tables.limit(octets);
  }

  /** How many octets of memory routes took once and do no more; less where they come back. */
  public long givenBack() {
    return sessions.tables.givenBack();
  }

  /** Keeps the room of large tables that have gone no longer. */
  public void giveBack() {
    sessions.tables.giveBack();
  }

  /** How many prefixes wait for a decision. */
  public int waiting() {
    return sessions.tables.waiting();
  }

  /** A bounded piece of what waits. */
  public List<Deed> work() {
    List<Deed> begun = sessions.refreshes.work();
    return begun.isEmpty() ? sessions.tables.work() : begun;
  }

  /** All, as of the last happening. */
  public List<PeerView> peers() {
    return peers(sessions.nowMs);
  }

  /**
   * All, in the order in which they were named or came.
   *
   * @param atMs as {@code nowMs} of {@link #step}: timers are counted from there
   */
  public List<PeerView> peers(long atMs) {
    return peerList().page(0, Integer.MAX_VALUE, atMs).peers();
  }

  private Optional<RouteView> view(Prefix prefix, List<PathInfo> paths) {
    return Views.of(prefix, paths, sessions.tables.nextHops());
  }

  /** For those who look while much happens. */
  public PeerList peerList() {
    return new PeerList(sessions);
  }

  /** What {@code Tell} came to on the wire. */
  public void told(long id, int updates) {
    Peer peer = sessions.peers.get(id);
    if (peer != null) {
      peer.sent.addUpdates(updates);
    }
  }

  /** All prefixes, or that one. */
  public List<RouteView> routes(Optional<Prefix> prefix) {
    List<RouteView> views = new ArrayList<>();
    for (Family family : Family.values()) {
      Collection<Prefix> wanted = prefix.isEmpty()
          ? sessions.tables.rib(family).prefixes()
          : prefix.filter(p -> p.family() == family).stream().toList();
      for (Prefix one : wanted) {
        view(one, sessions.tables.rib(family).explain(one)).ifPresent(views::add);
      }
    }
    return views;
  }

  /** From now on there are {@link Deed.Routes}, whoever owns this speaker. */
  public void watch() {
    watched = true;
    sessions.tables.watch();
  }

  /** Of that family, with a path; in order. */
  public List<Prefix> prefixes(Family family) {
    return sessions.tables.rib(family).prefixes();
  }

  /** All that is held for it: Adj-RIB-In, and which of it is selected. */
  public List<PathInfo> paths(Prefix prefix) {
    return sessions.tables.rib(prefix.family()).explain(prefix);
  }

  /** What {@link #paths} has of that peer, whose session is up. */
  public Hearing hearing(long id) {
    Peer peer = sessions.peers.get(id);
    Peer.Established session = peer == null ? null : peer.established;
    if (session == null || !session.imports.changes()) {
      return Hearing.KEPT;
    }
    return session.negotiated.refresh() ? Hearing.REPEATABLE : Hearing.CHANGED;
  }

  /** How many prefixes have a route that is used. */
  public int reachableCount(Family family) {
    return sessions.tables.rib(family).reachableCount();
  }

  /** The longest prefix that packets for this address go by. */
  public Optional<RouteView> lookup(IpAddress address) {
    for (int length = address.family().bits(); length >= 0; length--) {
      Prefix prefix = Prefix.of(address, length);
      List<PathInfo> paths = sessions.tables.rib(address.family()).explain(prefix);
      if (!paths.isEmpty() && paths.getFirst().best()) {
        return view(prefix, paths);
      }
    }
    return Optional.empty();
  }

  private void reconfigure(SpeakerConfig next) {
    boolean all = next.as() != sessions.config.as()
        || !next.routerId().equals(sessions.config.routerId())
        || !next.multipath().equals(sessions.config.multipath());
    List<Peer> softer = new ArrayList<>();
    for (Peer peer : sessions.peers.copy()) {
      PeerConfig wanted = Reconfiguration.wanted(peer, next);
      if (all || wanted == null || !Reconfiguration.isSoft(peer.config, wanted)) {
        sessions.end(
            peer,
            Notification.of(
                wanted == null && !peer.dynamic
                    ? Fault.PEER_DECONFIGURED
                    : Fault.CONFIGURATION_CHANGE));
      } else if (!wanted.equals(peer.config)) {
        softer.add(peer);
      }
    }
    sessions.config = next;
    if (all) {
      sessions.tables.originate(new TreeMap<>());
      while (sessions.tables
          .hasWork()) { // what is selected is told to be gone before it is forgotten
        sessions.deeds.addAll(sessions.tables.work());
      }
      boolean coming = sessions.tables.isComing();
      sessions.tables = new Tables(next, listened || watched);
      sessions.tables.limit(sessions.memory.limit());
      if (coming) {
        sessions.tables.come();
      }
      if (forwarded != null) {
        sessions.tables.tellForwarded(forwarded::contains);
      }
      if (underlay != null) {
        sessions.tables.nextHops().become(underlay);
      }
      holdEndOfRib();
      sessions.tables.originate(originations);
    } else {
      sessions.tables.configure(next);
      for (Peer peer : softer) {
        sessions.soften(peer, Objects.requireNonNull(Reconfiguration.wanted(peer, next)));
      }
    }
    startup.named(sessions.config, sessions.deeds);
    sessions.recheck = true;
    for (PeerConfig peer : next.peers()) {
      if (sessions.accepting && sessions.peers.at(peer.address()) == null) {
        sessions.begin(peer, false);
      }
    }
  }
}
