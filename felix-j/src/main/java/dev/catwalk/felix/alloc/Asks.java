package dev.catwalk.felix.alloc;

import dev.catwalk.ipam.machine.AddressRequest;
import dev.catwalk.ipam.machine.Command;
import dev.catwalk.ipam.machine.Command.AskAddress;
import dev.catwalk.ipam.machine.Grant.Denied;
import dev.catwalk.ipam.machine.Grant.Why;
import dev.catwalk.ipam.machine.Ledger;
import dev.catwalk.ipam.machine.LedgerEntry;
import dev.catwalk.ipam.machine.Outcome;
import dev.catwalk.ipam.machine.Outcome.Asked;
import dev.catwalk.ipam.machine.Outcome.Granted;
import dev.catwalk.ipam.machine.Outcome.Reason;
import dev.catwalk.ipam.machine.Outcome.Refused;
import dev.catwalk.ipam.model.Ask;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.net.addr.Family;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks for addresses apart, one of each family at a time since the store knows one ask of a node, and
 * waits until the owner of the asked block has answered. Any thread.
 */
final class Asks {
  /** So long the owner of a block has for its answer, seconds. */
  private static final long ANSWERED_WITHIN_S = 5;

  private final Object lock;
  private final Ledger ledger;
  private final Function<Command, CompletableFuture<Outcome>> store;
  private final LongSupplier requestIds;
  private final Function<List<LedgerEntry>, CompletableFuture<Void>> write;

  /** An ask that its owner has not answered, as far as this node has heard. */
  private record Waiting(AskAddress ask, long askedAt, CompletableFuture<@Nullable Denied> end) {}

  /** Guarded by the lock, as all below. */
  private final List<Waiting> waiting = new ArrayList<>();

  private final TreeMap<Family, CompletableFuture<@Nullable Denied>> last = new TreeMap<>();

  /**
   * @param lock guards the ledger
   * @param write brings entries to disk; called under the lock
   */
  Asks(
      Object lock,
      Ledger ledger,
      Function<Command, CompletableFuture<Outcome>> store,
      LongSupplier requestIds,
      Function<List<LedgerEntry>, CompletableFuture<Void>> write) {
    this.lock = lock;
    this.ledger = ledger;
    this.store = store;
    this.requestIds = requestIds;
    this.write = write;
  }

  /**
   * Asks once.
   *
   * @param full why it must
   * @return null when there is an answer, so that the ledger should be looked at again; else why
   *     there is none
   */
  CompletableFuture<@Nullable Denied> ask(AddressRequest request, Denied full) {
    CompletableFuture<@Nullable Denied> mine = new CompletableFuture<>();
    CompletableFuture<@Nullable Denied> before;
    synchronized (lock) {
      CompletableFuture<@Nullable Denied> other = last.put(request.family(), mine);
      before = other == null ? CompletableFuture.<@Nullable Denied>completedFuture(null) : other;
    }
    StoreReports.logged(before.handle((done, failure) -> {
      begin(request, full, mine);
      return null;
    }));
    return mine;
  }

  private void begin(
      AddressRequest request, Denied full, CompletableFuture<@Nullable Denied> mine) {
    AskAddress ask;
    synchronized (lock) {
      ask = ledger.growth().ask(request, requestIds.getAsLong());
    }
    StoreReports.logged(store.apply(ask).handle((outcome, failure) -> {
      if (failure != null) {
        mine.complete(new Denied(
            Why.NO_QUORUM,
            full.what() + "; the store cannot be asked for an address now: "
                + LocalAddresses.message(failure) + " (bring back a majority of its members)"));
      } else {
        answered(ask, outcome, full, mine);
      }
      return null;
    }));
  }

  private void answered(
      AskAddress ask, Outcome outcome, Denied full, CompletableFuture<@Nullable Denied> mine) {
    switch (outcome) {
      case Granted granted -> {
        CompletableFuture<Void> taken;
        synchronized (lock) {
          taken = write.apply(ledger.take(granted));
        }
        StoreReports.logged(taken.handle((done, failure) -> mine.complete(
            failure == null ? null : new Denied(Why.DISK, LocalAddresses.message(failure)))));
      }
      case Asked asked -> {
        synchronized (lock) {
          waiting.add(new Waiting(ask, asked.askedAt(), mine));
        }
        mine.completeOnTimeout(
            new Denied(
                Why.NO_QUORUM,
                full.what() + "; node " + asked.owner().node() + ", whose block " + asked.block()
                    + " is, has not answered: it is asked again, or another"),
            ANSWERED_WITHIN_S,
            TimeUnit.SECONDS);
      }
      case Refused refused ->
        mine.complete(new Denied(
            refused.reason() == Reason.EXHAUSTED ? Why.NO_BLOCK : Why.TAKEN, refused.what()));
      default -> throw new IllegalStateException("no answer to an ask: " + outcome);
    }
  }

  /** The ledger has seen this state, with what became of the asks. */
  void observe(IpamState state, long revision) {
    List<Waiting> ended = new ArrayList<>();
    synchronized (lock) {
      for (Waiting one : waiting) {
        if (one.end().isDone() || revision >= one.askedAt() && !isOpen(state, one.ask())) {
          ended.add(one);
        }
      }
      waiting.removeAll(ended);
    }
    ended.forEach(one -> one.end().complete(null));
  }

  private static boolean isOpen(IpamState state, AskAddress asked) {
    Ask ask = state.asks().get(new Ask.Asker(asked.asker(), asked.family()));
    return ask != null
        && ask.requestId() == asked.requestId()
        && !ask.declined()
        && state.block(ask.block()) != null;
  }
}
