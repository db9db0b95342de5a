package dev.catwalk.bgp.fsm;

/** RFC 4271 §8.2.2. */
public enum State {
  IDLE,
  CONNECT,
  ACTIVE,
  OPEN_SENT,
  OPEN_CONFIRM,
  ESTABLISHED;

  /** {@code openSent}. */
  public String text() {
    return switch (this) {
      case IDLE -> "idle";
      case CONNECT -> "connect";
      case ACTIVE -> "active";
      case OPEN_SENT -> "openSent";
      case OPEN_CONFIRM -> "openConfirm";
      case ESTABLISHED -> "established";
    };
  }
}
