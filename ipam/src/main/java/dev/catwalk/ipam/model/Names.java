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

  /** At most {@code max} characters of any kind; empty where there is none. */
  static void checkText(String what, String text, int max) {
    if (text.length() > max) {
      throw new IllegalArgumentException(
          "a " + what + " has at most " + max + " characters, this has " + text.length());
    }
  }
}
