package dev.catwalk.felix.alloc;

import dev.catwalk.felix.alloc.AllocationJournal.Group;
import dev.catwalk.ipam.machine.AddressRequest;
import dev.catwalk.ipam.machine.AllocationRules;
import dev.catwalk.ipam.machine.Command.Wanted;
import dev.catwalk.ipam.machine.Grant.Denied;
import dev.catwalk.ipam.machine.Grant.Why;
import dev.catwalk.ipam.machine.Grants;
import dev.catwalk.ipam.machine.Ledger;
import dev.catwalk.ipam.machine.Ledger.Decision;
import dev.catwalk.ipam.machine.LedgerEntry;
import dev.catwalk.ipam.machine.Outcome;
import dev.catwalk.ipam.machine.Stock;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands out the addresses of this node's own blocks: decided here, on disk here, answered, and told
 * to the store behind. The store is waited for only when a further block is needed.
 *
 * <p>Any thread may call. Futures are completed on the journal's or the store's thread: what takes
 * time after them belongs elsewhere ({@code thenAcceptAsync}). Before the first call of {@link
 * #allocate} after a start, {@link #observe} should have been told the state that this member has.
 */
public final class LocalAddresses implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LocalAddresses.class);

  /** So long after a failure the store is told again, milliseconds. */
  private static final long AGAIN_MS = 500;

  /** So far apart it is told of changes at least: what comes in between goes together, ms. */
  private static final long APART_MS = 100;

  private final Object lock = new Object();
  private final AllocationJournal journal;

  /** Guarded by the lock. */
  private final StoreBinding binding;

  /** Not asked anything under the lock: it has locks of its own. */
  private final Submitter store;

  /** Guarded by the lock, as all below. */
  private final Ledger ledger;

  private final StoreReports reports;
  private final Asks asks;
  private final BlockClaims claims;
  private final Executor later;

  LocalAddresses(
      NodeEpoch owner,
      AllocationJournal journal,
      StoreBinding binding,
      Submitter store,
      Executor later,
      Executor apart,
      LongSupplier requestIds)
      throws JournalException {
    this.journal = journal;
    this.binding = binding;
    this.store = store;
    this.later = later;
    this.ledger = new Ledger(owner);
    this.reports = new StoreReports(lock, ledger, binding, store, later, apart, this::write);
    this.asks = new Asks(lock, ledger, reports::submit, requestIds, this::write);
    this.claims =
        new BlockClaims(lock, ledger, binding, store, reports::submit, requestIds, this::write);
    try {
      journal.recovered().forEach(ledger::replay);
    } catch (IllegalArgumentException e) {
      throw new JournalException("the allocation journal contradicts itself: " + e.getMessage(), e);
    }
  }

  /**
   * Reads the node's own record.
   *
   * @param dataDir where {@link NodeIdentity} has made {@code owner}
   * @throws JournalException with file and remedy if the record cannot be used
   */
  public static LocalAddresses open(Path dataDir, NodeEpoch owner, Submitter store)
      throws IOException {
    AllocationJournal journal = AllocationJournal.open(dataDir, owner);
    try {
      return new LocalAddresses(
          owner,
          journal,
          new StoreBinding(dataDir),
          store,
          CompletableFuture.delayedExecutor(AGAIN_MS, TimeUnit.MILLISECONDS),
          CompletableFuture.delayedExecutor(APART_MS, TimeUnit.MILLISECONDS),
          new SecureRandom()::nextLong);
    } catch (IOException e) {
      journal.close();
      throw e;
    }
  }

  /**
   * What {@link #promise} gives.
   *
   * @param durable the same when it is on disk; {@link Grants.None} if it cannot be brought there
   */
  public record Promise(Grants grants, CompletableFuture<Grants> durable) {}

  /**
   * Gives addresses, all that are asked for or none, in one record on disk: the same ones if the
   * handle has them already; from a further block if the own ones are full. Never fails otherwise
   * than by {@link Grants.None}.
   *
   * @param requests one for each family at most, all of one handle; at least one
   */
  public CompletableFuture<Grants> allocate(List<AddressRequest> requests) {
    return promise(requests).thenCompose(Promise::durable);
  }

  /**
   * As {@link #allocate}, but answers when the end of this process cannot undo it any more. What is
   * built upon it before it is on disk must be such that it does not outlive the machine; nobody
   * may be told of it.
   */
  public CompletableFuture<Promise> promise(List<AddressRequest> requests) {
    return promise(requests, new Attempts());
  }

  /** What has been tried for one call. */
  private static final class Attempts {
    /** So often the store is asked for an address apart, or is waited for where one moves. */
    private static final int MOST = 8;

    /** Wanted addresses whose blocks have been claimed for this: once, not twice. */
    final SortedSet<IpAddress> claimed = new TreeSet<>();

    int asks;
    boolean grown;
  }

  private CompletableFuture<Promise> promise(List<AddressRequest> requests, Attempts attempts) {
    Decision decision;
    boolean further;
    Group group;
    CompletableFuture<Void> onDisk;
    String there = store.origin();
    synchronized (lock) {
      String refusal = binding.refusal(there);
      if (refusal != null) {
        return refused(requests.getFirst(), new Denied(Why.OTHER_STORE, refusal));
      }
      decision = ledger.allocate(requests);
      further = decision.grants() instanceof Grants.None(AddressRequest request, Denied denied)
          && ledger.growth().mayClaimFor(request, denied)
          && (request.wanted() == null || attempts.claimed.add(request.wanted()));
      group = journal.put(decision.entries());
      onDisk = known(decision.entries(), group.synced);
    }
    Grants grants = decision.grants();
    if (grants instanceof Grants.None(AddressRequest request, Denied denied)) {
      if (!further) {
        return apart(requests, attempts, request, denied);
      }
      return claims
          .furtherBlock(request, denied)
          .thenCompose(why ->
              why == null ? promise(requests, attempts) : apart(requests, attempts, request, why));
    }
    CompletableFuture<Grants> durable = onDisk.handle((done, failure) ->
        failure == null ? grants : new Grants.None(requests.getFirst(), undone(failure)));
    return group.written.handle((done, failure) -> new Promise(
        failure == null ? grants : new Grants.None(requests.getFirst(), undone(failure)), durable));
  }

  /** Where no further block serves: one address apart, where that may be; else the refusal. */
  private CompletableFuture<Promise> apart(
      List<AddressRequest> requests, Attempts attempts, AddressRequest request, Denied denied) {
    boolean kept = request.keptFor() != null;
    boolean may;
    synchronized (lock) {
      may = ledger.growth().mayAskFor(request, denied);
    }
    if (attempts.asks >= Attempts.MOST) {
      return refused(request, denied);
    }
    attempts.asks++;
    if (kept && denied.why() == Why.BACKLOG) {
      return CompletableFuture.runAsync(() -> {}, later)
          .thenCompose(done -> promise(requests, attempts));
    }
    if (!may) {
      return refused(request, denied);
    }
    return asks.ask(request, denied).thenCompose(why -> {
      if (why == null) {
        return promise(requests, attempts);
      }
      if (!kept || why.why() != Why.NO_BLOCK || attempts.grown) {
        return refused(request, why);
      }
      attempts.grown = true;
      return claims
          .furtherBlock(request, why)
          .thenCompose(full -> full == null ? promise(requests, attempts) : refused(request, full));
    });
  }

  private static CompletableFuture<Promise> refused(AddressRequest request, Denied why) {
    Grants none = new Grants.None(request, why);
    return CompletableFuture.completedFuture(
        new Promise(none, CompletableFuture.completedFuture(none)));
  }

  /**
   * Takes back all that a handle has.
   *
   * @return what that was, when it is on disk; fails with {@link JournalException} if it cannot be
   */
  public CompletableFuture<List<Allocation>> release(Handle handle) {
    synchronized (lock) {
      List<Allocation> held = ledger.heldBy(handle);
      return write(ledger.release(handle, System.currentTimeMillis())).thenApply(done -> held);
    }
  }

  /**
   * Pods are there with these addresses, and the record of them was lost: nobody else gets them. To
   * be called before the first {@link #allocate}.
   */
  public CompletableFuture<Void> adopt(List<Allocation> found) {
    synchronized (lock) {
      return write(ledger.adopt(found));
    }
  }

  /** What {@link #adopt} was told of and is in no block of this node yet. */
  public List<Allocation> remains() {
    synchronized (lock) {
      return ledger.remains();
    }
  }

  /** Keeps to these rules from now on. */
  public void govern(AllocationRules rules) {
    synchronized (lock) {
      ledger.govern(rules);
    }
  }

  /**
   * Claims a block in the store, as at the node's start. Asking again for what is there already is
   * no mistake, nor after no answer came: it is the same claim then, and gives one block.
   *
   * @return the store's outcome, when a granted block is ready for use
   */
  public CompletableFuture<Outcome> claim(Wanted wanted) {
    return claims.atStart(wanted);
  }

  /** What the replicated state says at this revision: of claims, and of what it has been told. */
  public void observe(IpamState state, long revision) {
    String there = store.origin();
    synchronized (lock) {
      if (!binding.meet(there, ledger.blocks().isEmpty())) {
        return;
      }
      List<LedgerEntry> entries = ledger.observe(state, revision);
      for (LedgerEntry entry : entries) {
        if (entry instanceof LedgerEntry.Lost) {
          LOG.warn("block lost block={} node={}", entry.block(), ledger.owner());
        }
      }
      StoreReports.logged(write(entries));
      StoreReports.logged(write(ledger.answerAsks(state, System.currentTimeMillis())));
      StoreReports.logged(write(ledger.tidy(System.currentTimeMillis())));
    }
    asks.observe(state, revision);
    reports.tell();
  }

  /** The life of the node that this hands out for. */
  public NodeEpoch owner() {
    return ledger.owner();
  }

  /** Own blocks, in address order. */
  public List<Prefix> blocks() {
    synchronized (lock) {
      return ledger.blocks();
    }
  }

  /** How many addresses of the own blocks are free. */
  public int free() {
    synchronized (lock) {
      return ledger.free();
    }
  }

  /** All that is handed out, in address order. */
  public List<Allocation> held() {
    synchronized (lock) {
      return ledger.held();
    }
  }

  /** What there is in each of the own blocks, in address order. */
  public List<Stock> stock() {
    synchronized (lock) {
      return ledger.stock(System.currentTimeMillis());
    }
  }

  /** What is set apart in each own block that it can be in, in address order. */
  public SortedMap<Prefix, SortedSet<IpAddress>> apart() {
    TreeMap<Prefix, SortedSet<IpAddress>> all = new TreeMap<>();
    synchronized (lock) {
      for (Prefix block : ledger.blocks()) {
        if (!block.isHost()) {
          all.put(block, new TreeSet<>(ledger.apartIn(block)));
        }
      }
    }
    return all;
  }

  /** What a handle holds, in address order. */
  public List<Allocation> heldBy(Handle handle) {
    synchronized (lock) {
      return ledger.heldBy(handle);
    }
  }

  /** How many changes the store has not acknowledged. */
  public int pending() {
    synchronized (lock) {
      return ledger.pending();
    }
  }

  /** What is wrong, each with its remedy. */
  public List<String> problems() {
    String there = store.origin();
    synchronized (lock) {
      List<String> all = new ArrayList<>(ledger.problems());
      String refusal = binding.refusal(there);
      if (refusal != null) {
        all.add(refusal);
      }
      IOException failure = journal.failure();
      if (failure != null) {
        all.add(String.valueOf(failure.getMessage()));
      }
      return all;
    }
  }

  @Override
  public void close() throws IOException {
    reports.close();
    journal.close();
  }

  /** Under the lock, so that the disk has the order in which it was decided. */
  private CompletableFuture<Void> write(List<LedgerEntry> entries) {
    return known(entries, journal.append(entries));
  }

  private CompletableFuture<Void> known(List<LedgerEntry> entries, CompletableFuture<Void> synced) {
    if (entries.isEmpty()) {
      return synced;
    }
    CompletableFuture<Void> known = synced.thenRun(() -> {
      synchronized (lock) {
        ledger.onDisk(entries);
      }
      reports.tell();
    });
    if (journal.wantsRewrite()) {
      StoreReports.logged(journal.rewrite(ledger.image()));
    }
    return known;
  }

  static Denied undone(Throwable failure) {
    return new Denied(Why.DISK, message(failure));
  }

  static String message(Throwable failure) {
    Throwable cause = Objects.requireNonNull(cause(failure));
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }

  static @Nullable Throwable cause(@Nullable Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? cause(failure.getCause())
        : failure;
  }
}
