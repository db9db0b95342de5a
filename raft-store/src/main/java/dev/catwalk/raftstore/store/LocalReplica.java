package dev.catwalk.raftstore.store;

import dev.catwalk.raftstore.machine.Change;
import dev.catwalk.raftstore.machine.Machine;
import dev.catwalk.raftstore.machine.ReplicatedCore;
import dev.catwalk.raftstore.machine.Reply;
import dev.catwalk.raftstore.machine.StateMark;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This member's state and those who follow it: the pure core behind a lock, shared by the engine's
 * thread, which applies, and the feeds' thread, which reads. Every engine uses it.
 */
public final class LocalReplica {
  private static final Logger LOG = LoggerFactory.getLogger(LocalReplica.class);
  private static final int CHANGES_AT_ONCE = 256;
  private static final long SNAPSHOT_WITHIN_S = 10;

  private final Object lock = new Object();
  private final ReplicatedCore core;
  private final Executor feeds;
  private final AtomicBoolean delivering = new AtomicBoolean();
  private final List<Follower> followers = new ArrayList<>();
  private boolean silent;

  private final class Follower implements Subscription {
    private final Feed feed;
    private long position;
    private volatile boolean closed;

    Follower(long position, Feed feed) {
      this.position = position;
      this.feed = feed;
    }

    @Override
    public void close() {
      closed = true;
      synchronized (lock) {
        followers.remove(this);
      }
    }

    /** Tells the follower what is next; false if it knows everything. */
    boolean deliver() {
      List<Change> changes;
      synchronized (lock) {
        changes = silent ? List.of() : core.changesAfter(position, CHANGES_AT_ONCE);
      }
      for (Change change : changes) {
        if (closed) {
          return false;
        }
        try {
          feed.changed(change);
        } catch (RuntimeException e) {
          LOG.error(
              "a follower of the store failed at revision {}: it is dropped", change.revision(), e);
          close();
          return false;
        }
        position = change.revision();
      }
      return !changes.isEmpty();
    }
  }

  /**
   * A replica of a fresh state.
   *
   * @param feeds runs the feeds, one task at a time
   */
  public LocalReplica(List<Machine> machines, Executor feeds) {
    this.core = new ReplicatedCore(machines);
    this.feeds = feeds;
  }

  /** See {@link ReplicatedCore#apply}. */
  public List<Reply> apply(long index, byte[] entry) {
    List<Reply> replies;
    synchronized (lock) {
      replies = core.apply(index, entry);
    }
    wake();
    return replies;
  }

  /** See {@link ReplicatedCore#begin}. */
  public void begin(String origin) {
    synchronized (lock) {
      core.begin(origin);
    }
  }

  /** See {@link ReplicatedCore#follow}; false at the first change that came out otherwise. */
  public boolean follow(List<Change.Committed> changes) {
    synchronized (lock) {
      for (Change.Committed change : changes) {
        if (!core.follow(change)) {
          silent = true;
          return false;
        }
      }
    }
    wake();
    return true;
  }

  /** See {@link ReplicatedCore#committedAfter}. */
  public @Nullable List<Change.Committed> committedAfter(long from, int limit, long bytes) {
    synchronized (lock) {
      return silent ? List.of() : core.committedAfter(from, limit, bytes);
    }
  }

  /** See {@link ReplicatedCore#skip}. */
  public void skip(long index) {
    synchronized (lock) {
      core.skip(index);
    }
  }

  /** See {@link ReplicatedCore#snapshot}. */
  public byte[] snapshot() {
    synchronized (lock) {
      return core.snapshot();
    }
  }

  /**
   * A snapshot that holds at least this revision, which the log will bring.
   *
   * @param later runs a task a little later
   */
  public CompletableFuture<byte[]> snapshotAt(long revision, Executor later) {
    CompletableFuture<byte[]> future = new CompletableFuture<>();
    snapshotAt(revision, later, future);
    return future.orTimeout(SNAPSHOT_WITHIN_S, TimeUnit.SECONDS);
  }

  private void snapshotAt(long revision, Executor later, CompletableFuture<byte[]> future) {
    if (revision() >= revision) {
      future.complete(snapshot());
    } else if (!future.isDone()) {
      later.execute(() -> snapshotAt(revision, later, future));
    }
  }

  /** See {@link ReplicatedCore#restore}. */
  public void restore(byte[] snapshot) {
    synchronized (lock) {
      core.restore(snapshot);
    }
    wake();
  }

  /** See {@link ReplicatedCore#index}. */
  public long index() {
    synchronized (lock) {
      return core.index();
    }
  }

  /** See {@link ReplicatedCore#revision}. */
  public long revision() {
    synchronized (lock) {
      return core.revision();
    }
  }

  /** Reads from a machine of this replica, between two commands. */
  public <T extends @Nullable Object> T read(Supplier<T> reading) {
    synchronized (lock) {
      return reading.get();
    }
  }

  /** See {@link ReplicatedCore#origin}. */
  public String origin() {
    synchronized (lock) {
      return core.origin();
    }
  }

  /** See {@link ReplicatedCore#mark}. */
  public @Nullable StateMark mark(long revision) {
    synchronized (lock) {
      return core.mark(revision);
    }
  }

  /** Tells the followers nothing more: the state is not to be relied on. */
  public void silence() {
    synchronized (lock) {
      silent = true;
    }
  }

  /** Whether a machine of this name is here. */
  public boolean knows(String machine) {
    return core.knows(machine);
  }

  /** See {@link ReplicatedCore#format}. */
  public int format(String machine, byte[] command) {
    return core.format(machine, command);
  }

  /** See {@link ReplicatedCore#elapses}. */
  public boolean elapses(String machine, byte[] command) {
    return core.elapses(machine, command);
  }

  /** See {@link ReplicatedCore#periodMs}. */
  public long periodMs() {
    synchronized (lock) {
      return core.periodMs();
    }
  }

  /** See {@link ReplicatedCore#elapse}. */
  public SortedMap<String, byte[]> elapse(long elapsedMs) {
    synchronized (lock) {
      return core.elapse(elapsedMs);
    }
  }

  /** The status of this member, with revision and hash of one moment. */
  public StoreStatus status(
      StoreStatus.Role role,
      @Nullable String leader,
      List<String> members,
      String origin,
      boolean quorum,
      String transport,
      @Nullable String problem) {
    synchronized (lock) {
      return new StoreStatus(
          role,
          leader,
          members,
          core.revision(),
          core.stateHash(),
          origin,
          quorum,
          transport,
          problem);
    }
  }

  /** See {@link Store#subscribe}. */
  public Subscription subscribe(long fromRevision, Feed feed) {
    Follower follower = new Follower(fromRevision, feed);
    synchronized (lock) {
      followers.add(follower);
    }
    wake();
    return follower;
  }

  private void wake() {
    if (delivering.compareAndSet(false, true)) {
      feeds.execute(this::deliver);
    }
  }

  private void deliver() {
    delivering.set(false);
    List<Follower> all;
    synchronized (lock) {
      all = List.copyOf(followers);
    }
    boolean more = false;
    for (Follower follower : all) {
      more |= follower.deliver();
    }
    if (more) {
      wake();
    }
  }
}
