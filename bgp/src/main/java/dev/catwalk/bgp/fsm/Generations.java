package dev.catwalk.bgp.fsm;

import java.util.Arrays;

/** The newest generation of each of a session's timers. Immutable. */
final class Generations {
  static final Generations NONE = new Generations(new long[Timer.values().length]);

  private final long[] newest;

  private Generations(long[] newest) {
    this.newest = newest;
  }

  long of(Timer timer) {
    return newest[timer.index()];
  }

  /** A new generation for {@code timer}: expiries of the older ones are ignored from now on. */
  Generations next(Timer timer) {
    long[] next = newest.clone();
    next[timer.index()]++;
    return new Generations(next);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Generations g && Arrays.equals(newest, g.newest);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(newest);
  }

  @Override
  public String toString() {
    return Arrays.toString(newest);
  }
}
