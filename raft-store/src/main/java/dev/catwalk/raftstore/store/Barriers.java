package dev.catwalk.raftstore.store;

import dev.catwalk.raftstore.store.StoreException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Turns the barriers of many callers into few questions to whoever leads. A question answers those
 * who came before it was asked; the others wait for the next one. One that fails is asked again until
 * nobody can be expected to answer. Any thread may call it.
 */
public final class Barriers {
  /** Callers that may wait at once. */
  static final int MAX_WAITING = 8192;

  /** One is on its way there while the answer of the one before comes back. */
  private static final int MAX_UNDER_WAY = 2;

  private static final long RETRY_MS = 25;
  private static final long NO_QUORUM_MS = 1750;
  private static final long GIVE_UP_MS = 10_000;

  private record Caller(long sinceMs, CompletableFuture<Long> future) {}

  private final Supplier<CompletableFuture<Long>> question;
  private final Door.Later later;
  private final LongSupplier clockMs;
  private final BooleanSupplier quorum;

  private List<Caller> waiting = new ArrayList<>();
  private int underWay;
  private boolean pausing;
  private @Nullable StoreException closed;

  /**
   * Nobody waits yet.
   *
   * @param question asks once for a revision that no command is above that was acknowledged before;
   *     may fail, and must end
   * @param clockMs a clock that only goes forward
   * @param quorum whether a majority is thought to answer
   */
  public Barriers(
      Supplier<CompletableFuture<Long>> question,
      Door.Later later,
      LongSupplier clockMs,
      BooleanSupplier quorum) {
    this.question = question;
    this.later = later;
    this.clockMs = clockMs;
    this.quorum = quorum;
  }

  /** See {@link Store#barrier}. */
  public CompletableFuture<Long> barrier() {
    CompletableFuture<Long> future = new CompletableFuture<>();
    StoreException refusal = null;
    synchronized (this) {
      if (closed != null) {
        refusal = closed;
      } else if (waiting.size() >= MAX_WAITING) {
        refusal = new StoreException(
            Kind.OVERLOADED, waiting.size() + " reads wait for the store already: try again later");
      } else {
        waiting.add(new Caller(clockMs.getAsLong(), future));
      }
    }
    if (refusal != null) {
      future.completeExceptionally(refusal);
    } else {
      pump();
    }
    return future;
  }

  private void pump() {
    List<Caller> asking;
    synchronized (this) {
      if (closed != null || pausing || underWay == MAX_UNDER_WAY || waiting.isEmpty()) {
        return;
      }
      underWay++;
      asking = waiting;
      waiting = new ArrayList<>();
    }
    var unused =
        question.get().whenComplete((revision, error) -> answered(asking, revision, error == null));
  }

  private void answered(List<Caller> asked, @Nullable Long revision, boolean success) {
    List<Caller> late = new ArrayList<>();
    boolean answering = success || quorum.getAsBoolean();
    StoreException end;
    synchronized (this) {
      underWay--;
      end = closed;
      if (!success && end == null) {
        long now = clockMs.getAsLong();
        List<Caller> again = new ArrayList<>();
        for (Caller caller : asked) {
          long age = now - caller.sinceMs();
          boolean tooLate = age >= GIVE_UP_MS || !answering && age >= NO_QUORUM_MS;
          (tooLate ? late : again).add(caller);
        }
        again.addAll(waiting);
        waiting = again;
        if (!waiting.isEmpty() && !pausing) {
          pausing = true;
          later.after(RETRY_MS, this::resume);
        }
      }
    }
    if (success && revision != null) {
      asked.forEach(caller -> caller.future().complete(revision));
    } else if (end != null) {
      asked.forEach(caller -> caller.future().completeExceptionally(end));
    }
    for (Caller caller : late) {
      caller
          .future()
          .completeExceptionally(new StoreException(
              Kind.NO_QUORUM,
              "no majority of the store's members answers: bring members back, then try again"));
    }
    pump();
  }

  private void resume() {
    synchronized (this) {
      pausing = false;
    }
    pump();
  }

  /** Fails who waits and whoever comes for this reason. */
  public void close(StoreException why) {
    List<Caller> left;
    synchronized (this) {
      closed = why;
      left = waiting;
      waiting = new ArrayList<>();
    }
    left.forEach(caller -> caller.future().completeExceptionally(why));
  }
}
