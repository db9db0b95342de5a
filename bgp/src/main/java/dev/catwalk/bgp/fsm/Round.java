package dev.catwalk.bgp.fsm;

import static java.util.Objects.requireNonNull;

import dev.catwalk.bgp.wire.Fault;
import dev.catwalk.bgp.wire.Notification;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One step of a peering while it is being made: its two sessions, and what is done. */
final class Round {
  static final Notification COLLISION = Notification.of(Fault.CONNECTION_COLLISION);

  private static final Notification TOO_OFTEN = Notification.of(Fault.CONNECTION_REJECTED);

  private static final String REPLACED = "peer has restarted: it opened a new session";

  final Settings settings;
  private final List<Action> actions = new ArrayList<>(4);
  private final Collision collision;
  Session main;

  @Nullable
  Session second;

  long sessions;
  private Peering.@Nullable Said lastNotification;
  private String lastError;

  Round(Peering peering) {
    settings = peering.settings();
    main = peering.main();
    second = peering.second();
    sessions = peering.sessions();
    lastNotification = peering.lastNotification();
    lastError = peering.lastError();
    collision = new Collision(this, peering);
  }

  Peering.Step step() {
    return new Peering.Step(
        new Peering(
            settings,
            main,
            second,
            collision.deferred(),
            collision.held(),
            collision.givenUp(),
            sessions,
            lastNotification,
            lastError),
        actions);
  }

  /** A session's step that is no event's. */
  void adopt(ConnectionId connection, Function<Session, Session.Step> change) {
    boolean isMain = connection.equals(main.connection());
    Session.Step step = change.apply(isMain ? main : requireNonNull(second));
    if (isMain) {
      main = step.next();
    } else {
      second = step.next();
    }
    actions.addAll(step.actions());
  }

  /** The event of a connection that may have ended by now. */
  void handle(ConnectionId connection, Event event) {
    if (connection.equals(main.connection())) {
      main(event);
    } else if (second != null && connection.equals(second.connection())) {
      if (second.isSilent()) {
        dropSecond(null);
      } else {
        second(second, event);
      }
    }
  }

  /** The event of a connection, which may have to wait for another's. */
  void of(ConnectionId connection, Event event) {
    collision.of(connection, event);
  }

  /** Takes up what has waited, as soon as nothing is in its way. */
  void resume() {
    collision.resume();
  }

  void ofOwner(long owner, Event event) {
    if (event instanceof Event.Expired limit && limit.timer() == Timer.COLLISION) {
      collision.settle(limit);
    } else if (owner == main.owner()) {
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
        if (collision.isConfirmed() && !collision.prefersOther()) {
          collision.listen(connection);
        } else {
          second(Session.waiting(settings, sessions++), new Event.Accepted(connection));
        }
      }
      case ESTABLISHED -> {
        if (isDialled(main) && !main.heard()) { // it may have called before, and would prefer that
          dropSecond(COLLISION);
          collision.listen(connection);
        } else if (main.mayRestart()) { // the old one stays until this is up: RFC 4724 §4.2
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

  void second(Session session, Event event) {
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

  /**
   * The peer has restarted: its new session is up, the old one is dead. Who restarts so often that
   * it would have to wait had it closed the old one waits here, too.
   */
  private void replaceMain(Session.Step up, Event event) {
    ConnectionId dead = requireNonNull(main.connection());
    Session.Step ended = Session.step(main, new Event.Closed(dead, REPLACED));
    if (ended.next().state() == State.IDLE) {
      dropSecond(TOO_OFTEN);
      main = ended.next();
      perform(ended.actions(), event);
    } else {
      retire(ended, event);
      second = null;
      main = up.next().following(ended.next());
      perform(up.actions(), event);
    }
  }

  /** Ends the second session, if there is one, with that NOTIFICATION or silently. */
  void dropSecond(@Nullable Notification cease) {
    if (second != null) {
      if (second.isSilent() && cease != null) {
        actions.add(new Action.Send(requireNonNull(second.connection()), cease));
      }
      Event stop = new Event.Stop(cease);
      retire(Session.step(second, stop), stop);
      second = null;
    }
    collision.secondIsGone();
  }

  /** After a session's step: only one may be in OpenConfirm or beyond. */
  private void moved(Session before, Session after) {
    Session other = after.owner() == main.owner() ? second : main;
    if (other == null || before.state() == after.state()) {
      return;
    }
    switch (after.state()) {
      case ESTABLISHED -> {
        if (!collision.givenUp() || after.owner() != main.owner()) {
          keep(after);
        }
      }
      case OPEN_CONFIRM -> {
        switch (other.state()) {
          case OPEN_CONFIRM -> keep(winner(after));
          case IDLE, CONNECT, ACTIVE, OPEN_SENT -> collision.prefer(after);
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

  static boolean isDialled(Session session) {
    ConnectionId connection = session.connection();
    return connection != null && connection.side() == ConnectionId.Side.DIALLED;
  }

  /** Ends the other one. */
  void keep(Session winner) {
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
