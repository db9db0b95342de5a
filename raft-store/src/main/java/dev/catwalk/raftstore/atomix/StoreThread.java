package dev.catwalk.raftstore.atomix;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/** The thread of a store on which feeds run and what is due later; it keeps no process alive. */
final class StoreThread {
  private StoreThread() {}

  static ScheduledExecutorService start() {
    ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(
        1, Thread.ofPlatform().daemon().name("store-feed").factory());
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    executor.setRemoveOnCancelPolicy(true);
    return executor;
  }
}
