package dev.catwalk.lab.shell;

/**
 * Watches how long this machine lets somebody wait who wants to run for a moment, fifty times a
 * second. Where that is longer than a hold time, sessions end and packets are lost whatever an agent
 * does.
 */
public final class Standstill implements AutoCloseable {
  private static final long TICK_MS = 20;
  private static final long TICK_NANOS = TICK_MS * 1_000_000;

  private long before;
  private volatile long longest;
  private final Thread thread;

  /** A watch that is told when it ran. */
  Standstill(long nowNanos) {
    this.before = nowNanos;
    this.thread = Thread.ofPlatform().daemon().name("standstill").unstarted(this::run);
  }

  /** Begins to watch, until it is closed. */
  public static Standstill watch() {
    Standstill watch = new Standstill(System.nanoTime());
    watch.thread.start();
    return watch;
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(TICK_MS);
        ran(System.nanoTime());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** It ran, as it wants to at every tick. */
  void ran(long nowNanos) {
    longest = Math.max(longest, nowNanos - before - TICK_NANOS);
    before = nowNanos;
  }

  /** The longest that it waited beyond its tick. Any thread. */
  public double seconds() {
    return longest / 1e9;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
