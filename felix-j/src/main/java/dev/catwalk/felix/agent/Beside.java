package dev.catwalk.felix.agent;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * A part of the agent that is opened in a thread of its own while the starting thread opens others.
 *
 * @param <T> the part
 */
final class Beside<T extends AutoCloseable> {
  /** Makes the part. */
  interface Opening<T> {
    T open() throws StartException;
  }

  private final CompletableFuture<T> opened = new CompletableFuture<>();
  private boolean taken;

  private Beside() {}

  /** Begins. */
  static <T extends AutoCloseable> Beside<T> open(String thread, Opening<T> opening) {
    Beside<T> beside = new Beside<>();
    Thread.ofPlatform().name(thread).daemon().start(() -> {
      try {
        beside.opened.complete(opening.open());
      } catch (StartException | RuntimeException | Error e) {
        beside.opened.completeExceptionally(e);
      }
    });
    return beside;
  }

  /**
   * Waits for the part, which is the caller's from now on.
   *
   * @throws StartException if it could not be opened
   */
  T take() throws StartException {
    try {
      T part = opened.get();
      taken = true;
      return part;
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case StartException refusal -> throw refusal;
        case RuntimeException fault -> throw fault;
        case Error fault -> throw fault;
        case null, default -> throw new IllegalStateException(e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the agent starts", e);
    }
  }

  /** Closes what was opened, when it is, unless somebody has taken it. */
  void close() throws Exception {
    if (!taken) {
      T part;
      try {
        part = opened.get();
      } catch (ExecutionException e) {
        return; // Nothing was opened.
      }
      part.close();
    }
  }
}
