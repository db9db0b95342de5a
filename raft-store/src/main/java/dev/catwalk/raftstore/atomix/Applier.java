package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.machine.Reply;
import dev.catwalk.raftstore.store.LocalReplica;
import io.atomix.protocols.raft.impl.RaftServiceManager;
import io.atomix.protocols.raft.storage.log.RaftLogReader;
import io.atomix.protocols.raft.storage.log.entry.OpenSessionEntry;
import io.atomix.protocols.raft.storage.log.entry.RaftLogEntry;
import io.atomix.storage.journal.Indexed;
import io.atomix.utils.concurrent.ThreadContext;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies what Raft commits, each entry once and in order, and takes the snapshots. Stands where
 * Atomix has a state manager that skips entries which fail, restores onto a live service and
 * compacts what no snapshot covers. Here everything happens on the Raft thread between two entries,
 * so index and state always fit, and whatever fails stops the process.
 *
 * <p>A frame of commands travels as the {@code serviceConfig} of Atomix's open-session entry: the
 * only entry with room for bytes that its leader accepts outside a session.
 */
final class Applier extends RaftServiceManager {
  private static final Logger LOG = LoggerFactory.getLogger(Applier.class);
  private static final int ENTRIES_AT_ONCE = 256;
  private static final int MAX_KEPT_REPLIES = 1024;

  private final RaftEngine raft;
  private final LocalReplica replica;
  private final SnapshotFiles snapshots;
  private final long snapshotBytes;
  private final Consumer<Throwable> fatal;
  private Runnable advanced = () -> {};

  private final TreeMap<Long, CompletableFuture<Object>> awaited = new TreeMap<>();
  private final Map<Long, List<Reply>> replies = new LinkedHashMap<>();
  private RaftLogReader reader;
  private long applied;
  private long appliedTerm;
  private long target;
  private long bytesSinceSnapshot;
  private boolean snapshotUnderWay;
  private volatile @Nullable Thread snapshotThread;
  private boolean scheduled;
  private boolean readAheadIsOld;
  private boolean stopped;

  /**
   * An applier for a replica that holds the state of the newest snapshot.
   *
   * @param snapshotBytes a snapshot is taken when so much of the log was applied since the last one
   * @param fatal stops the process
   */
  Applier(
      RaftEngine raft,
      LocalReplica replica,
      SnapshotFiles snapshots,
      long snapshotBytes,
      Consumer<Throwable> fatal) {
    super(raft, raft.getThreadContext(), Applier::noThreads);
    this.raft = raft;
    this.replica = replica;
    this.snapshots = snapshots;
    this.snapshotBytes = snapshotBytes;
    this.fatal = fatal;
    this.applied = replica.index();
    this.reader = raft.getLog().openReader(applied + 1, RaftLogReader.Mode.ALL);
  }

  private static ThreadContext noThreads() {
    throw new UnsupportedOperationException("no Atomix service or session is ever made");
  }

  /** Has this run on the Raft thread whenever entries were applied; before the server joins. */
  void whenAdvanced(Runnable task) {
    advanced = task;
  }

  /** The newest entry whose effect is in the replica. Raft thread. */
  long applied() {
    return applied;
  }

  /** The term of entry {@link #applied}; 0 if it came with a snapshot. Raft thread. */
  long appliedTerm() {
    return appliedTerm;
  }

  /** The replies to the commands of an entry that this leader wrote; at most once. Raft thread. */
  @Nullable
  List<Reply> takeReplies(long index) {
    return replies.remove(index);
  }

  /**
   * Entries above {@link #applied} were removed: what the reader has read ahead was never committed.
   * Raft thread.
   */
  void forgetReadAhead() {
    readAheadIsOld = true;
  }

  @Override
  public void applyAll(long index) {
    target = Math.max(target, index);
    advance();
  }

  @Override
  @SuppressWarnings("unchecked") // Atomix asks for Long after an open-session entry, else for null.
  public <T> CompletableFuture<T> apply(long index) {
    CompletableFuture<Object> future =
        awaited.computeIfAbsent(index, i -> new CompletableFuture<>());
    if (index <= applied) {
      awaited.remove(index);
      future.complete(index);
    } else {
      applyAll(index);
    }
    return (CompletableFuture<T>) future;
  }

  @Override
  public <T> CompletableFuture<T> apply(Indexed<? extends RaftLogEntry> entry) {
    return CompletableFuture.failedFuture(
        new UnsupportedOperationException("queries and metadata do not go through the log"));
  }

  /** Atomix has no room for a new segment: shrink the log now; the entry is refused meanwhile. */
  @Override
  public CompletableFuture<Void> compact() {
    takeSnapshot();
    return CompletableFuture.failedFuture(new IOException("the store's disk is full"));
  }

  private void advance() {
    if (stopped) {
      return;
    }
    try {
      long before = applied;
      for (int i = 0; applied < target && i < ENTRIES_AT_ONCE; i++) {
        if (!applyNext()) {
          break;
        }
      }
      if (applied > before) {
        raft.setLastApplied(applied);
        completeAwaited();
        if (bytesSinceSnapshot >= snapshotBytes) {
          takeSnapshot();
        }
        advanced.run();
        if (applied < target && !scheduled) {
          scheduled = true;
          raft.getThreadContext().execute(this::continueLater);
        }
      }
    } catch (RuntimeException | Error e) {
      stopped = true;
      fatal.accept(e);
    }
  }

  private void continueLater() {
    scheduled = false;
    advance();
  }

  private boolean applyNext() {
    if (readAheadIsOld || reader.getNextIndex() != applied + 1) {
      reader.reset(applied + 1);
      readAheadIsOld = false;
    }
    if (!reader.hasNext()) {
      if (reader.getFirstIndex() > applied + 1) {
        throw new IllegalStateException(gap());
      }
      return false;
    }
    Indexed<RaftLogEntry> entry = reader.next();
    if (entry.index() != applied + 1) {
      throw new IllegalStateException(gap());
    }
    if (entry.type() == OpenSessionEntry.class) {
      byte[] frame = entry.<OpenSessionEntry>cast().entry().serviceConfig();
      List<Reply> answers = replica.apply(entry.index(), frame);
      if (awaited.containsKey(entry.index())) {
        replies.put(entry.index(), answers);
        if (replies.size() > MAX_KEPT_REPLIES) {
          replies.remove(replies.keySet().iterator().next());
        }
      }
    } else {
      replica.skip(entry.index());
    }
    applied = entry.index();
    appliedTerm = entry.entry().term();
    bytesSinceSnapshot += entry.size();
    return true;
  }

  private String gap() {
    return "the log begins at entry " + reader.getFirstIndex() + " but the state ends at " + applied
        + ": a snapshot is missing or damaged; remove this member's directory and let it join anew";
  }

  private void completeAwaited() {
    while (!awaited.isEmpty() && awaited.firstKey() <= applied) {
      Map.Entry<Long, CompletableFuture<Object>> first = awaited.pollFirstEntry();
      first.getValue().complete(first.getKey());
    }
  }

  /**
   * Goes on from a snapshot of the leader, which is verified and on our disk. The log below it is
   * given up whole: what it holds need not be what was committed. Raft thread.
   */
  void install(SnapshotFiles.Snapshot snapshot) {
    try {
      raft.getLogWriter().reset(snapshot.index() + 1);
      replica.restore(snapshot.bytes());
      reader.close();
      reader = raft.getLog().openReader(snapshot.index() + 1, RaftLogReader.Mode.ALL);
      raft.getLogReader().reset(snapshot.index() + 1);
      applied = snapshot.index();
      appliedTerm = 0;
      bytesSinceSnapshot = 0;
      raft.setLastApplied(applied);
      completeAwaited();
      LOG.info("the state is now that of the leader's snapshot at entry {}", applied);
      advance();
    } catch (RuntimeException | Error e) {
      stopped = true;
      fatal.accept(e);
    }
  }

  private void takeSnapshot() {
    if (snapshotUnderWay || stopped) {
      return;
    }
    snapshotUnderWay = true;
    bytesSinceSnapshot = 0;
    long index = applied;
    byte[] bytes = replica.snapshot();
    snapshotThread = Thread.ofPlatform().daemon().name("store-snapshot").start(() -> {
      try {
        snapshots.write(index, bytes);
        long compactable = snapshots.compactable();
        raft.getThreadContext().execute(() -> shrinkLog(compactable));
      } catch (IOException | RuntimeException | Error e) {
        fatal.accept(e);
      }
    });
  }

  /** Removes whole segments that end below {@code index}. */
  private void shrinkLog(long index) {
    snapshotUnderWay = false;
    if (stopped) {
      return;
    }
    try {
      long head = raft.getLog().getCompactableIndex(index);
      // Atomix moves readers that are below the new head and breaks those that are just at it.
      for (var member : raft.getCluster().getRemoteMemberStates()) {
        stepPast(member.getLogReader(), head);
      }
      stepPast(raft.getLogReader(), head);
      stepPast(reader, head);
      raft.getLog().compact(index);
    } catch (RuntimeException | Error e) {
      stopped = true;
      fatal.accept(e);
    }
  }

  private static void stepPast(@Nullable RaftLogReader reader, long head) {
    if (reader instanceof RecentReader ours) {
      ours.stepPast(head);
    } else if (reader != null && reader.getNextIndex() == head) {
      reader.reset(head + 1);
    }
  }

  /** Applies nothing more. Raft thread. */
  void stop() {
    stopped = true;
  }

  /** After {@link #stop}: waits until nothing is written to the directory any more. Any thread. */
  void awaitSnapshot() throws InterruptedException {
    Thread thread = snapshotThread;
    if (thread != null) {
      thread.join();
    }
  }

  @Override
  public void close() {
    stopped = true;
  }
}
