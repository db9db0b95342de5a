package dev.catwalk.bgp.fsm;

import dev.catwalk.bgp.wire.Fault;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Open;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One configured peer: its session, and a second one while two connections collide (RFC 4271 §6.8).
 *
 * @param main the session that {@code Start} started
 * @param second one on a connection that the peer opened while {@code main} was not yet up; becomes
 *     {@code main} if that one ends first
 * @param deferred what came on one of the two connections while the other may turn out to be the one
 *     that stays
 * @param held a KEEPALIVE that came on the connection that we dialled, while the peer may yet prefer
 *     its own
 * @param givenUp whether {@code second} goes as soon as the peer shows that it has {@code main}
 * @param sessions how many there have been
 * @param lastNotification sent or received
 * @param lastError why the last attempt or session ended, unless we were told to stop it; or empty
 */
public record Peering(
    Settings settings,
    Session main,
    @Nullable Session second,
    @Nullable Waiting deferred,
    Event.@Nullable Received held,
    boolean givenUp,
    long sessions,
    @Nullable Said lastNotification,
    String lastError) {

  /** A NOTIFICATION that was sent or received. */
  public record Said(boolean sent, Notification notification) {}

  /**
   * An OPEN that waits to be answered.
   *
   * @param keepalive the peer's answer to ours, where it has come already
   * @param behind what came on the connection that gives way to this one
   */
  public record Waiting(
      Event.Received open,
      Event.@Nullable Received keepalive,
      @Nullable Waiting behind) {

    Waiting with(Event.Received answer) {
      return new Waiting(open, answer, behind);
    }

    Waiting before(Event.Received other) {
      return new Waiting(open, keepalive, new Waiting(other, null, null));
    }
  }

  /** The next peering, and what is to be done, in this order. */
  public record Step(Peering next, List<Action> actions) {
    public Step {
      actions = List.copyOf(actions);
    }
  }

  /** Stopped: nothing happens before {@code Start}. */
  public static Peering of(Settings settings) {
    return new Peering(settings, Session.of(settings, 0), null, null, null, false, 1, null, "");
  }

  /** The same, with other settings for OPENs from now on. */
  public Peering with(Settings changed) {
    return new Peering(
        changed,
        main.with(changed),
        second == null ? null : second.with(changed),
        deferred,
        held,
        givenUp,
        sessions,
        lastNotification,
        lastError);
  }

  /** The state of the session that is furthest. */
  public State state() {
    return furthest().state();
  }

  /** What was agreed on; null before OpenConfirm. */
  public @Nullable Negotiated negotiated() {
    return furthest().negotiated();
  }

  /** The OPEN that the peer sent; null before OpenConfirm. */
  public @Nullable Open received() {
    return furthest().received();
  }

  private Session furthest() {
    return second != null && second.state().compareTo(main.state()) > 0 ? second : main;
  }

  /**
   * One event through the session that it is for. Events of connections and timers that are no
   * longer known are ignored.
   */
  public static Step step(Peering peering, Event event) {
    Round round = new Round(peering);
    switch (event) {
      case Event.Start() -> round.main(event);
      case Event.Stop(Notification cease) -> {
        round.dropSecond(cease);
        round.main(event);
      }
      case Event.Accepted(ConnectionId connection) -> round.accepted(connection);
      case Event.Connected(ConnectionId connection) -> round.of(connection, event);
      case Event.Received(ConnectionId connection, var message) -> round.of(connection, event);
      case Event.Malformed(ConnectionId connection, var answer, var what) ->
        round.of(connection, event);
      case Event.Closed(ConnectionId connection, var why) -> round.of(connection, event);
      case Event.Blocked(ConnectionId connection) -> round.of(connection, event);
      case Event.Writable(ConnectionId connection) -> round.of(connection, event);
      case Event.Expired(Timer timer, long owner, long generation) -> round.ofOwner(owner, event);
    }
    round.resume();
    return round.step();
  }

  /** RFC 4271 §6.8, with RFC 6286 §2.3 for equal identifiers. */
  static boolean ourDialWins(Settings settings, int peerId, long peerAs) {
    int byId = Integer.compareUnsigned(settings.localId(), peerId);
    return byId > 0 || byId == 0 && settings.localAs() > peerAs;
  }

  /** Whether it is part of a normal start. */
  public static boolean isCollision(Notification notification) {
    return notification.code() == Fault.CONNECTION_COLLISION.code()
        && notification.subcode() == Fault.CONNECTION_COLLISION.subcode();
  }
}
