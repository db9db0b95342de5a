package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.machine.Roster;
import dev.catwalk.raftstore.store.Door;
import dev.catwalk.raftstore.store.StoreConfig;
import io.atomix.cluster.MemberId;
import io.atomix.primitive.PrimitiveType;
import io.atomix.primitive.PrimitiveTypeRegistry;
import io.atomix.protocols.raft.RaftServer;
import io.atomix.protocols.raft.cluster.RaftMember;
import io.atomix.protocols.raft.cluster.impl.DefaultRaftMember;
import io.atomix.protocols.raft.cluster.impl.RaftMemberContext;
import io.atomix.protocols.raft.impl.RaftContext;
import io.atomix.protocols.raft.impl.RaftServiceManager;
import io.atomix.protocols.raft.protocol.RaftServerProtocol;
import io.atomix.protocols.raft.storage.RaftStorage;
import io.atomix.protocols.raft.storage.log.RaftLog;
import io.atomix.protocols.raft.storage.log.RaftLogReader;
import io.atomix.protocols.raft.storage.log.RaftLogWriter;
import io.atomix.protocols.raft.storage.log.entry.RaftLogEntry;
import io.atomix.protocols.raft.storage.snapshot.Snapshot;
import io.atomix.protocols.raft.storage.snapshot.SnapshotStore;
import io.atomix.protocols.raft.storage.system.Configuration;
import io.atomix.storage.StorageLevel;
import io.atomix.utils.concurrent.ThreadContext;
import io.atomix.utils.time.WallClockTimestamp;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Atomix's Raft server with its state manager, snapshot store and log writer replaced by ours.
 * Atomix asks for them through these getters only, so its own never apply, snapshot, compact or cut
 * anything.
 */
final class RaftEngine extends RaftContext {
  /** Of the names of the log's files. */
  static final String PREFIX = "raft";

  /** The largest log entry: a frame and what Atomix puts around it. */
  private static final int MAX_ENTRY = Door.MAX_FRAME + 4096;

  /** So many that Atomix's leader looks whether it still has a majority. */
  private static final int ENOUGH_FAILURES = 3;

  /**
   * How many appends to a member Atomix waits for the answer of: it sends nothing more to one of whom
   * that is not 0 or, if it has just said yes, not below 2.
   */
  private static final VarHandle UNDER_WAY = underWay();

  private final @Nullable SnapshotStore noSnapshots;
  private final @Nullable RaftLogWriter writer;
  private final @Nullable RaftLog log;
  private final @Nullable ThreadContext context;
  private @Nullable Applier applier;
  private Runnable deposed = () -> {};
  private @Nullable Seats seats;

  /**
   * A server with the log in a directory, which has joined no cluster yet.
   *
   * @param tail of that log
   * @param syncAtCommit whether Atomix syncs the log when it commits
   * @param beforeCut is told the last entry that stays, before others are removed from that log
   * @param context the Raft thread; null for one of Atomix's own
   */
  RaftEngine(
      StoreConfig config,
      Tuning tuning,
      RaftServerProtocol protocol,
      Path directory,
      LogTail tail,
      boolean syncAtCommit,
      LongConsumer beforeCut,
      @Nullable ThreadContext context) {
    this(
        MemberId.from(config.memberName()),
        protocol,
        storage(directory, tuning, syncAtCommit),
        tail,
        beforeCut,
        context);
    setHeartbeatInterval(tuning.heartbeat());
    setElectionTimeout(tuning.election());
  }

  private RaftEngine(
      MemberId local,
      RaftServerProtocol protocol,
      RaftStorage storage,
      LogTail tail,
      LongConsumer beforeCut,
      @Nullable ThreadContext context) {
    super(
        local.id(),
        local,
        new FixedMembership(local),
        protocol,
        storage,
        new NoPrimitives(),
        RaftEngine::noThreads,
        false);
    this.context = context;
    this.noSnapshots = new NoSnapshots(storage);
    RecentEntries recent = new RecentEntries();
    CutWriter cuts = new CutWriter(
        super.getLogWriter(),
        super.getLog(),
        tail,
        beforeCut,
        this::afterCut,
        recent,
        this::written);
    this.writer = cuts;
    this.log = new RecentLog(super.getLog(), recent, cuts::getLastIndex);
  }

  private static RaftStorage storage(Path directory, Tuning tuning, boolean syncAtCommit) {
    return RaftStorage.builder()
        .withPrefix(PREFIX)
        .withDirectory(directory.toFile())
        .withStorageLevel(StorageLevel.DISK)
        .withNamespace(RaftNamespace.RAFT)
        .withMaxSegmentSize(tuning.segmentBytes())
        .withMaxEntrySize(MAX_ENTRY)
        .withDynamicCompaction(false)
        .withFlushOnCommit(syncAtCommit)
        .build();
  }

  /** Puts our state manager in place, before the server joins its cluster. */
  void use(Applier ours) {
    applier = ours;
  }

  /** Has these know what is written to the log and cut off it; before the server joins. */
  void use(Seats ours) {
    seats = ours;
  }

  private void written(RaftLogEntry entry, long index) {
    if (seats != null) {
      seats.appended(index, entry);
    }
  }

  private void afterCut() {
    forgetReadAhead();
    if (seats != null) {
      seats.cut(getLogWriter().getLastIndex());
    }
  }

  /**
   * Whom Atomix counts, appends to and asks for votes from now on. Its number of a configuration is
   * only ours to rise here: what it says to other members about it is not listened to. Raft thread.
   */
  void configure(Roster roster) {
    List<RaftLogReader> before = memberReaders();
    Instant now = Instant.now();
    List<RaftMember> members = new ArrayList<>();
    roster.seats().forEach((name, seat) -> {
      boolean votes = seat.votes() || name.equals(localMemberId().id());
      members.add(new DefaultRaftMember(
          MemberId.from(name), votes ? RaftMember.Type.ACTIVE : RaftMember.Type.PASSIVE, now));
    });
    Configuration old = getCluster().getConfiguration();
    long number = old == null ? 1 : old.index() + 1;
    List<Awaited> awaited = awaited();
    getCluster().configure(new Configuration(number, getTerm(), now.toEpochMilli(), members));
    awaited.stream()
        .filter(then -> then.member().getMember().getType() != then.type())
        .forEach(Awaited::goOn);
    closeAllBut(before);
  }

  @Override
  public RaftServiceManager getServiceManager() {
    return applier == null ? super.getServiceManager() : applier;
  }

  @Override
  public SnapshotStore getSnapshotStore() {
    return noSnapshots == null ? super.getSnapshotStore() : noSnapshots;
  }

  @Override
  public RaftLogWriter getLogWriter() {
    return writer == null ? super.getLogWriter() : writer;
  }

  @Override
  public ThreadContext getThreadContext() {
    return context == null ? super.getThreadContext() : context;
  }

  @Override
  public void checkThread() {
    getThreadContext().checkThread();
  }

  /** Its readers take the newest entries from memory. */
  @Override
  public RaftLog getLog() {
    return log == null ? super.getLog() : log;
  }

  /**
   * Entries were removed from the log. Atomix moves the readers that stand behind the cut; the others
   * hold up to two of the largest entries' length of the log in memory and would go on with that.
   */
  private void forgetReadAhead() {
    RaftLogReader reader = getLogReader();
    reader.reset(reader.getNextIndex());
    if (applier != null) {
      applier.forgetReadAhead();
    }
  }

  /**
   * 0, so that an election timer that runs out is always set again. Atomix's follower asks this, and
   * gives its timer up for good if it had heard of a commit that it has not applied yet: a member
   * that was started again and lost its leader while it caught up would wait for others for ever.
   */
  @Override
  public long getFirstCommitIndex() {
    return 0;
  }

  /**
   * Something is about to be sent to a member. From five failures in a row on, Atomix would send it
   * nothing for up to a minute; what it does before then costs no more than a heartbeat: an attempt
   * without entries. Raft thread.
   */
  void keepTrying(MemberId member) {
    RaftMemberContext state = getCluster().getMemberState(member);
    if (state != null && state.getFailureCount() >= ENOUGH_FAILURES) {
      state.resetFailureCount();
    }
  }

  /** Has this run on the Raft thread whenever this member ceases to lead. */
  void whenDeposed(Runnable task) {
    deposed = task;
  }

  private static VarHandle underWay() {
    try {
      return MethodHandles.privateLookupIn(RaftMemberContext.class, MethodHandles.lookup())
          .findVarHandle(RaftMemberContext.class, "appending", int.class);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this is not Atomix 3.1.12", e);
    }
  }

  /** The appends to a member whose answers are not there yet. */
  private record Awaited(RaftMemberContext member, RaftMember.Type type, int appends) {
    /**
     * Atomix forgets that it waits for answers when it begins to lead, or when a member begins or
     * ceases to vote, but counts them when they
     * come: the count would stay below 0, and a member that says no once would never be sent
     * anything again.
     */
    void goOn() {
      UNDER_WAY.set(member, (int) UNDER_WAY.get(member) + appends);
    }
  }

  private List<Awaited> awaited() {
    return getCluster().getRemoteMemberStates().stream()
        .map(member ->
            new Awaited(member, member.getMember().getType(), (int) UNDER_WAY.get(member)))
        .toList();
  }

  /** A leader opens a reader for each other member and closes none: close those that it had before. */
  @Override
  public void transition(RaftServer.Role role) {
    List<RaftLogReader> before = memberReaders();
    RaftServer.Role old = getRole();
    List<Awaited> awaited = role == RaftServer.Role.LEADER && old != role ? awaited() : List.of();
    super.transition(role);
    awaited.forEach(Awaited::goOn);
    if (old == RaftServer.Role.LEADER && getRole() != old) {
      deposed.run();
    }
    closeAllBut(before);
  }

  private void closeAllBut(List<RaftLogReader> before) {
    List<RaftLogReader> now = memberReaders();
    before.stream().filter(reader -> !now.contains(reader)).forEach(RaftLogReader::close);
  }

  private List<RaftLogReader> memberReaders() {
    return getCluster().getRemoteMemberStates().stream()
        .map(RaftMemberContext::getLogReader)
        .filter(Objects::nonNull)
        .toList();
  }

  private static ThreadContext noThreads() {
    throw new UnsupportedOperationException("no Atomix service or session is ever made");
  }

  @SuppressWarnings("rawtypes") // Atomix's interface is.
  private static final class NoPrimitives implements PrimitiveTypeRegistry {
    @Override
    public Collection<PrimitiveType> getPrimitiveTypes() {
      return List.of();
    }

    @Override
    public PrimitiveType getPrimitiveType(String typeName) {
      throw new UnsupportedOperationException("no Atomix service is ever made: " + typeName);
    }
  }

  /**
   * Holds nothing, so Atomix's leader never sends an install request; takes nothing, so its timer
   * for snapshots ends at the first attempt, before it touches the log.
   */
  static final class NoSnapshots extends SnapshotStore {
    NoSnapshots(RaftStorage storage) {
      super(storage);
    }

    @Override
    public @Nullable Snapshot getCurrentSnapshot() {
      return null;
    }

    @Override
    public @Nullable Snapshot getSnapshot(long index) {
      return null;
    }

    @Override
    public Snapshot newTemporarySnapshot(long index, WallClockTimestamp timestamp) {
      throw new UnsupportedOperationException("snapshots are Applier's alone");
    }

    @Override
    public Snapshot newSnapshot(long index, WallClockTimestamp timestamp) {
      throw new UnsupportedOperationException("snapshots are Applier's alone");
    }
  }
}
