package dev.catwalk.raftstore.atomix;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Says when log entries are on the disk. Atomix writes them to the page cache and acknowledges them
 * at once; here an acknowledgement waits until a sync that began after the write has ended, and one
 * sync serves all that wait. Atomix itself syncs a segment before it begins the next, so only the
 * newest segment is synced here. Any thread.
 */
final class LogSync implements AutoCloseable {
  private record Waiter(long index, Runnable then) {}

  private final Path directory;
  private final String prefix;
  private final Consumer<Throwable> fatal;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();

  // Guarded by the lock.
  private List<Waiter> waiting = new ArrayList<>();
  private long durable;
  private long truncations;
  private boolean closed;

  // The sync thread's own.
  private @Nullable Object segment;
  private @Nullable FileChannel channel;

  /**
   * Starts the thread.
   *
   * @param prefix of the segments' names
   * @param fatal is told when the disk refuses: after that nobody knows what is on it
   */
  LogSync(Path directory, String prefix, Consumer<Throwable> fatal) {
    this.directory = directory;
    this.prefix = prefix;
    this.fatal = fatal;
    this.thread = Thread.ofPlatform().daemon().name("store-sync").unstarted(this::run);
    thread.start();
  }

  /** Runs {@code then}, here or on the sync's thread, when the log up to {@code index} is safe. */
  void whenDurable(long index, Runnable then) {
    lock.lock();
    try {
      if (closed) {
        return; // Nobody will ever know: no acknowledgement.
      }
      if (index > durable) {
        waiting.add(new Waiter(index, then));
        work.signal();
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
      truncations++;
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      while (true) {
        List<Waiter> batch;
        long before;
        lock.lock();
        try {
          while (waiting.isEmpty() && !closed) {
            work.await();
          }
          if (closed) {
            return;
          }
          batch = waiting;
          waiting = new ArrayList<>();
          before = truncations;
        } finally {
          lock.unlock();
        }
        sync();
        lock.lock();
        try {
          if (truncations == before) {
            for (Waiter waiter : batch) {
              durable = Math.max(durable, waiter.index());
            }
          }
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

  private void sync() throws IOException {
    Path newest = newestSegment();
    if (newest == null) {
      return;
    }
    // A log that was reset makes its first segment anew under the old name.
    Object inode = Files.readAttributes(newest, BasicFileAttributes.class).fileKey();
    if (channel == null || !Objects.equals(inode, segment)) {
      if (channel != null) {
        channel.close();
      }
      channel = FileChannel.open(newest, StandardOpenOption.WRITE);
      segment = inode;
      DataDir.syncDirectory(directory);
    }
    channel.force(false);
  }

  private @Nullable Path newestSegment() throws IOException {
    Path newest = null;
    long newestId = -1;
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        String name = String.valueOf(file.getFileName());
        if (name.startsWith(prefix + "-") && name.endsWith(".log")) {
          long id = Long.parseLong(name.substring(prefix.length() + 1, name.length() - 4));
          if (id > newestId) {
            newestId = id;
            newest = file;
          }
        }
      }
    }
    return newest;
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      work.signal();
    } finally {
      lock.unlock();
    }
    try {
      thread.join();
      if (channel != null) {
        channel.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      fatal.accept(e);
    }
  }
}
