package dev.catwalk.felix.agent;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Pods that a DEL has been answered for and whose addresses are not free yet: the kernel still
 * removes their links. There are never more than the kernel's thread takes. Any thread.
 */
final class Departures {
  /** Links go in some 20 ms each, one after the other. */
  private static final long OVER_WITHIN_S = 10;

  private final ConcurrentSkipListMap<Long, CompletableFuture<Void>> underWay =
      new ConcurrentSkipListMap<>();

  private final AtomicLong begun = new AtomicLong();

  /** One more, over when the future that is returned is completed. */
  CompletableFuture<Void> begin() {
    CompletableFuture<Void> departure = new CompletableFuture<>();
    long number = begun.incrementAndGet();
    underWay.put(number, departure);
    var unused = departure.whenComplete((done, e) -> underWay.remove(number));
    return departure;
  }

  List<CompletableFuture<Void>> now() {
    return List.copyOf(underWay.values());
  }

  /** Returns when all of these are over, or have taken too long. */
  static void await(List<CompletableFuture<Void>> departures) throws InterruptedException {
    try {
      CompletableFuture.allOf(departures.toArray(new CompletableFuture<?>[0]))
          .get(OVER_WITHIN_S, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // Whether that address is free now, its next claim will tell.
    }
  }
}
