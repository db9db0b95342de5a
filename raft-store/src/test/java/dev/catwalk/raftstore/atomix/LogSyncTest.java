package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogSyncTest {
  @TempDir
  Path directory;

  /** Tells of each sync that has begun, and ends it when it may. */
  private static final class Disk implements LogSync.Disk {
    final Semaphore begun = new Semaphore(0);
    final Semaphore mayEnd = new Semaphore(0);
    final AtomicInteger ended = new AtomicInteger();

    @Override
    public void sync() {
      begun.release();
      mayEnd.acquireUninterruptibly();
      ended.incrementAndGet();
    }

    @Override
    public void close() {}

    void awaitBegin() throws InterruptedException {
      assertTrue(begun.tryAcquire(10, TimeUnit.SECONDS), "no sync began");
    }
  }

  private static CompletableFuture<Integer> durable(LogSync sync, Disk disk, long index) {
    CompletableFuture<Integer> syncs = new CompletableFuture<>();
    sync.whenDurable(index, () -> syncs.complete(disk.ended.get()));
    return syncs;
  }

  @Test
  void oneSyncServesAllWhoseEntriesWereThereWhenItBegan() throws Exception {
    Disk disk = new Disk();
    try (LogSync sync = new LogSync(disk, new LogMark(directory.resolve("mark")), error -> {
      throw new AssertionError(error);
    })) {
      CompletableFuture<Integer> first = durable(sync, disk, 3);
      disk.awaitBegin();
      CompletableFuture<Integer> again = durable(sync, disk, 3);
      CompletableFuture<Integer> older = durable(sync, disk, 2);
      CompletableFuture<Integer> newer = durable(sync, disk, 4);
      disk.mayEnd.release();
      assertEquals(1, first.get(10, TimeUnit.SECONDS));
      assertEquals(1, again.get(10, TimeUnit.SECONDS));
      assertEquals(1, older.get(10, TimeUnit.SECONDS));
      disk.awaitBegin();
      assertFalse(newer.isDone());
      disk.mayEnd.release();
      assertEquals(2, newer.get(10, TimeUnit.SECONDS));
    }
  }

  @Test
  void anEntryThatWasReplacedDuringASyncWaitsForTheNext() throws Exception {
    Disk disk = new Disk();
    try (LogSync sync = new LogSync(disk, new LogMark(directory.resolve("mark")), error -> {
      throw new AssertionError(error);
    })) {
      CompletableFuture<Integer> first = durable(sync, disk, 5);
      disk.awaitBegin();
      sync.truncated(3);
      CompletableFuture<Integer> replaced = durable(sync, disk, 4);
      CompletableFuture<Integer> kept = durable(sync, disk, 3);
      disk.mayEnd.release();
      first.get(10, TimeUnit.SECONDS);
      assertEquals(1, kept.get(10, TimeUnit.SECONDS));
      disk.awaitBegin();
      assertFalse(replaced.isDone());
      disk.mayEnd.release();
      assertEquals(2, replaced.get(10, TimeUnit.SECONDS));
    }
  }

  @Test
  void whatIsReplacedBehindTheSyncedPartDoesNotMakeThatWaitAgain() throws Exception {
    Disk disk = new Disk();
    try (LogSync sync = new LogSync(disk, new LogMark(directory.resolve("mark")), error -> {
      throw new AssertionError(error);
    })) {
      CompletableFuture<Integer> first = durable(sync, disk, 5);
      disk.awaitBegin();
      sync.truncated(5); // As with every append that a follower gets.
      disk.mayEnd.release();
      first.get(10, TimeUnit.SECONDS);
      assertEquals(1, durable(sync, disk, 5).get(10, TimeUnit.SECONDS));
    }
  }
}
