package dev.catwalk.raftstore.atomix;

import io.atomix.utils.concurrent.ThreadContext;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;

/**
 * Fails what is not completed in time, a little later than that. One timer for all: one for each
 * would wake a thread for each. Raft thread.
 */
final class Overdue {
  private record Open(CompletableFuture<?> future, long dueMs) {}

  private final ThreadContext context;
  private final long afterMs;
  private final ArrayDeque<Open> open = new ArrayDeque<>();
  private boolean scheduled;

  /**
   * Nothing is open yet.
   *
   * @param afterMs of every future
   */
  Overdue(ThreadContext context, long afterMs) {
    this.context = context;
    this.afterMs = afterMs;
  }

  void add(CompletableFuture<?> future) {
    open.add(new Open(future, Contact.nowMs() + afterMs));
    schedule();
  }

  /** Nothing that is open will be completed any more. */
  void fail(String why) {
    List<Open> lost = List.copyOf(open);
    open.clear();
    lost.forEach(entry -> entry.future().completeExceptionally(new IOException(why)));
  }

  private void schedule() {
    if (!scheduled && !open.isEmpty()) {
      scheduled = true;
      var unused = context.schedule(Duration.ofMillis(afterMs / 4), this::sweep);
    }
  }

  private void sweep() {
    scheduled = false;
    open.removeIf(entry -> entry.future().isDone());
    while (!open.isEmpty() && Contact.nowMs() - open.peek().dueMs() >= 0) {
      open.remove()
          .future()
          .completeExceptionally(new TimeoutException("not done within " + afterMs + " ms"));
    }
    schedule();
  }
}
