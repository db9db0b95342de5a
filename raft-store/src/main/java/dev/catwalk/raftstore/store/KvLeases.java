package dev.catwalk.raftstore.store;

import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.LeaseCommand;
import dev.catwalk.raftstore.machine.LeaseCommand.Grant;
import dev.catwalk.raftstore.machine.LeaseCommand.KeepAlive;
import dev.catwalk.raftstore.machine.LeaseCommand.Revoke;
import dev.catwalk.raftstore.machine.LeaseOutcome;
import dev.catwalk.raftstore.machine.LeaseOutcome.Ended;
import dev.catwalk.raftstore.machine.LeaseOutcome.Gone;
import dev.catwalk.raftstore.machine.LeaseOutcome.Held;
import dev.catwalk.raftstore.machine.LeaseOutcome.Refused;
import dev.catwalk.raftstore.store.StoreException.Kind;
import java.util.concurrent.CompletableFuture;

/**
 * Leases: keys that are put with one ({@link dev.catwalk.raftstore.machine.KvTransaction.Put}) go, in
 * one revision, when nobody has kept it alive for its time to live. It never ends earlier than its
 * time to live after its grant, or a keep-alive that was acknowledged, was submitted, and later by as
 * long as nobody led: no member's clock decides, only the time that leaders saw pass and wrote into
 * the log. A holder keeps it alive every third or half of its time. {@link KvReplica#readLease} says
 * what is left. Any thread.
 *
 * <p>All fail with {@link StoreException}: refused while a member runs a program that knows no
 * leases, or has not been met.
 */
public final class KvLeases {
  private final Store store;

  public KvLeases(Store store) {
    this.store = store;
  }

  /**
   * Begins a lease.
   *
   * @param id above 0, and no other lease's, or 0 to be given one
   * @param ttlMs {@link dev.catwalk.raftstore.machine.Lease#MIN_TTL_MS} to {@link
   *     dev.catwalk.raftstore.machine.Lease#MAX_TTL_MS}
   * @return its id
   */
  public CompletableFuture<Long> grant(long id, long ttlMs) {
    return submit(new Grant(id, ttlMs)).thenApply(outcome -> switch (outcome) {
      case Held held -> held.id();
      case Gone gone -> throw refused("there is no lease " + gone.id());
      case Ended ended -> throw refused("a lease has ended");
      case Refused refused -> throw refused(refused.reason());
    });
  }

  /** Lets its time to live begin anew; false if there is no such lease any more. */
  public CompletableFuture<Boolean> keepAlive(long id) {
    return submit(new KeepAlive(id)).thenApply(outcome -> outcome instanceof Held);
  }

  /** Ends it and removes its keys; false if there is no such lease any more. */
  public CompletableFuture<Boolean> revoke(long id) {
    return submit(new Revoke(id)).thenApply(outcome -> outcome instanceof Ended);
  }

  private CompletableFuture<LeaseOutcome> submit(LeaseCommand command) {
    return store
        .submit(KvMachine.NAME, command.encode())
        .thenApply(applied -> LeaseOutcome.decode(applied.outcome()));
  }

  private static StoreException refused(String why) {
    return new StoreException(Kind.REFUSED, why);
  }
}
