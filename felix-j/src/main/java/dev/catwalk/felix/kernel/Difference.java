package dev.catwalk.felix.kernel;

/**
 * Something in the kernel is not as it shall be.
 *
 * @param what a clause: what is missing, or what is there instead
 */
public record Difference(Kind kind, String what) {
  /** What it is about. */
  public enum Kind {
    LINK,
    ADDRESS,
    ROUTE,
    NEIGHBOUR,
    RULES
  }
}
