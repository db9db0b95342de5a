package dev.catwalk.felix.kernel;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** A platform thread that works in a network namespace. */
final class KernelThread {

  /** Makes what then runs, in the namespace. */
  interface Opening<T> {
    T open() throws KernelException, NetlinkSocket.OverflowException;
  }

  private KernelThread() {}

  /**
   * Starts a thread, which enters the namespace, opens its work and runs it.
   *
   * @param netns nothing for the namespace that the process is in
   * @param ready completes with the opened work, or with the {@link KernelException} that ended the
   *     thread
   */
  static <T extends Runnable> Thread start(
      String name, Optional<Path> netns, CompletableFuture<T> ready, Opening<T> opening) {
    return Thread.ofPlatform().name(name).daemon().start(() -> {
      T work;
      try {
        enter(netns);
        work = opening.open();
      } catch (KernelException | NetlinkSocket.OverflowException | LinkageError e) {
        ready.completeExceptionally(e);
        return;
      }
      ready.complete(work);
      work.run();
    });
  }

  static void enter(Optional<Path> netns) throws KernelException {
    if (netns.isPresent()) {
      try (Netns there = Netns.open(netns.get())) {
        there.enter();
      }
    }
  }

  /** The result, or the {@link KernelException} instead of it. */
  static <T> T await(CompletableFuture<T> ready) throws KernelException {
    try {
      return ready.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KernelException k
          ? k
          : new KernelException("kernel access: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KernelException("interrupted while opening the kernel's doors", e);
    }
  }
}
