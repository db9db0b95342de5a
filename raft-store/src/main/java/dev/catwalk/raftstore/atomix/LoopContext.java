package dev.catwalk.raftstore.atomix;

import io.atomix.utils.concurrent.AbstractThreadContext;
import io.atomix.utils.concurrent.Scheduled;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The event loop of the connections as Atomix's Raft thread: what a member hears is in the log, and
 * what it has to say on its way, without another thread in between that has to be woken. Disks are
 * waited for elsewhere ({@link LogSync}).
 */
final class LoopContext extends AbstractThreadContext {
  private static final Logger LOG = LoggerFactory.getLogger(LoopContext.class);

  private final EventLoop loop;

  /** It is closed by whoever opened it. */
  LoopContext(EventLoop loop) {
    this.loop = loop;
  }

  private static Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException e) { // As Atomix's own thread does.
        LOG.error("a task of Raft failed", e);
      }
    };
  }

  /** Never runs the task before it returns. */
  @Override
  public void execute(Runnable task) {
    try {
      loop.execute(guarded(task));
    } catch (RejectedExecutionException e) {
      // The store is closed.
    }
  }

  @Override
  public Scheduled schedule(Duration delay, Runnable task) {
    try {
      var timer = loop.schedule(guarded(task), delay.toMillis(), TimeUnit.MILLISECONDS);
      return () -> timer.cancel(false);
    } catch (RejectedExecutionException e) {
      return () -> {};
    }
  }

  @Override
  public Scheduled schedule(Duration delay, Duration interval, Runnable task) {
    try {
      var timer = loop.scheduleAtFixedRate(
          guarded(task), delay.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
      return () -> timer.cancel(false);
    } catch (RejectedExecutionException e) {
      return () -> {};
    }
  }

  @Override
  public boolean isCurrentContext() {
    return loop.inEventLoop();
  }

  @Override
  public void checkThread() {
    if (!loop.inEventLoop()) {
      throw new IllegalStateException("not on the Raft thread");
    }
  }

  @Override
  public void close() {}
}
