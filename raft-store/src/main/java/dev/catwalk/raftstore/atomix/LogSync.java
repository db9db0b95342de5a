package dev.catwalk.raftstore.atomix;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Says when log entries are on the disk. Atomix writes them to the page cache and acknowledges them
 * at once; here an acknowledgement waits until a sync that began after the write has ended, and one
 * sync serves all that wait. Keeps the {@link LogMark}. Any thread.
 */
final class LogSync implements AutoCloseable {
  /** The mark is on the disk so long after it was moved; a sync of its own for each would be dear. */
  private static final long MARK_MS = 100;

  private record Waiter(long index, Runnable then) {}

  private final Disk disk;
  private final LogMark mark;
  private final Consumer<Throwable> fatal;
  private final Thread thread;
  private final Thread marker;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition moved = lock.newCondition();

  // Guarded by the lock.
  private List<Waiter> waiting = new ArrayList<>();

  /** They wait for the sync that is under way, which began after their entries were written. */
  private List<Waiter> covered = new ArrayList<>();

  /** The log up to there was written before the sync began that is under way; 0 if none is. */
  private long syncing;

  private long durable;
  private boolean closed;
  private boolean markMoved;

  /** Puts on the disk what was written before the call. */
  interface Disk extends AutoCloseable {
    void sync() throws IOException;

    @Override
    void close() throws IOException;
  }

  /**
   * Starts the threads: one for the disk, and one for the mark, which no acknowledgement waits for.
   *
   * @param disk is called by that thread alone
   * @param mark is this object's from now on
   * @param fatal is told when the disk refuses: after that nobody knows what is on it
   */
  LogSync(Disk disk, LogMark mark, Consumer<Throwable> fatal) {
    this.disk = disk;
    this.mark = mark;
    this.fatal = fatal;
    this.thread = Thread.ofPlatform().daemon().name("store-sync").unstarted(this::run);
    this.marker = Thread.ofPlatform().daemon().name("store-mark").unstarted(this::keepMark);
    thread.start();
    marker.start();
  }

  /** Runs {@code then}, here or on the sync's thread, when the log up to {@code index} is safe. */
  void whenDurable(long index, Runnable then) {
    lock.lock();
    try {
      if (closed) {
        return; // Nobody will ever know: no acknowledgement.
      }
      if (index > durable) {
        if (index <= syncing) {
          covered.add(new Waiter(index, then));
        } else {
          waiting.add(new Waiter(index, then));
          work.signal();
        }
        return;
      }
    } finally {
      lock.unlock();
    }
    then.run();
  }

  /** Entries above {@code index} are about to be written, perhaps over others. */
  void truncated(long index) {
    lock.lock();
    try {
      durable = Math.min(durable, index);
      syncing = Math.min(syncing, index);
      if (mark.index() > index) {
        mark.write(index);
        mark.force();
      }
    } catch (IOException e) {
      fatal.accept(e);
    } finally {
      lock.unlock();
    }
  }

  /** The log up to {@code index} is safe, by a sync of somebody else. */
  void madeDurable(long index) {
    lock.lock();
    try {
      if (!closed && index > durable) {
        durable = index;
        moveMark();
      }
    } catch (IOException e) {
      fatal.accept(e);
    } finally {
      lock.unlock();
    }
  }

  private void moveMark() throws IOException {
    if (durable > mark.index()) {
      mark.write(durable);
      if (!markMoved) {
        markMoved = true;
        moved.signal();
      }
    }
  }

  private void run() {
    try {
      while (true) {
        List<Waiter> batch;
        lock.lock();
        try {
          while (waiting.isEmpty() && !closed) {
            work.await();
          }
          if (closed) {
            return;
          }
          covered = waiting;
          waiting = new ArrayList<>();
          for (Waiter waiter : covered) {
            syncing = Math.max(syncing, waiter.index());
          }
        } finally {
          lock.unlock();
        }
        disk.sync();
        lock.lock();
        try {
          batch = covered;
          covered = new ArrayList<>();
          durable = Math.max(durable, syncing);
          syncing = 0;
          moveMark();
        } finally {
          lock.unlock();
        }
        batch.forEach(waiter -> waiter.then().run());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException | Error e) {
      fatal.accept(e);
    }
  }

  private void keepMark() {
    try {
      while (true) {
        lock.lock();
        try {
          while (!markMoved && !closed) {
            moved.await();
          }
          long leftNs = TimeUnit.MILLISECONDS.toNanos(MARK_MS);
          while (leftNs > 0 && !closed) {
            leftNs = moved.awaitNanos(leftNs);
          }
          if (closed) {
            return; // Whoever closes puts it on the disk.
          }
          markMoved = false;
        } finally {
          lock.unlock();
        }
        mark.force();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException | Error e) {
      fatal.accept(e);
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      work.signal();
      moved.signal();
    } finally {
      lock.unlock();
    }
    try {
      thread.join();
      marker.join();
      disk.close();
      mark.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      fatal.accept(e);
    }
  }
}
