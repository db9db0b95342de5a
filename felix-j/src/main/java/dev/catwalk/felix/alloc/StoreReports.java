package dev.catwalk.felix.alloc;

import dev.catwalk.ipam.machine.Command;
import dev.catwalk.ipam.machine.Command.GiveBack;
import dev.catwalk.ipam.machine.Command.RecordAllocations;
import dev.catwalk.ipam.machine.Ledger;
import dev.catwalk.ipam.machine.LedgerEntry;
import dev.catwalk.ipam.machine.Outcome;
import dev.catwalk.ipam.machine.Outcome.Refused;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the store what a node did in its blocks, behind and in order, and which blocks it gives
 * back, as often as it takes. Any thread.
 */
final class StoreReports {
  private static final Logger LOG = LoggerFactory.getLogger(StoreReports.class);

  private final Object lock;
  private final Ledger ledger;
  private final StoreBinding binding;
  private final Submitter store;
  private final Executor later;
  private final Executor apart;
  private final Function<List<LedgerEntry>, CompletableFuture<Void>> write;

  /** Guarded by the lock, as all below. */
  private boolean telling;

  private boolean resting;
  private boolean closed;

  /**
   * @param lock guards the ledger and the binding
   * @param write brings entries to disk; called under the lock
   */
  StoreReports(
      Object lock,
      Ledger ledger,
      StoreBinding binding,
      Submitter store,
      Executor later,
      Executor apart,
      Function<List<LedgerEntry>, CompletableFuture<Void>> write) {
    this.lock = lock;
    this.ledger = ledger;
    this.binding = binding;
    this.store = store;
    this.later = later;
    this.apart = apart;
    this.write = write;
  }

  /** Nothing more is told. */
  void close() {
    synchronized (lock) {
      closed = true;
    }
  }

  /** Tells the store what is on disk; one thread at a time, the others leave it to that one. */
  void tell() {
    synchronized (lock) {
      if (telling || resting) {
        return;
      }
      telling = true;
    }
    for (Command command = next(); command != null; command = next()) {
      Command sent = command;
      rest();
      logged(submit(sent).handle((outcome, failure) -> {
        if (failure == null) {
          answered(sent, outcome);
        } else {
          LOG.debug("the store does not answer, again soon what={}", sent, failure);
          later.execute(() -> again(sent));
        }
        return null;
      }));
    }
  }

  /** What is decided meanwhile is told afterwards, together. */
  private void rest() {
    synchronized (lock) {
      if (resting) {
        return;
      }
      resting = true;
    }
    apart.execute(() -> {
      synchronized (lock) {
        resting = false;
      }
      tell();
    });
  }

  private @Nullable Command next() {
    String there = store.origin();
    synchronized (lock) {
      boolean silent = closed || binding.refusal(there) != null;
      Command next = silent ? null : ledger.nextBatch();
      if (next == null && !silent) {
        next = ledger.nextGiveBack();
      }
      telling = next != null;
      return next;
    }
  }

  private void answered(Command sent, Outcome outcome) {
    synchronized (lock) {
      switch (sent) {
        case RecordAllocations batch -> logged(write.apply(ledger.answered(batch, outcome)));
        case GiveBack back -> {
          LOG.info("block given back block={}", back.block());
          logged(write.apply(ledger.answered(back, outcome)));
        }
        default -> throw new IllegalStateException("this is not told: " + sent);
      }
    }
    if (outcome instanceof Refused refused) {
      LOG.error("the store refuses what this node did why={}", refused.what());
    }
    tell();
  }

  private void again(Command sent) {
    synchronized (lock) {
      ledger.unanswered(block(sent));
    }
    tell();
  }

  private static Prefix block(Command sent) {
    return switch (sent) {
      case RecordAllocations batch -> batch.block();
      case GiveBack back -> back.block();
      default -> throw new IllegalStateException("this is not told: " + sent);
    };
  }

  CompletableFuture<Outcome> submit(Command command) {
    try {
      return store.submit(command);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  static void logged(CompletableFuture<?> future) {
    CompletableFuture<?> unused = future.whenComplete((done, failure) -> {
      if (failure != null) {
        LOG.error("an own record or claim has failed", failure);
      }
    });
  }
}
