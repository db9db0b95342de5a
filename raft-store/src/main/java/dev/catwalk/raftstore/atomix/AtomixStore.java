package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.machine.Applied;
import dev.catwalk.raftstore.machine.Machine;
import dev.catwalk.raftstore.machine.MemberChange;
import dev.catwalk.raftstore.machine.MembersMachine;
import dev.catwalk.raftstore.machine.Roster;
import dev.catwalk.raftstore.pki.Identity;
import dev.catwalk.raftstore.store.Barriers;
import dev.catwalk.raftstore.store.Door;
import dev.catwalk.raftstore.store.Feed;
import dev.catwalk.raftstore.store.LocalReplica;
import dev.catwalk.raftstore.store.Store;
import dev.catwalk.raftstore.store.StoreConfig;
import dev.catwalk.raftstore.store.StoreException;
import dev.catwalk.raftstore.store.StoreException.Kind;
import dev.catwalk.raftstore.store.StoreStatus;
import dev.catwalk.raftstore.store.Subscription;
import io.atomix.cluster.MemberId;
import io.atomix.protocols.raft.RaftServer;
import io.atomix.protocols.raft.cluster.RaftMember;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The store on Atomix Raft: puts the parts together and is the door to them. */
public final class AtomixStore implements Store {
  private static final Logger LOG = LoggerFactory.getLogger(AtomixStore.class);

  /** So often it is looked whether the state is there that a backup has to hold. */
  private static final long BACKUP_PERIOD_MS = 20;

  private final StoreConfig config;
  private final DataDir dir;
  private final SnapshotFiles snapshots;
  private final LogSync sync;
  private final Contact contact;
  private final @Nullable Transport transport;
  private final RaftEngine raft;
  private final Applier applier;
  private final @Nullable RaftGuards guards;
  private final LocalReplica replica;
  private final Origin origin;
  private final Fence fence;
  private final StateComparison comparison;
  private final MembersMachine taken = new MembersMachine();
  private final @Nullable Admission admission;
  private final @Nullable Seats seats;
  private final @Nullable Membership membership;
  private final @Nullable NewsDesk news;
  private final Door door;
  private final Barriers barriers;
  private final LogTail tail;
  private final ScheduledExecutorService helper;
  private final Consumer<Throwable> fatal;
  private volatile @Nullable String problem;
  private volatile boolean closed;

  /**
   * Opens the member and returns at once; it finds the others by itself. A failure that leaves the
   * state in doubt later halts the process.
   *
   * @param machines fresh machines, which are the store's alone from now on
   * @throws StoreException if directory or port cannot be had, or the directory is damaged
   */
  public static AtomixStore open(StoreConfig config, List<Machine> machines) {
    return open(config, machines, config.alone() ? Tuning.ALONE : Tuning.CLUSTER);
  }

  /** Opens a member with other sizes. */
  public static AtomixStore open(StoreConfig config, List<Machine> machines, Tuning tuning) {
    return open(
        config, machines, tuning, error -> Runtime.getRuntime().halt(70), UnaryOperator.identity());
  }

  /**
   * Opens a member with other sizes and a shell of the caller's.
   *
   * @param halt is called once, after a failure that leaves the state in doubt
   * @param disk may put something of its own around the disk that the log is on
   */
  static AtomixStore open(
      StoreConfig config,
      List<Machine> machines,
      Tuning tuning,
      Consumer<Throwable> halt,
      UnaryOperator<LogSync.Disk> disk) {
    DataDir dir = DataDir.open(config);
    List<AutoCloseable> opened = new ArrayList<>(List.of(dir));
    try {
      AtomixStore store = new AtomixStore(config, machines, tuning, halt, disk, dir, opened);
      store.start();
      return store;
    } catch (IOException | RuntimeException e) {
      for (AutoCloseable part : opened.reversed()) {
        closeQuietly(part);
      }
      if (e instanceof StoreException refusal) {
        throw refusal;
      }
      throw new StoreException(
          Kind.CANNOT_OPEN,
          "the store in " + config.dataDir() + " cannot be opened: " + e.getMessage(),
          e);
    }
  }

  private AtomixStore(
      StoreConfig config,
      List<Machine> machines,
      Tuning tuning,
      Consumer<Throwable> halt,
      UnaryOperator<LogSync.Disk> disk,
      DataDir dir,
      List<AutoCloseable> opened)
      throws IOException {
    this.config = config;
    this.dir = dir;
    this.fatal = once(halt);
    this.helper = helper();
    opened.add(helper);
    List<Machine> all = new ArrayList<>(machines);
    all.add(taken);
    this.replica = new LocalReplica(all, helper);
    this.origin = new Origin(dir.origin(), replica);
    this.fence = new Fence(dir.fence());
    this.comparison = new StateComparison(Math.max(1, config.members().size()));
    this.snapshots = new SnapshotFiles(dir.log());
    LogMark mark = new LogMark(dir.mark());
    this.sync = new LogSync(disk.apply(new SegmentDisk(dir.log(), RaftEngine.PREFIX)), mark, fatal);
    opened.add(sync);
    this.contact = new Contact(Math.max(1, config.members().size()));
    TlsGate tls = config.tls() == null
        ? null
        : new TlsGate(config.tls(), new Identity(config.clusterId(), config.memberName()));
    if (tls != null && config.alone()) {
      tls.tryAlone();
    }
    this.transport = config.alone() ? null : new Transport(config, tls, tuning.format());
    if (transport != null) {
      opened.add(transport);
    }
    Opening opening = new Opening(config, dir, replica);
    opening.restoreNewest(snapshots, origin);
    opening.checkLogReaches(mark.index());
    Standing found = opening.found();
    Founders founders = opening.founders(found);
    Standing standing = opening.standing(found);
    VoteGuard votes = new VoteGuard(dir.log().resolve("vote"));
    RaftOutbox outbox = new RaftOutbox(config.memberName(), transport, sync, votes, contact, fatal);
    this.tail = new LogTail(dir.log(), RaftEngine.PREFIX);
    this.raft = new RaftEngine(
        config,
        tuning,
        outbox.protocol(),
        dir.log(),
        tail,
        sync::truncated,
        transport == null ? null : new LoopContext(transport.loop()));
    opened.add(raft);
    tail.opened(raft.getLogWriter().getLastIndex());
    opening.checkLogReachesState(raft);
    this.seats =
        transport == null ? null : new Seats(founders.roster(), () -> replica.read(taken::roster));
    if (seats != null && transport != null) {
      seats.read(raft.getLog(), replica.index());
      if (seats.current().number() == 0) {
        founders.check(config);
      }
      opening.checkKnown(seats.current(), tuning.format());
      transport.members(seats.current(), leastFormat(seats.current()));
      contact.voters(seats.current().voters());
      comparison.voters(seats.current().voters());
      raft.use(seats);
    }
    this.applier = new Applier(raft, replica, snapshots, tuning.snapshotBytes(), fatal);
    ReadIndex reads = new ReadIndex(config.memberName(), raft, applier, replica, outbox::append);
    CommitPath path = new CommitPath(config.memberName(), transport, raft, applier, outbox, reads);
    applier.whenAdvanced(() -> advanced(path));
    raft.use(applier);
    Door.Later later = (delayMs, task) -> {
      var unused = helper.schedule(task, delayMs, TimeUnit.MILLISECONDS);
    };
    this.door =
        new Door(new SecureRandom().nextLong(), path::commit, later, Contact::nowMs, this::quorum);
    this.barriers =
        new Barriers(() -> path.read(door::barrier), later, Contact::nowMs, this::quorum);
    if (transport != null) {
      Transport peers = transport;
      SnapshotTransfer transfer = new SnapshotTransfer(
          (member, request, timeoutMs) ->
              peers.request(member, Packet.Kind.SNAPSHOT, request, timeoutMs),
          snapshots::newest,
          this::install);
      admission = new Admission(
          config.memberName(),
          others(),
          transport,
          dir.standing(),
          standing,
          () -> replica.read(taken::members),
          member -> begin(member, votes),
          fatal);
      Admission mine = admission;
      LongPredicate caughtUp = last -> mine.standing().caughtUp(last);
      LongSupplier end = () -> raft.getLogWriter().getLastIndex();
      Seats voting = Objects.requireNonNull(seats);
      Membership changes = new Membership(
          config.memberName(),
          transport,
          raft,
          applier,
          voting,
          contact,
          transport::format,
          helper);
      membership = changes;
      outbox.standIf(
          () -> caughtUp.test(end.getAsLong())
              && voting.current().votes(config.memberName())
              && !changes.abstains(),
          end,
          raft::keepTrying);
      guards =
          new RaftGuards(raft, applier, sync, votes, transfer::fetch, contact, caughtUp, fatal);
      NewsDesk desk = new NewsDesk(
          replica,
          this::leader,
          this::quorum,
          raft.getThreadContext(),
          (delayMs, task) -> {
            var unused = raft.getThreadContext().schedule(Duration.ofMillis(delayMs), task);
          },
          Contact::nowMs);
      news = desk;
      StateExchange states = new StateExchange(
          this::others, transport, replica, comparison, () -> status().leader(), this::outvoted);
      transport.serve(new ClientRequests(
          config.memberName(), fence, mine, desk, replica, path, this::barrier, changes, helper));
      transport.open(
          new PeerRequests(
              config, fence, path, reads, changes, voting, guards, transfer, states, admission,
              door, raft, applier, replica, helper),
          path::greet);
      if (fence.reason() == null) {
        states.start(helper);
      }
    } else {
      guards = null;
      admission = null;
      membership = null;
      news = null;
    }
  }

  /** Entries were applied. Raft thread. */
  private void advanced(CommitPath path) {
    if (transport == null) {
      sync.madeDurable(applier.applied()); // Alone, Atomix's commit is the sync.
    }
    origin.note();
    if (seats != null) {
      seats.applied(applier.applied());
    }
    path.advanced();
    if (news != null) {
      news.advanced();
    }
    if (admission != null) {
      Standing mine = admission.standing();
      MembersMachine.Member now = replica.read(() -> taken.member(config.memberName()));
      if (now != null
          && now.incarnation() != mine.incarnation()
          && applier.applied() > mine.floorIndex()) {
        outvoted("another directory was taken in for " + config.memberName());
      }
    }
  }

  private static ScheduledExecutorService helper() {
    ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(
        1, Thread.ofPlatform().daemon().name("store-feed").factory());
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    executor.setRemoveOnCancelPolicy(true);
    return executor;
  }

  private Consumer<Throwable> once(Consumer<Throwable> halt) {
    AtomicBoolean done = new AtomicBoolean();
    return error -> {
      if (!closed && done.compareAndSet(false, true)) {
        problem = "the store has stopped: " + error.getMessage();
        LOG.error("the store's state is in doubt: this process ends", error);
        halt.accept(error);
      }
    };
  }

  private List<String> others() {
    return (seats == null ? config.members().keySet() : seats.current().seats().keySet())
        .stream().filter(name -> !name.equals(config.memberName())).toList();
  }

  private void start() {
    if (fence.reason() != null) {
      LOG.error(fence.reason());
      refuseAll(fence.reason());
      return;
    }
    if (admission == null) {
      bootstrap();
    } else {
      admission.start(helper);
    }
  }

  /** This member may vote from now on. */
  private void begin(Standing standing, VoteGuard votes) {
    if (closed) {
      return;
    }
    if (standing.floorTerm() > 0 || votes.term() > 0) {
      raft.getThreadContext().execute(() -> {
        try {
          var unused = votes.vote(standing.floorTerm(), "");
          // Atomix does not sync its term: a power cut may have taken it back behind a vote.
          raft.setTerm(votes.term());
        } catch (IOException e) {
          fatal.accept(e);
        }
      });
    }
    bootstrap();
  }

  private void bootstrap() {
    List<MemberId> members = new ArrayList<>();
    if (config.alone()) {
      members.add(MemberId.from(config.memberName()));
    }
    config.members().keySet().forEach(name -> members.add(MemberId.from(name)));
    var unused = raft.getCluster().bootstrap(members);
    if (seats != null && membership != null) {
      raft.getThreadContext().execute(() -> seats.whenChanged(this::seated));
      membership.start();
    }
  }

  private static int leastFormat(Roster roster) {
    return roster.number() == 0 ? Format.OLDEST : Math.max(Format.MEMBERSHIP, roster.needs());
  }

  /** These vote from now on. Raft thread. */
  private void seated(Roster roster) {
    raft.configure(roster);
    Objects.requireNonNull(transport).members(roster, leastFormat(roster));
    contact.voters(roster.voters());
    comparison.voters(roster.voters());
  }

  /** This member's state is not the others': it leaves all work to them. */
  private void outvoted(String why) {
    if (fence.raise(why)) {
      refuseAll(why);
      raft.getThreadContext().execute(() -> {
        applier.stop();
        raft.transition(RaftServer.Role.INACTIVE);
      });
    }
  }

  private void refuseAll(String why) {
    replica.silence();
    StoreException refusal = new StoreException(Kind.DIVERGED, why);
    door.close(refusal);
    barriers.close(refusal);
  }

  /** The leader's snapshot is here: keep it, then go on from it. */
  private void install(SnapshotFiles.Snapshot snapshot) {
    raft.getThreadContext().execute(() -> {
      try {
        if (fence.reason() == null
            && snapshot.index() > applier.applied()
            && snapshot.index() >= raft.getLogWriter().getLastIndex()) {
          snapshots.write(snapshot.index(), snapshot.bytes());
          applier.install(snapshot);
          if (seats != null) {
            seats.applied(applier.applied());
          }
          origin.note();
          comparison.restart();
          if (news != null) {
            news.advanced();
          }
        }
      } catch (IOException | RuntimeException e) {
        fatal.accept(e);
      }
    });
  }

  /** What the other members' requests go through; a cluster of one has none. */
  @Nullable
  RaftGuards guards() {
    return guards;
  }

  /** Whom this member has heard of lately. */
  Contact contact() {
    return contact;
  }

  /** What its clients wait at; a cluster of one has none. */
  @Nullable
  NewsDesk news() {
    return news;
  }

  /** Connections with other members that are there. */
  int connections() {
    return transport == null ? 0 : transport.connections();
  }

  /** What this member runs on. */
  RaftEngine engine() {
    return raft;
  }

  private boolean quorum() {
    if (closed || fence.reason() != null) {
      return false;
    }
    return raft.getRole() == RaftServer.Role.LEADER
        ? contact.majorityFresh()
        : raft.getLeader() != null && contact.leaderFresh();
  }

  @Override
  public CompletableFuture<Applied> submit(String machine, byte[] command) {
    if (!replica.knows(machine) || machine.equals(MembersMachine.NAME)) {
      return CompletableFuture.failedFuture(
          new StoreException(Kind.UNKNOWN_MACHINE, "the store has no machine \"" + machine + "\""));
    }
    String out = fence.reason();
    if (out != null) { // Known before the door is closed.
      return CompletableFuture.failedFuture(new StoreException(Kind.DIVERGED, out));
    }
    return door.submit(machine, command);
  }

  @Override
  public CompletableFuture<Long> barrier() {
    String out = fence.reason();
    if (out != null) {
      return CompletableFuture.failedFuture(new StoreException(Kind.DIVERGED, out));
    }
    // An empty store gets its origin with its first entry, and a reader has to know that.
    return replica.origin().isEmpty() ? door.barrier() : barriers.barrier();
  }

  @Override
  public Subscription subscribe(long fromRevision, Feed feed) {
    return replica.subscribe(fromRevision, feed);
  }

  @Override
  public CompletableFuture<byte[]> backup() {
    Executor later = task -> {
      var unused = helper.schedule(task, BACKUP_PERIOD_MS, TimeUnit.MILLISECONDS);
    };
    return barrier().thenCompose(revision -> replica.snapshotAt(revision, later));
  }

  @Override
  public Roster roster() {
    return seats == null ? Roster.founders(Map.of(config.memberName(), "")) : seats.current();
  }

  @Override
  public CompletableFuture<Roster> change(MemberChange change, boolean evenWithoutMajority) {
    return membership == null
        ? Store.super.change(change, evenWithoutMajority)
        : membership.change(change, evenWithoutMajority);
  }

  @Override
  public boolean requires(int format) {
    if (seats == null) {
      return true;
    }
    Roster committed = replica.read(taken::roster);
    return committed != null && committed.needs() >= format;
  }

  @Override
  public String origin() {
    return origin.text();
  }

  @Override
  public StoreStatus status() {
    boolean quorum = quorum();
    StoreStatus.Role role = closed || fence.reason() != null
        ? StoreStatus.Role.STOPPED
        : switch (raft.getRole()) {
          case LEADER -> StoreStatus.Role.LEADER;
          case CANDIDATE -> StoreStatus.Role.CANDIDATE;
          case FOLLOWER, PASSIVE, PROMOTABLE -> StoreStatus.Role.FOLLOWER;
          case INACTIVE -> StoreStatus.Role.STARTING;
        };
    List<String> members =
        config.alone() ? List.of(config.memberName()) : roster().voters();
    return replica.status(
        role,
        quorum ? leader() : null,
        members,
        origin.text(),
        quorum,
        config.alone() ? "none" : config.insecure() ? "plain text" : "TLS",
        trouble());
  }

  private @Nullable String leader() {
    RaftMember leader = raft.getLeader();
    return leader == null ? null : leader.memberId().id();
  }

  private @Nullable String trouble() {
    if (fence.reason() != null) {
      return fence.reason();
    }
    if (problem != null) {
      return problem;
    }
    String refusal = transport == null ? null : transport.refusal();
    if (refusal != null) {
      return refusal;
    }
    if (admission != null && admission.waiting() != null) {
      return admission.waiting();
    }
    String others = comparison.others();
    return others == null ? null : "not in this member's state: " + others + "; see their status";
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    door.close();
    barriers.close(new StoreException(Kind.CLOSED, "the store is closed"));
    CountDownLatch stopped = new CountDownLatch(1);
    raft.getThreadContext().execute(() -> {
      try {
        applier.stop();
        raft.transition(RaftServer.Role.INACTIVE);
      } finally {
        stopped.countDown();
      }
    });
    try {
      if (!stopped.await(5, TimeUnit.SECONDS)) {
        LOG.warn("the store's Raft thread hangs: closing without it");
      }
      applier.awaitSnapshot();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (transport != null) {
      closeQuietly(transport);
    }
    closeQuietly(sync);
    closeQuietly(raft);
    closeQuietly(tail);
    helper.shutdownNow();
    closeQuietly(dir);
  }

  private static void closeQuietly(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) { // What cannot be closed must not keep the rest open.
      LOG.warn("closing the store: {}", e.getMessage());
    }
  }
}
