package dev.catwalk.net.sim;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/**
 * A clock and its agenda. Tasks run on the caller's thread, in the order of their time and, at one
 * time, of their scheduling, so a run is a function of the seed. Not thread-safe.
 */
public final class VirtualTime {

  /** A scheduled task that can be called off. */
  public static final class Task {
    private final long atMs;
    private final long order;
    private final Runnable body;
    private boolean cancelled;

    private Task(long atMs, long order, Runnable body) {
      this.atMs = atMs;
      this.order = order;
      this.body = body;
    }

    /** After this the task does not run; a task that ran already is not undone. */
    public void cancel() {
      cancelled = true;
    }
  }

  private static final long FNV_PRIME = 0x100000001b3L;

  private final PriorityQueue<Task> agenda = new PriorityQueue<>(
      Comparator.<Task>comparingLong(t -> t.atMs).thenComparingLong(t -> t.order));
  private final SplittableRandom random;
  private long nowMs;
  private long scheduled;
  private long trace = 0xcbf29ce484222325L;

  public VirtualTime(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** Milliseconds since the start of the run. */
  public long nowMs() {
    return nowMs;
  }

  /** The run's only source of chance. */
  public SplittableRandom random() {
    return random;
  }

  /** Runs {@code body} when {@code delayMs} (0 or more) have passed. */
  public Task after(long delayMs, Runnable body) {
    assert delayMs >= 0 : delayMs;
    Task task = new Task(nowMs + delayMs, scheduled++, body);
    agenda.add(task);
    return task;
  }

  /** Lets {@code ms} pass and runs all that falls due. */
  public void run(long ms) {
    long end = nowMs + ms;
    while (!agenda.isEmpty() && agenda.peek().atMs <= end) {
      runNext();
    }
    nowMs = end;
  }

  /**
   * Runs until {@code condition} holds, at most {@code limitMs} from now.
   *
   * @return whether it holds
   */
  public boolean runUntil(BooleanSupplier condition, long limitMs) {
    long end = nowMs + limitMs;
    while (!condition.getAsBoolean()) {
      if (agenda.isEmpty() || agenda.peek().atMs > end) {
        nowMs = end;
        return condition.getAsBoolean();
      }
      runNext();
    }
    return true;
  }

  private void runNext() {
    Task task = agenda.remove();
    nowMs = Math.max(nowMs, task.atMs);
    if (!task.cancelled) {
      task.body.run();
    }
  }

  /** Folds an event into {@link #traceHash}: equal seeds must give equal hashes. */
  public void trace(String event) {
    for (int i = 0; i < event.length(); i++) {
      trace = (trace ^ event.charAt(i)) * FNV_PRIME;
    }
    trace = (trace ^ nowMs) * FNV_PRIME;
  }

  public long traceHash() {
    return trace;
  }
}
