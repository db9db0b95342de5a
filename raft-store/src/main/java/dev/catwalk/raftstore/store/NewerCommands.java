package dev.catwalk.raftstore.store;

import dev.catwalk.raftstore.machine.Applied;
import dev.catwalk.raftstore.store.StoreException.Kind;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** What has to be so before a command of a machine may go into the log; every engine asks. */
public final class NewerCommands {
  private NewerCommands() {}

  /**
   * Submits a command when every program in the store knows its format, and refuses it while one does
   * not; that time has passed is nobody's to say but the leader's.
   *
   * @param submit does it
   */
  public static CompletableFuture<Applied> submit(
      Store store,
      LocalReplica replica,
      String machine,
      byte[] command,
      Supplier<CompletableFuture<Applied>> submit) {
    if (replica.elapses(machine, command)) {
      return CompletableFuture.failedFuture(
          new StoreException(Kind.REFUSED, "only whoever leads says that time has passed"));
    }
    int format = replica.format(machine, command);
    return format == 1 || store.requires(format)
        ? submit.get()
        : store.require(format).thenCompose(known -> submit.get());
  }
}
