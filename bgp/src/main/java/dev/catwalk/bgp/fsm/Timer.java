package dev.catwalk.bgp.fsm;

/** RFC 4271 §10, and what stands in for its IdleHoldTimer. */
public enum Timer {
  /** Dials again. */
  CONNECT_RETRY(0),
  /** Ends the back-off after an error. */
  IDLE_HOLD(1),
  /** The peer has been silent for the hold time. */
  HOLD(2),
  /** Time to say that we live. */
  KEEPALIVE(3),
  /** The peer has not read for too long (RFC 9687). */
  SEND_HOLD(4),
  /** The session has lasted: earlier errors no longer count. */
  STEADY(5),
  /** An OPEN has waited for the other connection's for long enough (RFC 4271 §6.8). */
  COLLISION(6);

  private final int index;

  Timer(int index) {
    this.index = index;
  }

  /** {@code connectRetry}. */
  public String text() {
    return switch (this) {
      case CONNECT_RETRY -> "connectRetry";
      case IDLE_HOLD -> "idleHold";
      case HOLD -> "hold";
      case KEEPALIVE -> "keepalive";
      case SEND_HOLD -> "sendHold";
      case STEADY -> "steady";
      case COLLISION -> "collision";
    };
  }

  /** 0, 1, ... in order. */
  public int index() {
    return index;
  }
}
