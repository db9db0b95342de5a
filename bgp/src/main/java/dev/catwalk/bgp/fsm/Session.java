package dev.catwalk.bgp.fsm;

import dev.catwalk.bgp.wire.Keepalive;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.RouteRefresh;
import dev.catwalk.bgp.wire.Update;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One connection's state machine, RFC 4271 §8. The peer's errors lead to Idle and a back-off; a
 * connection that could not be opened, or that closed before any OPEN, leads to Active and the next
 * attempt.
 *
 * @param owner of its timers, unique within the peering
 * @param connection in use or being dialled
 * @param received the peer's OPEN, from OpenConfirm on
 * @param negotiated from OpenConfirm on
 * @param generations of its timers
 * @param failures since the last start or steady session: the back-off's exponent
 * @param dials how many connections were dialled
 * @param heard whether anything came since Established: then the peer has the session, too
 */
public record Session(
    Settings settings,
    State state,
    long owner,
    @Nullable ConnectionId connection,
    @Nullable Open received,
    @Nullable Negotiated negotiated,
    Generations generations,
    int failures,
    long dials,
    boolean heard) {

  /** The next session, and what is to be done, in this order. */
  public record Step(Session next, List<Action> actions) {
    public Step {
      actions = List.copyOf(actions);
    }
  }

  /** In Idle, stopped. */
  static Session of(Settings settings, long owner) {
    return new Session(
        settings, State.IDLE, owner, null, null, null, Generations.NONE, 0, 0, false);
  }

  /** In Active: waits for a connection. */
  static Session waiting(Settings settings, long owner) {
    return new Session(
        settings, State.ACTIVE, owner, null, null, null, Generations.NONE, 0, 0, false);
  }

  /** In Active, with a connection on which nothing is said yet. */
  static Session silent(Settings settings, long owner, ConnectionId connection) {
    return new Session(
        settings, State.ACTIVE, owner, connection, null, null, Generations.NONE, 0, 0, false);
  }

  /** Whether nothing was said yet on its connection. */
  boolean isSilent() {
    return state == State.ACTIVE && connection != null;
  }

  /** This, in the place of {@code ended}, whose history goes on. */
  Session following(Session ended) {
    return new Session(
        settings,
        state,
        owner,
        connection,
        received,
        negotiated,
        generations,
        ended.failures,
        ended.dials,
        heard);
  }

  /** The same, with other settings for its next OPEN. */
  Session with(Settings changed) {
    return new Session(
        changed,
        state,
        owner,
        connection,
        received,
        negotiated,
        generations,
        failures,
        dials,
        heard);
  }

  /** The same, whose OPEN waits for what comes of another connection. */
  Step waitingFor() {
    Turn turn = new Turn(this);
    turn.arm(Timer.COLLISION, Turn.COLLISION_MS);
    return turn.step();
  }

  /** The same, whose OPEN no longer waits. */
  Step settled() {
    Turn turn = new Turn(this);
    turn.disarm(Timer.COLLISION);
    return turn.step();
  }

  /** Whether a new connection of the peer means that it restarted (RFC 4724 §4.2). */
  boolean mayRestart() {
    return state == State.ESTABLISHED && negotiated != null && negotiated.retains();
  }

  /**
   * RFC 4271 §8.2.2. Events of a connection other than {@link #connection} must not come here ({@code
   * Accepted} excepted).
   */
  public static Step step(Session session, Event event) {
    Turn turn = new Turn(session);
    if (event instanceof Event.Expired expired) {
      if (session.generations.of(expired.timer()) == expired.generation()) {
        expired(turn, expired.timer());
      }
    } else {
      switch (session.state) {
        case IDLE -> idle(turn, event);
        case CONNECT -> connect(turn, event);
        case ACTIVE -> active(turn, event);
        case OPEN_SENT, OPEN_CONFIRM, ESTABLISHED -> connected(turn, event);
      }
    }
    return turn.step();
  }

  private static void idle(Turn turn, Event event) {
    switch (event) {
      case Event.Start() -> {
        turn.failures = 0;
        turn.begin();
      }
      case Event.Stop(Notification cease) -> turn.rest();
      case Event.Accepted(ConnectionId connection) -> turn.add(new Action.Close(connection));
      case Event.Connected e -> {}
      case Event.Received e -> {}
      case Event.Malformed e -> {}
      case Event.Closed e -> {}
      case Event.Blocked e -> {}
      case Event.Writable e -> {}
      case Event.Expired e -> {}
    }
  }

  private static void connect(Turn turn, Event event) {
    switch (event) {
      case Event.Stop(Notification cease) -> turn.rest();
      case Event.Connected e -> turn.open();
      case Event.Closed(ConnectionId connection, String why) -> turn.waitForRetry(why);
      case Event.Accepted(ConnectionId connection) -> turn.add(new Action.Close(connection));
      case Event.Start e -> {}
      case Event.Received e -> {}
      case Event.Malformed e -> {}
      case Event.Blocked e -> {}
      case Event.Writable e -> {}
      case Event.Expired e -> {}
    }
  }

  private static void active(Turn turn, Event event) {
    switch (event) {
      case Event.Stop(Notification cease) -> turn.rest();
      case Event.Accepted(ConnectionId connection) -> {
        turn.connection = connection;
        turn.open();
      }
      case Event.Start e -> {}
      case Event.Connected e -> {}
      case Event.Received e -> {}
      case Event.Malformed e -> {}
      case Event.Closed e -> {}
      case Event.Blocked e -> {}
      case Event.Writable e -> {}
      case Event.Expired e -> {}
    }
  }

  private static void connected(Turn turn, Event event) {
    switch (event) {
      case Event.Stop(Notification cease) -> turn.stop(cease);
      case Event.Received(ConnectionId connection, Message message) -> received(turn, message);
      case Event.Malformed(ConnectionId connection, Notification answer, String what) ->
        turn.fail(answer, what);
      case Event.Closed(ConnectionId connection, String why) -> {
        if (turn.state == State.OPEN_SENT) {
          turn.waitForRetry(why);
        } else {
          turn.closed(why);
        }
      }
      case Event.Accepted(ConnectionId connection) -> turn.add(new Action.Close(connection));
      case Event.Blocked e -> turn.blocked();
      case Event.Writable e -> turn.disarm(Timer.SEND_HOLD);
      case Event.Start e -> {}
      case Event.Connected e -> {}
      case Event.Expired e -> {}
    }
  }

  private static void received(Turn turn, Message message) {
    turn.heard = turn.state == State.ESTABLISHED;
    switch (message) {
      case Open open when turn.state == State.OPEN_SENT -> turn.confirm(open);
      case Keepalive k when turn.state == State.OPEN_CONFIRM -> turn.establish();
      case Keepalive k when turn.state == State.ESTABLISHED -> turn.armHold();
      case Update update
      when turn.state == State.ESTABLISHED -> {
        turn.armHold();
        turn.add(new Action.Deliver(update));
      }
      case RouteRefresh refresh when turn.state == State.ESTABLISHED -> turn.refresh(refresh);
      case Notification n -> turn.told(n);
      case Open o -> turn.unexpected("OPEN", o);
      case Keepalive k -> turn.unexpected("KEEPALIVE", k);
      case Update u -> turn.unexpected("UPDATE", u);
      case RouteRefresh r -> turn.unexpected("ROUTE-REFRESH", r);
    }
  }

  private static void expired(Turn turn, Timer timer) {
    switch (timer) {
      case IDLE_HOLD, CONNECT_RETRY -> turn.begin();
      case HOLD -> turn.holdTimeOver();
      case KEEPALIVE -> turn.keepalive();
      case SEND_HOLD -> turn.sendHoldTimeOver();
      case STEADY -> turn.failures = 0;
      case COLLISION -> {} // the peering's: Collision.settle
    }
  }
}
