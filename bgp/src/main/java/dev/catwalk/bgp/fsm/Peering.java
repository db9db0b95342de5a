package dev.catwalk.bgp.fsm;

import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Open;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One configured peer: its session, and a second one while two connections collide (RFC 4271 §6.8).
 *
 * @param main runs from the start to the stop
 * @param second an accepted or dialled connection that waits for the collision's outcome
 * @param dialled how many connections were dialled
 */
public record Peering(
    Settings settings,
    Session main,
    @Nullable Session second,
    long dialled,
    @Nullable Said lastNotification,
    String lastError) {

  /** A NOTIFICATION that was sent or received. */
  public record Said(boolean sent, Notification notification) {}

  /** The next peering, and what is to be done, in this order. */
  public record Step(Peering next, List<Action> actions) {
    public Step {
      actions = List.copyOf(actions);
    }
  }

  /** Stopped: nothing happens before {@code Start}. */
  public static Peering of(Settings settings) {
    return new Peering(settings, Session.of(settings), null, 0, null, "");
  }

  public State state() {
    return main.state();
  }

  /** What was agreed on; null before OpenConfirm. */
  public @Nullable Negotiated negotiated() {
    return main.negotiated();
  }

  /** The OPEN that the peer sent on the current connection. */
  public @Nullable Open received() {
    return main.received();
  }
}
