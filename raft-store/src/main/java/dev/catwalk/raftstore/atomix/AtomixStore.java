package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.machine.Applied;
import dev.catwalk.raftstore.machine.Machine;
import dev.catwalk.raftstore.machine.MemberChange;
import dev.catwalk.raftstore.machine.MembersMachine;
import dev.catwalk.raftstore.machine.Reply;
import dev.catwalk.raftstore.machine.Roster;
import dev.catwalk.raftstore.pki.Identity;
import dev.catwalk.raftstore.store.Door;
import dev.catwalk.raftstore.store.Entrance;
import dev.catwalk.raftstore.store.Feed;
import dev.catwalk.raftstore.store.LocalReplica;
import dev.catwalk.raftstore.store.NewerCommands;
import dev.catwalk.raftstore.store.Store;
import dev.catwalk.raftstore.store.StoreConfig;
import dev.catwalk.raftstore.store.StoreException;
import dev.catwalk.raftstore.store.StoreException.Kind;
import dev.catwalk.raftstore.store.StoreStatus;
import dev.catwalk.raftstore.store.Subscription;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The store on Atomix Raft: puts the parts together and is the door to them. */
public final class AtomixStore implements Store {
  private static final Logger LOG = LoggerFactory.getLogger(AtomixStore.class);

  private final StoreConfig config;
  private final MemberDisk disk;
  private final MembersMachine taken = new MembersMachine();
  private final LocalReplica replica;
  private final Origin origin;
  private final @Nullable Transport transport;
  private final Consensus raft;
  private final Entrance entrance;

  /** Null in a cluster of one that opens no port. */
  private final @Nullable Company company;

  private final ScheduledExecutorService helper = StoreThread.start();
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
        MemberDisk.closeQuietly(part);
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
      UnaryOperator<LogSync.Disk> around,
      DataDir dir,
      List<AutoCloseable> opened)
      throws IOException {
    this.config = config;
    this.fatal = once(halt);
    opened.add(helper);
    this.disk = MemberDisk.open(dir, around, fatal);
    opened.add(disk);
    List<Machine> all = new ArrayList<>(machines);
    all.add(taken);
    this.replica = new LocalReplica(all, helper);
    this.origin = new Origin(dir.origin(), replica);
    this.transport = transport(tuning);
    if (transport != null) {
      opened.add(transport);
    }
    Opening opening = new Opening(config, dir, replica);
    opening.restoreNewest(disk.snapshots(), origin);
    opening.checkLogReaches(disk.mark().index());
    Standing found = opening.found();
    Founders founders = opening.founders(found);
    Standing standing = opening.standing(found);
    Consensus.Ground ground =
        new Consensus.Ground(config, tuning, disk, replica, taken, transport, fatal);
    this.raft = Consensus.open(ground, opening, founders, opened);
    raft.applier().whenAdvanced(this::advanced);
    Door.Later later = (delayMs, task) -> {
      var unused = helper.schedule(task, delayMs, TimeUnit.MILLISECONDS);
    };
    this.entrance =
        new Entrance(replica, disk.fence()::reason, new ByRaft(), later, Contact::nowMs);
    this.company = transport == null
        ? null
        : new Company(ground, transport, raft, standing, entrance, helper, new Owner());
  }

  private @Nullable Transport transport(Tuning tuning) {
    TlsGate tls = config.tls() == null
        ? null
        : new TlsGate(config.tls(), new Identity(config.clusterId(), config.memberName()));
    if (tls != null && config.alone()) {
      tls.tryAlone();
    }
    return config.alone() ? null : new Transport(config, tls, tuning.format());
  }

  /** How what callers want comes into the log. */
  private final class ByRaft implements Entrance.Way {
    @Override
    public CompletableFuture<List<Reply>> commit(byte[] frame) {
      return raft.path().commit(frame);
    }

    @Override
    public CompletableFuture<Long> read(Supplier<CompletableFuture<Long>> byEntry) {
      return raft.path().read(byEntry);
    }

    @Override
    public boolean quorum() {
      return AtomixStore.this.quorum();
    }
  }

  /** What the others' doings come to. */
  private final class Owner implements Company.Host {
    /** Atomix does not sync its term: a power cut may have taken it back behind a vote. */
    @Override
    public void begin(Standing standing) {
      if (closed) {
        return;
      }
      VoteGuard votes = disk.votes();
      if (standing.floorTerm() > 0 || votes.term() > 0) {
        raft.raft().getThreadContext().execute(() -> {
          try {
            var unused = votes.vote(standing.floorTerm(), "");
            raft.raft().setTerm(votes.term());
          } catch (IOException e) {
            fatal.accept(e);
          }
        });
      }
      raft.bootstrap(config);
      if (company != null) {
        company.begun();
      }
    }

    /** Keeps it, then goes on from it. */
    @Override
    public void install(SnapshotFiles.Snapshot snapshot) {
      raft.raft().getThreadContext().execute(() -> {
        try {
          if (disk.fence().reason() == null
              && snapshot.index() > raft.applier().applied()
              && snapshot.index() >= raft.raft().getLogWriter().getLastIndex()) {
            disk.snapshots().write(snapshot.index(), snapshot.bytes());
            raft.applier().install(snapshot);
            raft.seats().applied(raft.applier().applied());
            origin.note();
            if (company != null) {
              company.installed();
            }
          }
        } catch (IOException | RuntimeException e) {
          fatal.accept(e);
        }
      });
    }

    /** It leaves all work to them. */
    @Override
    public void outvoted(String why) {
      if (disk.fence().raise(why)) {
        entrance.refuse(why);
        raft.leave(() -> {});
      }
    }

    @Override
    public CompletableFuture<Long> barrier() {
      return AtomixStore.this.barrier();
    }

    @Override
    public boolean quorum() {
      return AtomixStore.this.quorum();
    }
  }

  /** Entries were applied. Raft thread. */
  private void advanced() {
    if (raft.begunAlone()) {
      disk.sync().madeDurable(raft.applier().applied());
    }
    origin.note();
    raft.seats().applied(raft.applier().applied());
    raft.path().advanced();
    if (company != null) {
      company.advanced();
    }
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

  private void start() {
    raft.time().start(helper);
    String out = disk.fence().reason();
    if (out != null) {
      LOG.error(out);
      entrance.refuse(out);
    } else if (company == null) {
      raft.bootstrap(config);
    } else {
      company.start(helper);
    }
  }

  /** What the other members' requests go through; a cluster of one has none. */
  @Nullable
  RaftGuards guards() {
    return company == null ? null : company.guards();
  }

  /** Whom this member has heard of lately. */
  Contact contact() {
    return raft.contact();
  }

  /** What its clients wait at; a cluster of one has none. */
  @Nullable
  NewsDesk news() {
    return company == null ? null : company.news();
  }

  /** Connections with other members that are there. */
  int connections() {
    return company == null ? 0 : company.connections();
  }

  /** What this member runs on. */
  RaftEngine engine() {
    return raft.raft();
  }

  private boolean quorum() {
    return !closed && disk.fence().reason() == null && raft.quorum();
  }

  @Override
  public CompletableFuture<Applied> submit(String machine, byte[] command) {
    return NewerCommands.submit(
        this, replica, machine, command, () -> entrance.submit(machine, command));
  }

  /** An empty store gets its origin with its first entry, and a reader has to know that. */
  @Override
  public CompletableFuture<Long> barrier() {
    return replica.origin().isEmpty() ? entrance.barrierByEntry() : entrance.barrier();
  }

  @Override
  public Subscription subscribe(long fromRevision, Feed feed) {
    return entrance.subscribe(fromRevision, feed);
  }

  @Override
  public CompletableFuture<byte[]> backup() {
    return entrance.backup(barrier());
  }

  @Override
  public Roster roster() {
    return raft.seats().current();
  }

  @Override
  public CompletableFuture<Roster> change(MemberChange change, boolean evenWithoutMajority) {
    return company == null
        ? Store.super.change(change, evenWithoutMajority)
        : company.change(change, evenWithoutMajority);
  }

  @Override
  public String choice() {
    return company == null ? "" : company.choice();
  }

  /** Who is in this store as its members have committed it, and as far as that is known here. */
  Roster committed() {
    Roster now = replica.read(taken::roster);
    return now == null ? Roster.founders(config.members()) : now;
  }

  /** Whether it is out, for its state is not that of the others. */
  boolean fenced() {
    return disk.fence().reason() != null;
  }

  @Override
  public boolean requires(int format) {
    Roster committed = replica.read(taken::roster);
    return company == null || committed != null && committed.needs() >= format;
  }

  @Override
  public String origin() {
    return origin.text();
  }

  @Override
  public StoreStatus status() {
    boolean quorum = quorum();
    StoreStatus.Role role = closed || disk.fence().reason() != null
        ? StoreStatus.Role.STOPPED
        : switch (raft.raft().getRole()) {
          case LEADER -> StoreStatus.Role.LEADER;
          case CANDIDATE -> StoreStatus.Role.CANDIDATE;
          case FOLLOWER, PASSIVE, PROMOTABLE -> StoreStatus.Role.FOLLOWER;
          case INACTIVE -> StoreStatus.Role.STARTING;
        };
    return replica.status(
        role,
        quorum ? raft.leader() : null,
        roster().voters(),
        origin.text(),
        quorum,
        transport == null ? "none" : config.insecure() ? "plain text" : "TLS",
        trouble());
  }

  private @Nullable String trouble() {
    String out = disk.fence().reason();
    if (out != null || problem != null) {
      return out != null ? out : problem;
    }
    return company == null ? null : company.trouble();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    entrance.close();
    raft.leaveAndWait();
    if (transport != null) {
      MemberDisk.closeQuietly(transport);
    }
    MemberDisk.closeQuietly(disk.sync());
    MemberDisk.closeQuietly(raft.raft());
    MemberDisk.closeQuietly(disk.tail());
    helper.shutdownNow();
    MemberDisk.closeQuietly(disk.dir());
  }
}
