package dev.catwalk.bgp.bfd;

/** RFC 5880 §4.1, in the order of their numbers. */
public enum BfdState {
  ADMIN_DOWN(0),
  DOWN(1),
  INIT(2),
  UP(3);

  private final int code;

  BfdState(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  static BfdState of(int code) {
    return switch (code) {
      case 0 -> ADMIN_DOWN;
      case 1 -> DOWN;
      case 2 -> INIT;
      default -> UP;
    };
  }

  /** {@code adminDown}. */
  public String text() {
    return switch (this) {
      case ADMIN_DOWN -> "adminDown";
      case DOWN -> "down";
      case INIT -> "init";
      case UP -> "up";
    };
  }
}
