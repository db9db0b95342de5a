package dev.catwalk.bgp.fsm;

import static java.util.Objects.requireNonNull;

import dev.catwalk.bgp.wire.Keepalive;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Open;
import org.jspecify.annotations.Nullable;

/**
 * Two connections at once while a {@link Round} is being made: which of them is answered, what waits
 * until that is clear, and for how long (RFC 4271 §6.8). {@link #of} has the reasons.
 */
final class Collision {
  private final Round round;
  private Peering.@Nullable Waiting deferred;
  private Event.@Nullable Received held;
  private boolean givenUp;

  Collision(Round round, Peering peering) {
    this.round = round;
    deferred = peering.deferred();
    held = peering.held();
    givenUp = peering.givenUp();
  }

  /** As {@link Peering#deferred}. */
  Peering.@Nullable Waiting deferred() {
    return deferred;
  }

  /** As {@link Peering#held}. */
  Event.@Nullable Received held() {
    return held;
  }

  /** As {@link Peering#givenUp}. */
  boolean givenUp() {
    return givenUp;
  }

  /** The second session is no more. */
  void secondIsGone() {
    givenUp = false;
  }

  /**
   * The event of a connection. RFC 4271 §6.8 has a collision decided when an OPEN comes and another
   * connection is in OpenConfirm. By then it is late: on the connection where we have said KEEPALIVE
   * the peer may have its session, and with that it loses all our routes. It loses it in two ways.
   * One is our CEASE. The other is a connection that we dialled and that its process accepts only
   * then: a helper of graceful restart (RFC 4724 §4.2; BIRD and FRR do so at once) takes that for our
   * next restart, ends the session, and removes what was stale already.
   *
   * <p>So the answer to an OPEN waits, for at most {@link Turn#COLLISION_MS}, until the peer has said
   * OPEN on the connection that we dialled too, or has closed it; and one on a connection that may
   * have to give way until the other's is here. Then one of the two is answered, and nobody has a
   * session on the other. §6.8 leaves a speaker free to look at connections in OpenSent as well; that
   * an OPEN has to be answered at once it nowhere says. An OPEN that comes when the other connection
   * was answered before gives way, or waits until that is up or closed, or until the peer confirms
   * this one: then it has no session on the other.
   *
   * <p>The peer's KEEPALIVE on the connection that we dialled says only that it has our OPEN there. If
   * it called us, too, and its call is the one that stays, it may read our OPEN on that before our
   * KEEPALIVE, and close ours. So our session begins when its call is over, or with what it says next.
   *
   * <p>A call of the peer's that gives way to ours is left to the peer to close, before ours is
   * answered, or for the limit. FRR 8.4 ends its call by an event that may come after our KEEPALIVE,
   * which moves the session to where the call was: then that ends. If we have answered ours before we
   * see the call, nothing is said on it until the peer shows that it has the session.
   */
  void of(ConnectionId connection, Event event) {
    Peering.Waiting waiting = deferred;
    if (held != null && connection.equals(round.main.connection()) && !ends(event)) {
      if (!isKeepalive(event)) {
        release();
        round.handle(connection, event);
      }
    } else if (isKeepalive(event) && mayBeClosed(connection)) {
      held = (Event.Received) event;
      round.adopt(connection, Session::waitingFor);
    } else if (waiting != null && waiting.open().connection().equals(connection) && !ends(event)) {
      ofWaiting(waiting, event);
    } else if (waiting != null && isBehind(waiting, connection) && !ends(event)) {
      if (!isKeepalive(event)) {
        round.dropSecond(Round.COLLISION);
      }
    } else if (event instanceof Event.Received open && open.message() instanceof Open) {
      opened(open);
    } else {
      round.handle(connection, event);
    }
  }

  private static boolean ends(Event event) {
    return !(event instanceof Event.Received received)
        || received.message() instanceof Notification;
  }

  private static boolean isBehind(Peering.Waiting waiting, ConnectionId connection) {
    return waiting.behind() != null && waiting.behind().open().connection().equals(connection);
  }

  private static boolean isKeepalive(Event event) {
    return event instanceof Event.Received received && received.message() instanceof Keepalive;
  }

  /** Whether the peer may prefer its own call to the one that we dialled and both have confirmed. */
  private boolean mayBeClosed(ConnectionId connection) {
    return round.second != null
        && connection.equals(round.main.connection())
        && isConfirmed()
        && prefersOther();
  }

  boolean prefersOther() {
    Negotiated agreed = round.main.negotiated();
    return agreed != null && !Peering.ourDialWins(round.settings, agreed.peerId(), agreed.peerAs());
  }

  /** Whether we have answered the OPEN on the connection that we dialled, and not heard more. */
  boolean isConfirmed() {
    return Round.isDialled(round.main) && round.main.state() == State.OPEN_CONFIRM;
  }

  /** The KEEPALIVE that was held takes effect. */
  private void release() {
    Event.Received keepalive = requireNonNull(held);
    held = null;
    round.adopt(keepalive.connection(), Session::settled);
    round.handle(keepalive.connection(), keepalive);
  }

  private void ofWaiting(Peering.Waiting waiting, Event event) {
    if (isKeepalive(event) && (givenUp || rival(waiting.open()) != State.OPEN_CONFIRM)) {
      deferred = waiting.with((Event.Received) event); // it may yet prefer the other
    } else if (givenUp) {
      round.dropSecond(Round.COLLISION);
    } else {
      answer(waiting);
      round.handle(waiting.open().connection(), event);
    }
  }

  /** An OPEN on a connection whose OPEN has not come before. */
  private void opened(Event.Received open) {
    Peering.Waiting waiting = deferred;
    boolean called = !open.connection().equals(round.main.connection());
    if (givenUp && called) {
      deferred = new Peering.Waiting(open, null, null);
    } else if (waiting != null && rival(open) != null) { // both are here
      decide(waiting, open);
    } else if (waits(open)) {
      defer(open);
    } else if (rival(open) == State.OPEN_CONFIRM && givesWay(open)) {
      round.handle(
          open.connection(), new Event.Stop(Round.COLLISION)); // before we say KEEPALIVE on it
    } else {
      round.handle(open.connection(), open);
    }
  }

  /** The OPENs of both connections are here. */
  private void decide(Peering.Waiting waiting, Event.Received open) {
    boolean dialled = open.connection().side() == ConnectionId.Side.DIALLED;
    if (givesWay(open) == dialled) { // the peer's call stays
      if (dialled) {
        answer(waiting);
      }
      round.handle(open.connection(), open); // if it is still there
    } else if (dialled) {
      deferred = new Peering.Waiting(open, null, waiting);
      round.adopt(open.connection(), Session::waitingFor);
    } else {
      deferred = waiting.before(open);
    }
  }

  /** What the peer called gives way to what we dialled, but is not closed yet. */
  private void giveUpSecond() {
    givenUp = true;
    round.adopt(requireNonNull(requireNonNull(round.second).connection()), Session::waitingFor);
  }

  private void defer(Event.Received open) {
    deferred = new Peering.Waiting(open, null, null);
    if (rival(open) != State.OPEN_CONFIRM) { // else its hold time is the limit
      round.adopt(open.connection(), Session::waitingFor);
    }
  }

  private void answer(Peering.Waiting waiting) {
    deferred = waiting.behind();
    ConnectionId connection = waiting.open().connection();
    round.adopt(connection, Session::settled);
    round.handle(connection, waiting.open());
    if (waiting.keepalive() != null) {
      round.handle(connection, waiting.keepalive());
    }
  }

  /** Takes up what has waited, as soon as nothing is in its way. */
  void resume() {
    if (held != null && !held.connection().equals(round.main.connection())) {
      held = null;
    } else if (held != null && round.second == null) {
      release();
    }
    if (givenUp && round.main.heard()) {
      round.dropSecond(Round.COLLISION);
    }
    givenUp &= round.second != null;
    if (round.main.isSilent()) { // the one that it gave way to has ended
      round.main(new Event.Accepted(requireNonNull(round.main.connection())));
    }
    Peering.Waiting waiting = deferred;
    if (waiting == null) {
      return;
    }
    if (!isKnown(waiting.open().connection())) {
      deferred = waiting.behind();
      resume();
    } else if (!givenUp && !waits(waiting.open())) {
      answer(waiting);
    }
  }

  /** What came on that session has waited for long enough; the other connection is given up. */
  void settle(Event.Expired limit) {
    Peering.Waiting waiting = deferred;
    Session later = round.second;
    if (held != null && isOf(limit, round.main)) {
      release();
    } else if (givenUp && later != null) {
      if (isOf(limit, later)) {
        settleGivenUp(later);
      }
    } else if (waiting != null) {
      Session session =
          waiting.open().connection().equals(round.main.connection()) ? round.main : round.second;
      if (session != null && isOf(limit, session)) {
        answer(waiting);
      }
    }
  }

  /** Who still says nothing on the old session may have restarted: RFC 4724 §4.2. */
  private void settleGivenUp(Session later) {
    if (later.isSilent() && round.main.mayRestart()) {
      givenUp = false;
      round.second(later, new Event.Accepted(requireNonNull(later.connection())));
    } else {
      round.dropSecond(Round.COLLISION);
    }
  }

  private static boolean isOf(Event.Expired limit, Session session) {
    return session.owner() == limit.owner()
        && session.generations().of(limit.timer()) == limit.generation();
  }

  private boolean isKnown(ConnectionId connection) {
    return connection.equals(round.main.connection())
        || round.second != null && connection.equals(round.second.connection());
  }

  /** Whether this OPEN cannot be answered before the other connection's fate is clear. */
  private boolean waits(Event.Received open) {
    return switch (rival(open)) {
      case null -> false;
      case CONNECT, OPEN_SENT -> true;
      case OPEN_CONFIRM -> !givesWay(open);
      case IDLE, ACTIVE, ESTABLISHED -> false;
    };
  }

  /** The state of the session on the connection that the other side opened, if there is one. */
  private @Nullable State rival(Event.Received open) {
    Session later = round.second;
    if (later == null || Round.isDialled(round.main) == Round.isDialled(later)) {
      return null;
    }
    if (open.connection().equals(round.main.connection())) {
      return later.state();
    }
    return open.connection().equals(later.connection()) ? round.main.state() : null;
  }

  /** Whether an OPEN came on the connection that RFC 4271 §6.8 has closed. */
  private boolean givesWay(Event.Received event) {
    return event.message() instanceof Open open
        && (event.connection().side() == ConnectionId.Side.DIALLED)
            != Peering.ourDialWins(round.settings, open.bgpId(), open.as());
  }

  /** Says nothing on it for now. */
  void listen(ConnectionId connection) {
    round.second = Session.silent(round.settings, round.sessions++, connection);
    giveUpSecond();
  }

  /** Nothing is lost at ours with the other. */
  void prefer(Session confirmed) {
    if (confirmed.owner() == round.main.owner() && Round.isDialled(round.main)) {
      giveUpSecond();
    } else {
      round.keep(confirmed);
    }
  }
}
