package dev.catwalk.bgp.mrt;

/** Numbers as people write them. */
final class Words {
  /** RFC 6793 §9. */
  static final int AS_TRANS = 23456;

  private Words() {}

  /** RFC 1997; those with a name by it. */
  static String community(long value) {
    if (value == 0xffff_ff01L) {
      return "no-export";
    }
    if (value == 0xffff_ff02L) {
      return "no-advertise";
    }
    return value == 0xffff_ff03L ? "local-AS" : (value >> 16) + ":" + (value & 0xffff);
  }

  static String origin(int code) {
    return switch (code) {
      case 0 -> "IGP";
      case 1 -> "EGP";
      default -> "INCOMPLETE";
    };
  }

  /** RFC 6396 §4.4.1. */
  static String state(int number) {
    return switch (number) {
      case 1 -> "Idle";
      case 2 -> "Connect";
      case 3 -> "Active";
      case 4 -> "OpenSent";
      case 5 -> "OpenConfirm";
      case 6 -> "Established";
      default -> Integer.toString(number);
    };
  }

  /** RFC 4271 §4.1. */
  static String message(int type) {
    return switch (type) {
      case 1 -> "OPEN";
      case 2 -> "UPDATE";
      case 3 -> "NOTIFICATION";
      case 4 -> "KEEPALIVE";
      case 5 -> "ROUTE-REFRESH";
      default -> Integer.toString(type);
    };
  }
}
