package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.fsm.Action;
import dev.catwalk.bgp.fsm.ConnectionId;
import dev.catwalk.bgp.fsm.Event;
import dev.catwalk.bgp.fsm.Negotiated;
import dev.catwalk.bgp.fsm.Peering;
import dev.catwalk.bgp.fsm.Session;
import dev.catwalk.bgp.fsm.State;
import dev.catwalk.bgp.fsm.Timer;
import dev.catwalk.bgp.policy.RouteRules.PrefixLimit;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.EncodeContext;
import dev.catwalk.bgp.wire.Fault;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Problem;
import dev.catwalk.bgp.wire.RouteRefresh;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The peers of a speaker, what happens to them, and what of it goes to the tables. Deeds go to a list
 * that the speaker hands out and takes back at each of its steps.
 */
final class Sessions {
  final Peers peers = new Peers();
  final Refreshes refreshes = new Refreshes();
  final Guests guests = new Guests();
  final Memory memory = new Memory();
  private final Startup startup;
  private final Talk strangers = new Talk();
  SpeakerConfig config;
  Tables tables;

  /** Whether callers from ranges are welcome. */
  boolean accepting;

  /** Whether something happened that may end the start. */
  boolean recheck;

  long nowMs;
  List<Deed> deeds = new ArrayList<>();

  Sessions(SpeakerConfig config, Tables tables, Startup startup) {
    this.config = config;
    this.tables = tables;
    this.startup = startup;
  }

  void begin(PeerConfig peerConfig, boolean dynamic) {
    Peer peer =
        peers.add((id, slot) -> new Peer(id, slot, peerConfig, dynamic, config, startup, nowMs));
    if (dynamic) {
      guests.came(peer);
    }
    step(peer, new Event.Start());
  }

  /** Ends the session with that NOTIFICATION, or silently, and forgets the peer. */
  void end(Peer peer, @Nullable Notification cease) {
    peers.remove(peer); // first: a dynamic peer's end must not end it again
    guests.settled(peer);
    step(peer, new Event.Stop(cease));
    tables.down(peer, false);
    tables.sweep(peer);
    peers.release(peer);
    recheck = true;
  }

  /** Somebody opened a connection to us. */
  void incoming(long number, IpAddress from, Locals locals) {
    Peer peer = known(from, locals);
    if (peer == null && accepting && peers.at(from) == null) {
      peer = welcome(from);
    }
    if (peer == null) {
      deeds.add(new Deed.Refuse(number));
      String why = guests.admits(from, nowMs)
          ? "caller is no peer of ours from={}"
          : "caller came and went too often and has to wait from={}";
      strangers.say(nowMs, Deed.Note.warning(why, from), deeds);
      return;
    }
    ConnectionId connection = ConnectionId.accepted(number);
    peer.locals.put(connection, locals);
    deeds.add(new Deed.Adopt(
        number, new Deed.Target(peer.id, connection), peer.config.session().tcp()));
    step(peer, new Event.Accepted(connection));
  }

  /** Somebody from a range, if there is room: else null. Who has a session keeps it. */
  private @Nullable Peer welcome(IpAddress from) {
    for (DynamicPeers range : config.dynamic()) {
      if (range.prefix().contains(from) && guests.admits(from, nowMs)) {
        Peer oldest = guests.inTheWay(peers.hasRoomForDynamic());
        if (oldest != null) {
          end(oldest, Notification.of(Fault.OUT_OF_RESOURCES));
        }
        if (peers.hasRoomForDynamic()) {
          begin(range.peer(from), true);
          return peers.at(from);
        }
      }
    }
    return null;
  }

  /** A link-local address is a peer's at the peer's own interface alone. */
  private @Nullable Peer known(IpAddress from, Locals locals) {
    Peer peer = peers.at(from);
    String link = peer == null ? "" : peer.config.session().tcp().link();
    return link.isEmpty() || link.equals(locals.link()) ? peer : null;
  }

  /** A peer that came by a range and has neither a session nor routes here is forgotten. */
  void endIfGone(Peer peer) {
    if (peer.dynamic && !peer.isConnected() && peer.retained == null && !peer.banned) {
      guests.left(peer, nowMs);
      end(peer, null);
    }
  }

  /** Other rules for the same session: RFC 2918 tells us again what the old ones refused. */
  void soften(Peer peer, PeerConfig wanted) {
    boolean imports =
        !wanted.session().rules().imports().equals(peer.config.session().rules().imports());
    peer.config = wanted;
    tables.regroup(peer);
    Peer.Established session = peer.established;
    if (session != null && imports) {
      if (!recall(peer)) {
        end(peer, Notification.of(Fault.CONFIGURATION_CHANGE));
      }
    } else if (peer.banned && imports) {
      peer.forgive();
      pardon(peer);
    }
    deeds.add(Deed.Note.info("rules changed peer={}", wanted.name()));
  }

  /** Asks for all that it has told; false: it knows no such question. */
  boolean recall(Peer peer) {
    Peer.Established session = peer.established;
    if (session == null || !session.negotiated.refresh()) {
      return false;
    }
    for (AfiSafi each : session.negotiated.families()) {
      Family family = each.family();
      if (family != null) {
        deeds.add(Refreshes.say(peer, session.connection, family, RouteRefresh.REQUEST));
      }
    }
    return true;
  }

  /** One event of a peer. */
  void step(Peer peer, Event event) {
    if (event instanceof Event.Received(ConnectionId from, Update update) && isHeard(peer, from)) {
      peer.received.add(update);
      learn(peer, update);
      return;
    }
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
      perform(peer, action, event);
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
    if (before != State.IDLE && !(event instanceof Event.Start) && peers.has(peer)) {
      endIfGone(peer);
    }
  }

  /**
   * Whether the session is up and its hold timer runs from this very moment, since something was
   * received in it already: then an UPDATE is nothing to the session, and only its routes are news.
   */
  private boolean isHeard(Peer peer, ConnectionId from) {
    Peer.Established session = peer.established;
    Session main = peer.peering.main();
    return session != null
        && main.state() == State.ESTABLISHED
        && from.equals(main.connection())
        && from.equals(session.connection)
        && peer.isDue(Timer.HOLD, nowMs + session.negotiated.holdTime() * 1000L);
  }

  private void perform(Peer peer, Action action, Event event) {
    switch (action) {
      case Action.Dial(ConnectionId connection) ->
        deeds.add(new Deed.Dial(
            target(peer, connection),
            peer.config.address(),
            peer.config.port(),
            peer.config.session().tcp()));
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
      case Action.Down(ConnectionId connection, String why, boolean retain) -> {
        failed(peer, why);
        down(peer, why, retain, !(event instanceof Event.Closed));
      }
      case Action.Failed(String why) -> {
        failed(peer, why);
        if (!why.equals(peer.lastFailure)) { // it is tried again and again
          peer.lastFailure = why;
          if (peer.dynamic) {
            strangers.say(nowMs, Notes.failed(peer, why), deeds);
          } else {
            deeds.add(Notes.failed(peer, why));
          }
        }
      }
      case Action.Deliver(Update update) -> learn(peer, update);
      case Action.Refresh(RouteRefresh request) -> refreshes.received(peer, request, tables, nowMs);
    }
  }

  private void failed(Peer peer, String why) {
    if (why.equals(peer.peering.lastError())) { // not what we were told to end
      peer.errorMs = nowMs;
    }
  }

  private void down(Peer peer, String why, boolean retain, boolean local) {
    Peer.Established session = Objects.requireNonNull(peer.established);
    tables.down(peer, retain);
    recheck = true;
    deeds.add(Notes.down(peer, tables.staleCount(peer), why));
    deeds.add(new Deed.Down(
        target(peer, session.connection),
        peer.config,
        why,
        now(peer.lastSent),
        now(peer.lastReceived),
        local));
    Retention.begin(peer, session.negotiated, deeds);
  }

  private void up(Peer peer, ConnectionId connection, Negotiated negotiated) {
    Locals locals = Objects.requireNonNull(peer.locals.get(connection));
    tables.up(peer, connection, negotiated, locals);
    peer.lastFailure = "";
    peer.sinceMs = nowMs; // also where it takes the place of one that was up
    peer.upMs = nowMs;
    guests.settled(peer);
    recheck = true;
    deeds.add(Notes.up(peer, negotiated));
    deeds.add(new Deed.Up(
        target(peer, connection),
        peer.config,
        negotiated,
        locals,
        peer.settings().open(),
        Objects.requireNonNull(peer.peering.received())));
  }

  private @Nullable Notification now(Peer.@Nullable Heard heard) {
    return heard != null && heard.atMs() == nowMs ? heard.notification() : null;
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
    Notification exceeded = Limits.check(peer, tables, deeds);
    if (exceeded != null) {
      long seconds = peer.config
          .session()
          .rules()
          .imports()
          .limit()
          .map(PrefixLimit::restart)
          .orElse(0);
      ban(peer, exceeded, PeerViews.TOO_MANY, seconds * 1000);
    }
    Peer hoarder = memory.hoarder(tables, peers, nowMs);
    if (hoarder != null) {
      deeds.add(Notes.hoard(hoarder, tables.octets(hoarder), memory.limit()));
      ban(hoarder, Notification.of(Fault.OUT_OF_RESOURCES), PeerViews.TOO_LARGE, Memory.PENANCE_MS);
    }
  }

  /**
   * The session ends, and there is none before somebody or the time allows it again.
   *
   * @param ms that time, when it is the first; 0: it does not
   */
  private void ban(Peer peer, Notification exceeded, String why, long ms) {
    long pause = peer.ban(why, ms, nowMs);
    step(peer, new Event.Stop(exceeded));
    tables.sweep(peer);
    if (pause > 0) {
      deeds.add(new Deed.Remind(peer.id, Deadline.PEER_PENANCE, 0, pause));
    }
  }

  /** It may have a session again. */
  void pardon(Peer peer) {
    if (peer.banned) {
      peer.banned = false;
      if (!peer.dynamic) {
        step(peer, new Event.Start());
      }
      endIfGone(peer);
    }
  }

  private static Deed.Target target(Peer peer, ConnectionId connection) {
    return new Deed.Target(peer.id, connection);
  }
}
