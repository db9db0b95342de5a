package dev.catwalk.bgp.fsm;

/** RFC 4271 §10, and what stands in for its IdleHoldTimer. */
public enum Timer {
  /** Dials again. */
  CONNECT_RETRY,
  /** Ends the back-off after an error. */
  IDLE_HOLD,
  /** The peer has been silent for the hold time. */
  HOLD,
  /** Time to say that we live. */
  KEEPALIVE,
  /** The peer has not read for too long (RFC 9687). */
  SEND_HOLD,
  /** The session has lasted: earlier errors no longer count. */
  STEADY
}
