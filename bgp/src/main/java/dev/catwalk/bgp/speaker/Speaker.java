package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.fsm.Action;
import dev.catwalk.bgp.fsm.ConnectionId;
import dev.catwalk.bgp.fsm.Event;
import dev.catwalk.bgp.fsm.Negotiated;
import dev.catwalk.bgp.fsm.Peering;
import dev.catwalk.bgp.fsm.State;
import dev.catwalk.bgp.rib.PathInfo;
import dev.catwalk.bgp.wire.EncodeContext;
import dev.catwalk.bgp.wire.Fault;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Problem;
import dev.catwalk.bgp.wire.RouteRefresh;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
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
  private final Peers peers = new Peers();
  private SpeakerConfig config;
  private Tables tables;
  private SortedMap<Prefix, Origination> originations = new TreeMap<>();
  private boolean running;
  private final Talk strangers = new Talk();
  private final Startup startup;
  private boolean recheck;
  private long nowMs;
  private List<Deed> deeds = new ArrayList<>();

  /**
   * Does nothing before {@code Start}.
   *
   * @param listened whether {@link Deed.Routes} are wanted
   */
  public Speaker(SpeakerConfig config, boolean listened) {
    this.config = config;
    this.listened = listened;
    this.tables = new Tables(config, listened);
    this.startup = new Startup(listened);
  }

  /**
   * One happening.
   *
   * @param nowMs wall clock, milliseconds since 1970: for {@code since} only
   */
  public List<Deed> step(long nowMs, Happening happening) {
    this.nowMs = nowMs;
    deeds = new ArrayList<>(4);
    switch (happening) {
      case Happening.Start(Restart restart) -> {
        running = true;
        startup.begin(restart, config, deeds);
        if (restart.forwardsLater()) {
          tables.come();
        }
        holdEndOfRib();
        config.peers().forEach(peer -> begin(peer, false));
      }
      case Happening.Incoming(long number, IpAddress from, Locals locals) ->
        incoming(number, from, locals);
      case Happening.Connected(long id, ConnectionId connection, Locals locals) -> {
        Peer peer = peers.get(id);
        if (peer == null) {
          deeds.add(new Deed.Close(new Deed.Target(id, connection)));
        } else {
          peer.locals.put(connection, locals);
          step(peer, new Event.Connected(connection));
        }
      }
      case Happening.OfPeer(long id, Event event) -> {
        Peer peer = peers.get(id);
        if (peer != null) {
          step(peer, event);
        }
      }
      case Happening.Originate(SortedMap<Prefix, Origination> routes) -> {
        originations = new TreeMap<>(routes);
        tables.originate(originations);
        startup.originated();
        recheck = true;
      }
      case Happening.Due(long id, Deadline deadline, long generation) ->
        due(id, deadline, generation);
      case Happening.Forwards() -> {
        tables.arrive();
        recheck = true;
      }
      case Happening.Depart(long waitMs) -> {
        tables.leave();
        deeds.add(new Deed.Remind(0, Deadline.DEPARTURE, 0, waitMs));
      }
      case Happening.Reconfigure(SpeakerConfig next) -> reconfigure(next);
      case Happening.Stop(StopMode mode) -> {
        running = false;
        Notification cease = switch (mode) {
          case RESTART -> null;
          case STOP -> Notification.of(Fault.ADMINISTRATIVE_SHUTDOWN);
        };
        for (Peer peer : peers.copy()) {
          end(peer, cease);
        }
      }
    }
    if (recheck) {
      recheck = false;
      converge();
    }
    return deeds;
  }

  private void due(long id, Deadline deadline, long generation) {
    recheck = true;
    switch (deadline) {
      case ABSENCE -> startup.absenceIsOver(generation);
      case DEFERRAL -> startup.deferralIsOver();
      case DEPARTURE -> tables.depart();
      case PEER_RESTART -> {
        Peer peer = peers.get(id);
        if (peer != null && peer.reminder == generation && peer.established == null) {
          forget(peer, "it did not come back in its restart time");
          if (peer.dynamic && !peer.isConnected()) {
            end(peer, null);
          }
        }
      }
      case PEER_STALE -> {
        Peer peer = peers.get(id);
        if (peer != null && peer.reminder == generation) {
          forget(peer, "it did not name them again in staleTime");
        }
      }
    }
  }

  private void forget(Peer peer, String why) {
    int stale = tables.staleCount(peer);
    if (stale > 0) {
      deeds.add(Notes.forgotten(peer, stale, why));
    }
    tables.sweep(peer);
  }

  private void converge() {
    boolean news = running && startup.converges(peers.all(), config);
    boolean carries = carriesForOthers();
    if (startup.isEndOfRibDue(carries) && !(carries && tables.isComing())) {
      tables.releaseEndOfRib();
    }
    if (!news) {
      return;
    }
    tables.converge();
    for (Peer peer : peers.all()) { // from now on we are not restarting
      var offer = startup.offer(peer.config.session());
      peer.peering = peer.peering.with(peer.settings().with(offer));
    }
  }

  private void holdEndOfRib() {
    if (startup.isRestarting()) {
      tables.holdEndOfRib();
    }
  }

  /** Whether what one peer says may be told to another: then our own routes are not all. */
  private boolean carriesForOthers() {
    return config.transit()
        || config.peers().stream().anyMatch(p -> p.as() == config.as())
        || config.dynamic().stream()
            .anyMatch(d -> d.as() == config.as() || d.as() == DynamicPeers.ANY_AS);
  }

  /** Whether {@link #work} has something to do. */
  public boolean hasWork() {
    return tables.hasWork();
  }

  /** How many prefixes wait for a decision. */
  public int waiting() {
    return tables.waiting();
  }

  /** A bounded piece of what waits. */
  public List<Deed> work() {
    return tables.work();
  }

  /** As of the last happening. */
  public List<PeerView> peers() {
    return peers(nowMs);
  }

  /**
   * All peers, in the order in which they were named or came.
   *
   * @param atMs as {@code nowMs} of {@link #step}: timers are counted from there
   */
  public List<PeerView> peers(long atMs) {
    List<PeerView> views = new ArrayList<>();
    for (Peer peer : peers.all()) {
      views.add(PeerViews.of(peer, tables, config, atMs));
    }
    return views;
  }

  /** What {@code Tell} came to on the wire. */
  public void told(long id, int updates) {
    Peer peer = peers.get(id);
    if (peer != null) {
      peer.sent.addUpdates(updates);
    }
  }

  /** All prefixes, or that one. */
  public List<RouteView> routes(Optional<Prefix> prefix) {
    List<RouteView> views = new ArrayList<>();
    for (Family family : Family.values()) {
      Collection<Prefix> wanted = prefix.isEmpty()
          ? tables.rib(family).prefixes()
          : prefix.filter(p -> p.family() == family).stream().toList();
      for (Prefix one : wanted) {
        Views.of(one, tables.rib(family).explain(one)).ifPresent(views::add);
      }
    }
    return views;
  }

  /** The longest prefix that packets for this address go by. */
  public Optional<RouteView> lookup(IpAddress address) {
    for (int length = address.family().bits(); length >= 0; length--) {
      Prefix prefix = Prefix.of(address, length);
      List<PathInfo> paths = tables.rib(address.family()).explain(prefix);
      if (!paths.isEmpty() && paths.getFirst().best()) {
        return Views.of(prefix, paths);
      }
    }
    return Optional.empty();
  }

  private void begin(PeerConfig peerConfig, boolean dynamic) {
    var restart = startup.offer(peerConfig.session());
    Peer peer =
        peers.add((id, slot) -> new Peer(id, slot, peerConfig, dynamic, config, restart, nowMs));
    step(peer, new Event.Start());
  }

  /** Ends the session with that NOTIFICATION, or silently, and forgets the peer. */
  private void end(Peer peer, @Nullable Notification cease) {
    peers.remove(peer); // first: a dynamic peer's end must not end it again
    step(peer, new Event.Stop(cease));
    tables.down(peer, false);
    tables.sweep(peer);
    peers.release(peer);
    recheck = true;
  }

  private void incoming(long number, IpAddress from, Locals locals) {
    Peer peer = peers.at(from);
    if (peer == null && running && peers.hasRoomForDynamic()) {
      for (DynamicPeers range : config.dynamic()) {
        if (range.prefix().contains(from)) {
          begin(
              new PeerConfig(
                  from.toString(),
                  from,
                  PeerConfig.PORT,
                  range.as(),
                  range.session().asPassive()),
              true);
          peer = peers.at(from);
          break;
        }
      }
    }
    if (peer == null) {
      deeds.add(new Deed.Refuse(number));
      strangers.say(nowMs, Deed.Note.warning("caller is no peer of ours from={}", from), deeds);
      return;
    }
    ConnectionId connection = ConnectionId.accepted(number);
    peer.locals.put(connection, locals);
    deeds.add(new Deed.Adopt(number, new Deed.Target(peer.id, connection), peer.settings()));
    step(peer, new Event.Accepted(connection));
  }

  private void reconfigure(SpeakerConfig next) {
    boolean all = next.as() != config.as()
        || !next.routerId().equals(config.routerId())
        || !next.multipath().equals(config.multipath());
    boolean ranges = !next.dynamic().equals(config.dynamic());
    for (Peer peer : peers.copy()) {
      boolean kept = peer.dynamic ? !ranges : next.peers().contains(peer.config);
      if (all || !kept) {
        boolean gone =
            next.peers().stream().noneMatch(p -> p.address().equals(peer.config.address()));
        end(
            peer,
            Notification.of(
                gone && !peer.dynamic ? Fault.PEER_DECONFIGURED : Fault.CONFIGURATION_CHANGE));
      }
    }
    config = next;
    if (all) {
      tables.originate(new TreeMap<>());
      while (tables.hasWork()) { // what is selected is told to be gone before it is forgotten
        deeds.addAll(tables.work());
      }
      boolean coming = tables.isComing();
      tables = new Tables(next, listened);
      if (coming) {
        tables.come();
      }
      holdEndOfRib();
      tables.originate(originations);
    } else {
      tables.configure(next);
    }
    startup.named(config, deeds);
    recheck = true;
    for (PeerConfig peer : next.peers()) {
      if (running && peers.at(peer.address()) == null) {
        begin(peer, false);
      }
    }
  }

  private void step(Peer peer, Event event) {
    if (event instanceof Event.Received(ConnectionId from, Message message)) {
      peer.received.add(message);
      if (message instanceof Notification n && !Peering.isCollision(n)) {
        peer.lastReceived = new Peer.Heard(n, nowMs);
      }
    }
    State before = peer.peering.state();
    Peering.Step step = Peering.step(peer.peering, event);
    peer.peering = step.next();
    if (before != peer.peering.state()) {
      peer.sinceMs = nowMs;
    }
    for (Action action : step.actions()) {
      perform(peer, action);
    }
    if (event instanceof Event.Closed(ConnectionId connection, String why)) {
      peer.locals.remove(connection);
    }
    Peer.Established session = peer.established;
    if (session != null) {
      if (event instanceof Event.Blocked(ConnectionId connection)
          && connection.equals(session.connection)) {
        tables.setWritable(session, false);
      } else if (event instanceof Event.Writable(ConnectionId connection)
          && connection.equals(session.connection)) {
        tables.setWritable(session, true);
      }
    }
    boolean finished =
        peer.dynamic && before != State.IDLE && !peer.isConnected() && peer.retained == null;
    if (finished && !(event instanceof Event.Start) && peers.has(peer)) {
      end(peer, null);
    }
  }

  private void perform(Peer peer, Action action) {
    switch (action) {
      case Action.Dial(ConnectionId connection) ->
        deeds.add(new Deed.Dial(
            target(peer, connection), peer.config.address(), peer.config.port(), peer.settings()));
      case Action.Send(ConnectionId connection, var message) -> {
        peer.sent.add(message);
        if (message instanceof Notification n && !Peering.isCollision(n)) {
          peer.lastSent = new Peer.Heard(n, nowMs);
        }
        deeds.add(new Deed.Send(target(peer, connection), EncodeContext.beforeOpen(), message));
      }
      case Action.Close(ConnectionId connection) -> {
        peer.locals.remove(connection);
        deeds.add(new Deed.Close(target(peer, connection)));
      }
      case Action.Arm(var timer, long owner, long generation, long delayMs) -> {
        if (owner == peer.peering.main().owner()) {
          peer.armed(timer, nowMs + delayMs);
        }
        deeds.add(new Deed.Arm(peer.id, timer, owner, generation, delayMs));
      }
      case Action.Disarm(var timer, long owner) -> {
        if (owner == peer.peering.main().owner()) {
          peer.disarmed(timer);
        }
        deeds.add(new Deed.Disarm(peer.id, timer, owner));
      }
      case Action.Up(ConnectionId connection, Negotiated negotiated) ->
        up(peer, connection, negotiated);
      case Action.Down(ConnectionId connection, String why, boolean retain) ->
        down(peer, why, retain);
      case Action.Failed(String why) -> {
        if (!why.equals(peer.lastFailure)) { // it is tried again and again
          peer.lastFailure = why;
          deeds.add(Notes.failed(peer, why));
        }
      }
      case Action.Deliver(Update update) -> learn(peer, update);
      case Action.Refresh(RouteRefresh request) -> {
        Family family = request.family().family();
        if (peer.established != null && family != null) {
          tables.refresh(peer.established, family);
        }
      }
    }
  }

  private void down(Peer peer, String why, boolean retain) {
    Peer.Established session = Objects.requireNonNull(peer.established);
    var restart = session.negotiated.restart();
    tables.down(peer, retain);
    recheck = true;
    deeds.add(Notes.down(peer, tables.staleCount(peer), why));
    if (peer.retained != null && restart != null) {
      long staleMs = peer.config.session().gracefulRestart().staleTime() * 1000L;
      long restartMs = Math.min(restart.restartTime() * 1000L, staleMs);
      peer.reminder++;
      deeds.add(new Deed.Remind(peer.id, Deadline.PEER_RESTART, peer.reminder, restartMs));
      deeds.add(new Deed.Remind(peer.id, Deadline.PEER_STALE, peer.reminder, staleMs));
    }
  }

  private void up(Peer peer, ConnectionId connection, Negotiated negotiated) {
    Locals locals = Objects.requireNonNull(peer.locals.get(connection));
    tables.up(peer, connection, negotiated, locals);
    peer.lastFailure = "";
    peer.sinceMs = nowMs; // also where it takes the place of one that was up
    recheck = true;
    deeds.add(Notes.up(peer, negotiated));
  }

  private void learn(Peer peer, Update update) {
    Family ended = update.endOfRib() == null ? null : update.endOfRib().family();
    if (ended != null) {
      tables.endOfRib(peer, ended);
      recheck = true;
    } else if (peer.established != null) {
      tables.learn(peer.established, update);
    }
    for (Problem problem : update.problems()) {
      peer.talk.say(nowMs, Notes.problem(peer, problem), deeds);
    }
  }

  private static Deed.Target target(Peer peer, ConnectionId connection) {
    return new Deed.Target(peer.id, connection);
  }
}
