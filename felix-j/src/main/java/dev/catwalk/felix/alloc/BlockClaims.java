package dev.catwalk.felix.alloc;

import dev.catwalk.ipam.machine.AddressRequest;
import dev.catwalk.ipam.machine.Command;
import dev.catwalk.ipam.machine.Command.ClaimBlock;
import dev.catwalk.ipam.machine.Command.Exactly;
import dev.catwalk.ipam.machine.Command.Wanted;
import dev.catwalk.ipam.machine.Grant.Denied;
import dev.catwalk.ipam.machine.Grant.Why;
import dev.catwalk.ipam.machine.Ledger;
import dev.catwalk.ipam.machine.LedgerEntry;
import dev.catwalk.ipam.machine.Outcome;
import dev.catwalk.ipam.machine.Outcome.Granted;
import dev.catwalk.ipam.machine.Outcome.Reason;
import dev.catwalk.ipam.machine.Outcome.Refused;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the store for blocks, each under a number that stays the same until there is an answer: so
 * one claim gives one block, however often it is sent. Any thread.
 */
final class BlockClaims {
  private static final Logger LOG = LoggerFactory.getLogger(BlockClaims.class);

  private final Object lock;

  /** Guarded by the lock, as all below but the functions. */
  private final Ledger ledger;

  private final StoreBinding binding;

  /** Not asked anything under the lock: it has locks of its own. */
  private final Submitter store;

  private final Function<Command, CompletableFuture<Outcome>> submit;
  private final LongSupplier requestIds;
  private final Function<List<LedgerEntry>, CompletableFuture<Void>> write;

  /** Claims for a further block that are under way: null for success, else the reason. */
  private final TreeMap<String, CompletableFuture<@Nullable Denied>> underWay = new TreeMap<>();

  /** Requests without an answer yet: asked again under the same number, they get the same block. */
  private final TreeMap<String, Long> unanswered = new TreeMap<>();

  /**
   * Nothing is asked for yet.
   *
   * @param submit how a command comes to the store
   * @param write brings entries to the disk; called under the lock
   */
  BlockClaims(
      Object lock,
      Ledger ledger,
      StoreBinding binding,
      Submitter store,
      Function<Command, CompletableFuture<Outcome>> submit,
      LongSupplier requestIds,
      Function<List<LedgerEntry>, CompletableFuture<Void>> write) {
    this.lock = lock;
    this.ledger = ledger;
    this.binding = binding;
    this.store = store;
    this.submit = submit;
    this.requestIds = requestIds;
    this.write = write;
  }

  /**
   * Claims a block as at the node's start; again under the same number if no answer came.
   *
   * @return the store's outcome, when a granted block is ready for use
   */
  CompletableFuture<Outcome> atStart(Wanted wanted) {
    String kind = "at the start " + wanted;
    long requestId;
    synchronized (lock) {
      requestId = unanswered.computeIfAbsent(kind, k -> requestIds.getAsLong());
    }
    return claim(wanted, requestId).thenApply(outcome -> {
      synchronized (lock) {
        unanswered.remove(kind);
      }
      return outcome;
    });
  }

  private CompletableFuture<Outcome> claim(Wanted wanted, long requestId) {
    ClaimBlock claim;
    String origin = store.origin();
    synchronized (lock) {
      String refusal = binding.refusal(origin);
      if (refusal != null) {
        return CompletableFuture.completedFuture(new Refused(Reason.CONFLICT, refusal));
      }
      claim = ledger.growth().claim(wanted, requestId);
    }
    return submit.apply(claim).thenCompose(outcome -> {
      if (!(outcome instanceof Granted granted)) {
        return CompletableFuture.completedFuture(outcome);
      }
      LOG.info("block granted block={} node={}", granted.block(), granted.owner());
      String there = store.origin();
      synchronized (lock) {
        if (!binding.meet(there, ledger.blocks().isEmpty())) {
          return CompletableFuture.completedFuture(outcome);
        }
        return write.apply(ledger.take(granted)).thenApply(done -> outcome);
      }
    });
  }

  /** One claim at a time of the same pools or block; all who wait for it share its end. */
  CompletableFuture<@Nullable Denied> furtherBlock(AddressRequest request, Denied full) {
    CompletableFuture<@Nullable Denied> mine = new CompletableFuture<>();
    long requestId;
    Wanted wanted;
    String kind;
    synchronized (lock) {
      Denied limit = ledger.growth().limit(request, full);
      if (limit != null) {
        return CompletableFuture.completedFuture(limit);
      }
      wanted = ledger.growth().furtherBlock(request);
      kind = request.family() + " " + wanted;
      CompletableFuture<@Nullable Denied> running = underWay.putIfAbsent(kind, mine);
      if (running != null) {
        return running;
      }
      // A block that is asked for by its name is given again to who has it.
      requestId = wanted instanceof Exactly
          ? requestIds.getAsLong()
          : unanswered.computeIfAbsent(kind, f -> requestIds.getAsLong());
    }
    StoreReports.logged(claim(wanted, requestId).handle((outcome, failure) -> {
      Denied why = whyNot(full, outcome, failure);
      synchronized (lock) {
        underWay.remove(kind);
        if (outcome != null) {
          unanswered.remove(kind);
        }
      }
      mine.complete(why);
      return null;
    }));
    return mine;
  }

  private static @Nullable Denied whyNot(
      Denied full, @Nullable Outcome outcome, @Nullable Throwable failure) {
    if (outcome instanceof Refused refused) {
      return new Denied(
          Why.NO_BLOCK, full.what() + "; the store gives no further one: " + refused.what());
    }
    if (LocalAddresses.cause(failure) instanceof JournalException disk) {
      return LocalAddresses.undone(disk);
    }
    if (failure != null) {
      return new Denied(
          Why.NO_QUORUM,
          full.what() + "; a further one cannot be claimed now: " + LocalAddresses.message(failure)
              + " (bring back a majority of the store's members)");
    }
    return null;
  }
}
