package dev.catwalk.lab.store;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntFunction;

/** Callers who each make their next call when the one before is answered. */
final class Callers {
  private Callers() {}

  /**
   * Answers a second.
   *
   * @param warmMs of calls that are not counted
   * @param call begins one call of the client with this number
   * @param count of answers
   */
  static double rate(
      int clients,
      int warmMs,
      int measuredMs,
      IntFunction<CompletableFuture<?>> call,
      LongAdder count) {
    AtomicBoolean over = new AtomicBoolean();
    CompletableFuture<?>[] all = new CompletableFuture<?>[clients];
    for (int i = 0; i < clients; i++) {
      CompletableFuture<Void> end = new CompletableFuture<>();
      all[i] = end;
      next(i, call, over, count, end);
    }
    pause(warmMs);
    long before = count.sum();
    long begin = System.nanoTime();
    pause(measuredMs);
    double rate = (count.sum() - before) * 1e9 / (System.nanoTime() - begin);
    over.set(true);
    CompletableFuture.allOf(all).join();
    return rate;
  }

  private static void next(
      int client,
      IntFunction<CompletableFuture<?>> call,
      AtomicBoolean over,
      LongAdder count,
      CompletableFuture<Void> end) {
    if (over.get()) {
      end.complete(null);
      return;
    }
    var unused = call.apply(client).whenComplete((answer, error) -> {
      if (error == null) {
        count.increment();
        next(client, call, over, count, end);
      } else {
        // Not at once: a call that fails may do so before it returns.
        CompletableFuture.delayedExecutor(5, TimeUnit.MILLISECONDS)
            .execute(() -> next(client, call, over, count, end));
      }
    });
  }

  static void pause(int ms) {
    try {
      TimeUnit.MILLISECONDS.sleep(ms);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
