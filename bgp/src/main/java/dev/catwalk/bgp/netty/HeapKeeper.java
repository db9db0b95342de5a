package dev.catwalk.bgp.netty;

/**
 * When the heap is to be collected so that the machine gets back what a large table took that has
 * gone: a JVM by itself keeps it for ever. That stops everybody for a moment, some 10 ms where little
 * is left, so it is done seldom, and when it is worth it. One thread.
 */
final class HeapKeeper {
  /** So many octets must have become free. */
  static final long MUCH = 32L << 20;

  /** And no more for so long: who has gone with a large table has come back by then, as a rule. */
  static final long QUIET_NANOS = 10_000_000_000L;

  /** Since the last time. */
  static final long REST_NANOS = 60_000_000_000L;

  private long collected; // octets, by the last time
  private long seen;
  private long seenNanos;
  private long restUntilNanos;
  private boolean rests;

  /**
   * Whether it is time.
   *
   * @param freed how many octets of tables have become free until now
   */
  boolean isDue(long freed, long nowNanos) {
    if (freed != seen) {
      collected = Math.min(collected, freed); // new tables begin at 0
      seen = freed;
      seenNanos = nowNanos;
    }
    if (!isMuch() || nowNanos - dueNanos() < 0) {
      return false;
    }
    collected = freed;
    rests = true;
    restUntilNanos = nowNanos + REST_NANOS;
    return true;
  }

  /** When to ask again; {@code otherwise} where there is nothing to wait for. */
  long nextNanos(long otherwise) {
    return isMuch() && dueNanos() - otherwise < 0 ? dueNanos() : otherwise;
  }

  private boolean isMuch() {
    return seen - collected >= MUCH;
  }

  private long dueNanos() {
    long quiet = seenNanos + QUIET_NANOS;
    return rests && restUntilNanos - quiet > 0 ? restUntilNanos : quiet;
  }
}
