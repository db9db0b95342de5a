package dev.catwalk.bgp.netty;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who holds it owns the speaker: its tables, timers and connections. The speaker's own thread does
 * wherever it is awake. While that sleeps the sessions' thread takes it for a moment, to work off
 * the few UPDATEs that it has just read: to wake a thread and to be woken by it again costs several
 * times what they cost. It never waits for it.
 */
final class Baton {
  private final ReentrantLock held = new ReentrantLock();
  private final Thread speaker;
  private final BooleanSupplier turn;
  private @Nullable Throwable fault;

  /**
   * @param speaker the speaker's own thread
   * @param turn works off what is there; returns whether the speaker's thread must go on with it
   */
  Baton(Thread speaker, BooleanSupplier turn) {
    this.speaker = speaker;
    this.turn = turn;
  }

  /** On the speaker's thread, which holds it from now on but for {@link #sleep}. */
  void take() {
    held.lock();
  }

  /** The speaker's thread ends. */
  void drop() {
    held.unlock();
  }

  /**
   * The speaker's thread gives it away while that sleeps.
   *
   * @throws IllegalStateException if a turn on the other thread has failed meanwhile
   */
  void sleep(Runnable sleep) {
    held.unlock();
    try {
      sleep.run();
    } finally {
      held.lock();
    }
    if (fault != null) {
      throw new IllegalStateException("a turn on the sessions' thread failed", fault);
    }
  }

  /**
   * On the sessions' thread: one turn, if the speaker's thread sleeps; returns whether there is one.
   *
   * @param transport runs it later on the sessions' thread: behind all that the speaker's thread has
   *     asked of connections until now, so that what is said stays in order
   */
  boolean lend(Executor transport) {
    if (!held.tryLock()) {
      return false;
    }
    try {
      transport.execute(this::play);
      return true;
    } catch (RejectedExecutionException e) { // it ends
      held.unlock();
      return false;
    }
  }

  private void play() {
    boolean more = true;
    try {
      more = fault != null || turn.getAsBoolean();
    } catch (RuntimeException | Error e) {
      fault = e; // the speaker's thread ends as if it were its own
    } finally {
      held.unlock();
    }
    if (more) {
      LockSupport.unpark(speaker); // before it sleeps, too
    }
  }
}
