package dev.catwalk.felix.agent;

/** When what peers have told is what the kernel does, so that others may be told of it. */
final class Forwarding {
  private static final long UNKNOWN = -1;

  private long from = UNKNOWN;
  private boolean begun;

  /**
   * Whether it is so from now on: true once.
   *
   * @param settled whether the newest desired state has what peers have told and nothing else
   * @param desired revision of that state
   * @param applied revision that the kernel has
   */
  boolean begins(boolean settled, long desired, long applied) {
    if (begun || !settled) {
      return false;
    }
    if (from == UNKNOWN) {
      from = desired; // later ones may come faster than the kernel takes them
    }
    begun = applied >= from;
    return begun;
  }
}
