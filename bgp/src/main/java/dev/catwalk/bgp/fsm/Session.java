package dev.catwalk.bgp.fsm;

import dev.catwalk.bgp.wire.Open;
import org.jspecify.annotations.Nullable;

/**
 * One connection's state machine, RFC 4271 §8.
 *
 * @param owner of its timers, unique within the peering
 * @param connection in use or being dialled
 * @param received the peer's OPEN, from OpenConfirm on
 * @param negotiated from OpenConfirm on
 */
public record Session(
    Settings settings,
    State state,
    long owner,
    @Nullable ConnectionId connection,
    @Nullable Open received,
    @Nullable Negotiated negotiated) {

  /** In Idle, stopped. */
  static Session of(Settings settings) {
    return new Session(settings, State.IDLE, 0, null, null, null);
  }
}
