package dev.catwalk.raftstore.store;

import dev.catwalk.raftstore.machine.Applied;
import dev.catwalk.raftstore.machine.MembersMachine;
import dev.catwalk.raftstore.machine.Reply;
import dev.catwalk.raftstore.store.StoreException.Kind;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What callers have of a store's replica in this process, whoever brings it there: their commands go
 * through a {@link Door}, their barriers through {@link Barriers}, and what they follow or copy is
 * the replica. Members and clients of an engine use it alike. Any thread.
 */
public final class Entrance {
  /** So often it is looked whether the state is there that a backup has to hold. */
  private static final long BACKUP_PERIOD_MS = 20;

  private final LocalReplica replica;
  private final Supplier<@Nullable String> doubt;
  private final Door.Later later;
  private final Door door;
  private final Barriers barriers;

  /** How commands and questions come to whoever leads. */
  public interface Way {
    /** See {@link Door.Committer}. */
    CompletableFuture<List<Reply>> commit(byte[] frame);

    /**
     * Asks once for a revision that no command is above that was acknowledged before.
     *
     * @param byEntry does the same by an entry of the log, for a leader that knows no other way
     */
    CompletableFuture<Long> read(Supplier<CompletableFuture<Long>> byEntry);

    /** Whether a majority is thought to answer. */
    boolean quorum();
  }

  /**
   * An entrance for one run of one node.
   *
   * @param doubt why this replica is not to be relied on; null while it is
   * @param clockMs a clock that only goes forward
   */
  public Entrance(
      LocalReplica replica,
      Supplier<@Nullable String> doubt,
      Way way,
      Door.Later later,
      LongSupplier clockMs) {
    this.replica = replica;
    this.doubt = doubt;
    this.later = later;
    BooleanSupplier quorum = way::quorum;
    this.door = new Door(new SecureRandom().nextLong(), way::commit, later, clockMs, quorum);
    this.barriers = new Barriers(() -> way.read(door::barrier), later, clockMs, quorum);
  }

  private @Nullable StoreException refusal() {
    String why = doubt.get();
    return why == null ? null : new StoreException(Kind.DIVERGED, why);
  }

  /** See {@link Store#submit}; who is in the store is changed by {@link Store#change} alone. */
  public CompletableFuture<Applied> submit(String machine, byte[] command) {
    StoreException refusal = refusal();
    if (!replica.knows(machine) || machine.equals(MembersMachine.NAME)) {
      refusal =
          new StoreException(Kind.UNKNOWN_MACHINE, "the store has no machine \"" + machine + "\"");
    }
    return refusal == null
        ? door.submit(machine, command)
        : CompletableFuture.failedFuture(refusal);
  }

  /** The same of the store's own commands. */
  public CompletableFuture<Applied> submitOwn(byte[] command) {
    return door.submit(MembersMachine.NAME, command);
  }

  /** See {@link Store#barrier}. */
  public CompletableFuture<Long> barrier() {
    StoreException refusal = refusal();
    return refusal == null ? barriers.barrier() : CompletableFuture.failedFuture(refusal);
  }

  /** The same by an entry of the log, with which an empty store begins. */
  public CompletableFuture<Long> barrierByEntry() {
    StoreException refusal = refusal();
    return refusal == null ? door.barrier() : CompletableFuture.failedFuture(refusal);
  }

  /** See {@link Store#subscribe}. */
  public Subscription subscribe(long fromRevision, Feed feed) {
    return replica.subscribe(fromRevision, feed);
  }

  /**
   * See {@link Store#backup}.
   *
   * @param barrier of that store
   */
  public CompletableFuture<byte[]> backup(CompletableFuture<Long> barrier) {
    return barrier.thenCompose(
        revision -> replica.snapshotAt(revision, task -> later.after(BACKUP_PERIOD_MS, task)));
  }

  /** The replica is not to be relied on: it tells nobody anything more, and takes no commands. */
  public void refuse(String why) {
    replica.silence();
    close(new StoreException(Kind.DIVERGED, why));
  }

  /** Fails what is pending and takes nothing more. */
  public void close() {
    close(new StoreException(Kind.CLOSED, "the store is closed"));
  }

  private void close(StoreException why) {
    door.close(why);
    barriers.close(why);
  }
}
