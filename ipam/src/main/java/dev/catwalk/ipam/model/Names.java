package dev.catwalk.ipam.model;

/** What a name may be. */
final class Names {
  private Names() {}

  /** Printable ASCII without space or slash, 1 to {@code max} characters. */
  static void check(String what, String name, int max) {
    if (name.isEmpty() || name.length() > max) {
      throw new IllegalArgumentException(
          "a " + what + " has 1 to " + max + " characters, this has " + name.length());
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == '/') {
        throw new IllegalArgumentException("'" + name + "' is no " + what
            + ": only printable ASCII without space and slash is allowed");
      }
    }
  }

  /** As {@link #check}, or empty where there is none. */
  static void checkIfAny(String what, String name, int max) {
    if (!name.isEmpty()) {
      check(what, name, max);
    }
  }
}
