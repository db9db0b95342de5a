package dev.catwalk.bgp.fsm;

import dev.catwalk.bgp.wire.Fault;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Open;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One step of a peering while it is being made. */
final class Round {
  private static final Notification COLLISION = Notification.of(Fault.CONNECTION_COLLISION);

  private static final String REPLACED = "peer has restarted: it opened a new session";

  private final Settings settings;
  private final List<Action> actions = new ArrayList<>(4);
  private Session main;
  private @Nullable Session second;
  private Event.@Nullable Received deferred;
  private long sessions;
  private Peering.@Nullable Said lastNotification;
  private String lastError;

  Round(Peering peering) {
    settings = peering.settings();
    main = peering.main();
    second = peering.second();
    deferred = peering.deferred();
    sessions = peering.sessions();
    lastNotification = peering.lastNotification();
    lastError = peering.lastError();
  }

  Peering.Step step() {
    return new Peering.Step(
        new Peering(settings, main, second, deferred, sessions, lastNotification, lastError),
        actions);
  }

  /**
   * The event of a connection. RFC 4271 §6.8 has collisions decided where two connections have come to
   * OpenConfirm, by giving up one of them. But on whichever we have said KEEPALIVE the peer may have
   * an established session by then, and loses all our routes with it. So that is not given up: an
   * OPEN that would have it so, or that may yet have to give way, waits until the other connection is
   * confirmed, established or closed, or until the peer confirms this one: then it has no session on
   * the other.
   */
  void of(ConnectionId connection, Event event) {
    Event.Received waiting = deferred;
    if (waiting != null && waiting.connection().equals(connection) && !ends(event)) {
      deferred = null;
      handle(connection, waiting);
      handle(connection, event);
    } else if (event instanceof Event.Received open && deferred == null && collides(open)) {
      deferred = open;
    } else if (event instanceof Event.Received open
        && rival(open) == State.OPEN_CONFIRM
        && givesWay(open)) {
      handle(connection, new Event.Stop(COLLISION)); // before we say KEEPALIVE on it
    } else {
      handle(connection, event);
    }
  }

  private static boolean ends(Event event) {
    return !(event instanceof Event.Received received)
        || received.message() instanceof Notification;
  }

  /** Takes up the OPEN that has waited, as soon as nothing is in its way. */
  void resume() {
    Event.Received waiting = deferred;
    if (waiting != null && !collides(waiting)) {
      deferred = null;
      of(waiting.connection(), waiting);
    }
  }

  /** Whether this is an OPEN that cannot be confirmed before the other connection's fate is clear. */
  private boolean collides(Event.Received event) {
    return rival(event) == (givesWay(event) ? State.OPEN_SENT : State.OPEN_CONFIRM);
  }

  /** Of an OPEN: the state of the session on the connection that the other side opened, if any. */
  private @Nullable State rival(Event.Received event) {
    Session later = second;
    if (later == null
        || !(event.message() instanceof Open)
        || isDialled(main) == isDialled(later)) {
      return null;
    }
    if (event.connection().equals(main.connection())) {
      return later.state();
    }
    return event.connection().equals(later.connection()) ? main.state() : null;
  }

  /** Whether an OPEN came on the connection that RFC 4271 §6.8 has closed. */
  private boolean givesWay(Event.Received event) {
    return event.message() instanceof Open open
        && (event.connection().side() == ConnectionId.Side.DIALLED)
            != Peering.ourDialWins(settings, open.bgpId(), open.as());
  }

  private void handle(ConnectionId connection, Event event) {
    if (connection.equals(main.connection())) {
      main(event);
    } else if (second != null && connection.equals(second.connection())) {
      second(second, event);
    }
  }

  void ofOwner(long owner, Event event) {
    if (owner == main.owner()) {
      main(event);
    } else if (second != null && owner == second.owner()) {
      second(second, event);
    }
  }

  void accepted(ConnectionId connection) {
    switch (main.state()) {
      case IDLE, ACTIVE -> main(new Event.Accepted(connection));
      case CONNECT, OPEN_SENT, OPEN_CONFIRM -> {
        dropSecond(COLLISION); // it came from the peer, too, which has given it up
        Session waiting = Session.waiting(settings, sessions++);
        second(waiting, new Event.Accepted(connection));
      }
      case ESTABLISHED -> {
        if (main.mayRestart()) { // the old session stays until this one is up: RFC 4724 §4.2
          dropSecond(COLLISION);
          second(Session.waiting(settings, sessions++), new Event.Accepted(connection));
        } else {
          actions.add(new Action.Send(connection, COLLISION));
          actions.add(new Action.Close(connection));
        }
      }
    }
  }

  void main(Event event) {
    Session before = main;
    Session.Step step = Session.step(main, event);
    main = step.next();
    Session other = second;
    if (other == null
        || main.state().compareTo(State.ACTIVE) > 0
        || main.state() == State.CONNECT) {
      perform(step.actions(), event);
      moved(before, main);
    } else { // it ended, and the other takes its place
      retire(step, event);
      second = null;
      main = other.following(main);
    }
  }

  private void second(Session session, Event event) {
    Session.Step step = Session.step(session, event);
    if (step.next().state() == State.ESTABLISHED && main.state() == State.ESTABLISHED) {
      replaceMain(step, event);
    } else if (step.next().state().compareTo(State.ACTIVE) > 0) {
      second = step.next();
      perform(step.actions(), event);
      moved(session, step.next());
    } else {
      second = null;
      retire(step, event);
    }
  }

  /** The peer has restarted: its new session is up, the old one is dead. */
  private void replaceMain(Session.Step up, Event event) {
    ConnectionId dead = java.util.Objects.requireNonNull(main.connection());
    Session.Step ended = Session.step(main, new Event.Closed(dead, REPLACED));
    retire(ended, event);
    second = null;
    main = up.next().following(ended.next());
    perform(up.actions(), event);
  }

  /** Ends the second session, if there is one, with that NOTIFICATION or silently. */
  void dropSecond(@Nullable Notification cease) {
    if (second != null) {
      Event stop = new Event.Stop(cease);
      retire(Session.step(second, stop), stop);
      second = null;
    }
  }

  /** After a session's step: only one may be in OpenConfirm or beyond. */
  private void moved(Session before, Session after) {
    Session other = after.owner() == main.owner() ? second : main;
    if (other == null || before.state() == after.state()) {
      return;
    }
    switch (after.state()) {
      case ESTABLISHED -> keep(after);
      case OPEN_CONFIRM -> {
        switch (other.state()) {
          case OPEN_CONFIRM -> keep(winner(after));
          case IDLE, CONNECT, ACTIVE, OPEN_SENT -> keep(after); // nothing is lost with the other
          case ESTABLISHED -> {} // what the peer knows of it is over: RFC 4724 §4.2
        }
      }
      case IDLE, CONNECT, ACTIVE, OPEN_SENT -> {}
    }
  }

  private Session winner(Session confirmed) {
    Session later = second == null ? main : second;
    Session earlier = main;
    Negotiated negotiated = confirmed.negotiated();
    if (negotiated == null || isDialled(earlier) == isDialled(later)) {
      return later; // the peer opened both: it has given up the earlier one
    }
    boolean ours = Peering.ourDialWins(settings, negotiated.peerId(), negotiated.peerAs());
    return isDialled(earlier) == ours ? earlier : later;
  }

  private static boolean isDialled(Session session) {
    ConnectionId connection = session.connection();
    return connection != null && connection.side() == ConnectionId.Side.DIALLED;
  }

  /** Ends the other one. */
  private void keep(Session winner) {
    if (winner.owner() == main.owner()) {
      dropSecond(COLLISION);
    } else {
      Event stop = new Event.Stop(COLLISION);
      Session.Step step = Session.step(main, stop);
      retire(step, stop);
      main = winner.following(step.next());
      second = null;
    }
  }

  /** The actions of a session that ends while the peering goes on: its timers are cancelled. */
  private void retire(Session.Step step, Event event) {
    List<Action> ended = new ArrayList<>();
    for (Action action : step.actions()) {
      if (!(action instanceof Action.Arm)) {
        ended.add(action);
      }
    }
    for (Timer timer : Timer.values()) {
      ended.add(new Action.Disarm(timer, step.next().owner()));
    }
    perform(ended, event);
  }

  private void perform(List<Action> done, Event event) {
    if (event instanceof Event.Received r && r.message() instanceof Notification n) {
      said(false, n);
    }
    for (Action action : done) {
      switch (action) {
        case Action.Send(ConnectionId connection, Notification n) -> said(true, n);
        case Action.Down(ConnectionId connection, String why, boolean retain) -> failed(event, why);
        case Action.Failed(String why) -> failed(event, why);
        case Action.Send a -> {}
        case Action.Dial a -> {}
        case Action.Close a -> {}
        case Action.Arm a -> {}
        case Action.Disarm a -> {}
        case Action.Up a -> {}
        case Action.Deliver a -> {}
        case Action.Refresh a -> {}
      }
    }
    actions.addAll(done);
  }

  private void said(boolean sent, Notification notification) {
    if (!Peering.isCollision(notification)) { // part of a normal start
      lastNotification = new Peering.Said(sent, notification);
    }
  }

  private void failed(Event event, String why) {
    boolean collision = event instanceof Event.Received r
        && r.message() instanceof Notification n
        && Peering.isCollision(n);
    if (!collision && !(event instanceof Event.Stop)) {
      lastError = why;
    }
  }
}
