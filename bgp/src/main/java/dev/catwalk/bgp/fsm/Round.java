package dev.catwalk.bgp.fsm;

import static java.util.Objects.requireNonNull;

import dev.catwalk.bgp.wire.Fault;
import dev.catwalk.bgp.wire.Keepalive;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Open;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One step of a peering while it is being made. */
final class Round {
  private static final Notification COLLISION = Notification.of(Fault.CONNECTION_COLLISION);

  private static final String REPLACED = "peer has restarted: it opened a new session";

  private final Settings settings;
  private final List<Action> actions = new ArrayList<>(4);
  private Session main;
  private @Nullable Session second;
  private Peering.@Nullable Waiting deferred;
  private Event.@Nullable Received held;
  private boolean givenUp;
  private long sessions;
  private Peering.@Nullable Said lastNotification;
  private String lastError;

  Round(Peering peering) {
    settings = peering.settings();
    main = peering.main();
    second = peering.second();
    deferred = peering.deferred();
    held = peering.held();
    givenUp = peering.givenUp();
    sessions = peering.sessions();
    lastNotification = peering.lastNotification();
    lastError = peering.lastError();
  }

  Peering.Step step() {
    return new Peering.Step(
        new Peering(
            settings, main, second, deferred, held, givenUp, sessions, lastNotification, lastError),
        actions);
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
    if (held != null && connection.equals(main.connection()) && !ends(event)) {
      if (!isKeepalive(event)) {
        release();
        handle(connection, event);
      }
    } else if (isKeepalive(event) && mayBeClosed(connection)) {
      held = (Event.Received) event;
      adopt(connection, Session::waitingFor);
    } else if (waiting != null && waiting.open().connection().equals(connection) && !ends(event)) {
      ofWaiting(waiting, event);
    } else if (waiting != null && isBehind(waiting, connection) && !ends(event)) {
      if (!isKeepalive(event)) {
        dropSecond(COLLISION);
      }
    } else if (event instanceof Event.Received open && open.message() instanceof Open) {
      opened(open);
    } else {
      handle(connection, event);
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
    return second != null
        && connection.equals(main.connection())
        && isConfirmed()
        && prefersOther();
  }

  private boolean prefersOther() {
    Negotiated agreed = main.negotiated();
    return agreed != null && !Peering.ourDialWins(settings, agreed.peerId(), agreed.peerAs());
  }

  /** Whether we have answered the OPEN on the connection that we dialled, and not heard more. */
  private boolean isConfirmed() {
    return isDialled(main) && main.state() == State.OPEN_CONFIRM;
  }

  /** The KEEPALIVE that was held takes effect. */
  private void release() {
    Event.Received keepalive = requireNonNull(held);
    held = null;
    adopt(keepalive.connection(), Session::settled);
    handle(keepalive.connection(), keepalive);
  }

  private void ofWaiting(Peering.Waiting waiting, Event event) {
    if (isKeepalive(event) && (givenUp || rival(waiting.open()) != State.OPEN_CONFIRM)) {
      deferred = waiting.with((Event.Received) event); // it may yet prefer the other
    } else if (givenUp) {
      dropSecond(COLLISION);
    } else {
      answer(waiting);
      handle(waiting.open().connection(), event);
    }
  }

  /** An OPEN on a connection whose OPEN has not come before. */
  private void opened(Event.Received open) {
    Peering.Waiting waiting = deferred;
    boolean called = !open.connection().equals(main.connection());
    if (givenUp && called) {
      deferred = new Peering.Waiting(open, null, null);
    } else if (waiting != null && rival(open) != null) { // both are here
      decide(waiting, open);
    } else if (waits(open)) {
      defer(open);
    } else if (rival(open) == State.OPEN_CONFIRM && givesWay(open)) {
      handle(open.connection(), new Event.Stop(COLLISION)); // before we say KEEPALIVE on it
    } else {
      handle(open.connection(), open);
    }
  }

  /** The OPENs of both connections are here. */
  private void decide(Peering.Waiting waiting, Event.Received open) {
    boolean dialled = open.connection().side() == ConnectionId.Side.DIALLED;
    if (givesWay(open) == dialled) { // the peer's call stays
      if (dialled) {
        answer(waiting);
      }
      handle(open.connection(), open); // if it is still there
    } else if (dialled) {
      deferred = new Peering.Waiting(open, null, waiting);
      adopt(open.connection(), Session::waitingFor);
    } else {
      deferred = waiting.before(open);
    }
  }

  /** What the peer called gives way to what we dialled, but is not closed yet. */
  private void giveUpSecond() {
    givenUp = true;
    adopt(requireNonNull(requireNonNull(second).connection()), Session::waitingFor);
  }

  private void defer(Event.Received open) {
    deferred = new Peering.Waiting(open, null, null);
    if (rival(open) != State.OPEN_CONFIRM) { // else its hold time is the limit
      adopt(open.connection(), Session::waitingFor);
    }
  }

  private void answer(Peering.Waiting waiting) {
    deferred = waiting.behind();
    ConnectionId connection = waiting.open().connection();
    adopt(connection, Session::settled);
    handle(connection, waiting.open());
    if (waiting.keepalive() != null) {
      handle(connection, waiting.keepalive());
    }
  }

  private void adopt(ConnectionId connection, Function<Session, Session.Step> change) {
    boolean isMain = connection.equals(main.connection());
    Session.Step step = change.apply(isMain ? main : requireNonNull(second));
    if (isMain) {
      main = step.next();
    } else {
      second = step.next();
    }
    actions.addAll(step.actions());
  }

  /** Takes up what has waited, as soon as nothing is in its way. */
  void resume() {
    if (held != null && !held.connection().equals(main.connection())) {
      held = null;
    } else if (held != null && second == null) {
      release();
    }
    if (givenUp && main.heard()) {
      dropSecond(COLLISION);
    }
    givenUp &= second != null;
    if (main.isSilent()) { // the one that it gave way to has ended
      main(new Event.Accepted(requireNonNull(main.connection())));
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
  private void settle(Event.Expired limit) {
    Peering.Waiting waiting = deferred;
    Session later = second;
    if (held != null && isOf(limit, main)) {
      release();
    } else if (givenUp && later != null) {
      if (isOf(limit, later)) {
        settleGivenUp(later);
      }
    } else if (waiting != null) {
      Session session = waiting.open().connection().equals(main.connection()) ? main : second;
      if (session != null && isOf(limit, session)) {
        answer(waiting);
      }
    }
  }

  /** Who still says nothing on the old session may have restarted: RFC 4724 §4.2. */
  private void settleGivenUp(Session later) {
    if (later.isSilent() && main.mayRestart()) {
      givenUp = false;
      second(later, new Event.Accepted(requireNonNull(later.connection())));
    } else {
      dropSecond(COLLISION);
    }
  }

  private static boolean isOf(Event.Expired limit, Session session) {
    return session.owner() == limit.owner()
        && session.generations().of(limit.timer()) == limit.generation();
  }

  private boolean isKnown(ConnectionId connection) {
    return connection.equals(main.connection())
        || second != null && connection.equals(second.connection());
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
    Session later = second;
    if (later == null || isDialled(main) == isDialled(later)) {
      return null;
    }
    if (open.connection().equals(main.connection())) {
      return later.state();
    }
    return open.connection().equals(later.connection()) ? main.state() : null;
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
      if (second.isSilent()) {
        dropSecond(null);
      } else {
        second(second, event);
      }
    }
  }

  void ofOwner(long owner, Event event) {
    if (event instanceof Event.Expired limit && limit.timer() == Timer.COLLISION) {
      settle(limit);
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
        if (isConfirmed() && !prefersOther()) {
          listen(connection);
        } else {
          second(Session.waiting(settings, sessions++), new Event.Accepted(connection));
        }
      }
      case ESTABLISHED -> {
        if (isDialled(main) && !main.heard()) { // it may have called before, and would prefer that
          dropSecond(COLLISION);
          listen(connection);
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

  /** Says nothing on it for now. */
  private void listen(ConnectionId connection) {
    second = Session.silent(settings, sessions++, connection);
    giveUpSecond();
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
    ConnectionId dead = requireNonNull(main.connection());
    Session.Step ended = Session.step(main, new Event.Closed(dead, REPLACED));
    retire(ended, event);
    second = null;
    main = up.next().following(ended.next());
    perform(up.actions(), event);
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
    givenUp = false;
  }

  /** After a session's step: only one may be in OpenConfirm or beyond. */
  private void moved(Session before, Session after) {
    Session other = after.owner() == main.owner() ? second : main;
    if (other == null || before.state() == after.state()) {
      return;
    }
    switch (after.state()) {
      case ESTABLISHED -> {
        if (!givenUp || after.owner() != main.owner()) {
          keep(after);
        }
      }
      case OPEN_CONFIRM -> {
        switch (other.state()) {
          case OPEN_CONFIRM -> keep(winner(after));
          case IDLE, CONNECT, ACTIVE, OPEN_SENT -> prefer(after);
          case ESTABLISHED -> {} // what the peer knows of it is over: RFC 4724 §4.2
        }
      }
      case IDLE, CONNECT, ACTIVE, OPEN_SENT -> {}
    }
  }

  /** Nothing is lost at ours with the other. */
  private void prefer(Session confirmed) {
    if (confirmed.owner() == main.owner() && isDialled(main)) {
      giveUpSecond();
    } else {
      keep(confirmed);
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
