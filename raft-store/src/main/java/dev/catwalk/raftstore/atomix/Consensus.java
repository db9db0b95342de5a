package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.machine.MembersMachine;
import dev.catwalk.raftstore.store.LocalReplica;
import dev.catwalk.raftstore.store.StoreConfig;
import io.atomix.cluster.MemberId;
import io.atomix.protocols.raft.RaftServer;
import io.atomix.protocols.raft.cluster.RaftMember;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Atomix's Raft of one member, and what of ours belongs to its thread.
 *
 * @param seats who votes
 * @param path the way of commands and questions to whoever leads
 * @param begunAlone Atomix commits without asking anybody while only one votes: then its commit has
 *     to be the sync
 */
record Consensus(
    RaftEngine raft,
    Seats seats,
    Applier applier,
    RaftOutbox outbox,
    ReadIndex reads,
    CommitPath path,
    LeaderTime time,
    Contact contact,
    boolean begunAlone) {
  private static final Logger LOG = LoggerFactory.getLogger(Consensus.class);

  /** What the parts are made of. */
  record Ground(
      StoreConfig config,
      Tuning tuning,
      MemberDisk disk,
      LocalReplica replica,
      MembersMachine taken,
      @Nullable Transport transport,
      Consumer<Throwable> fatal) {}

  /**
   * Opens the log; the member joins no cluster yet.
   *
   * @param opening has restored the newest snapshot
   * @param opened gets the engine, to be closed if the rest cannot be opened
   */
  static Consensus open(
      Ground ground, Opening opening, Founders founders, List<AutoCloseable> opened)
      throws IOException {
    StoreConfig config = ground.config();
    MemberDisk disk = ground.disk();
    LocalReplica replica = ground.replica();
    Transport transport = ground.transport();
    Contact contact = new Contact(Math.max(1, config.members().size()));
    RaftOutbox outbox = new RaftOutbox(
        config.memberName(), transport, disk.sync(), disk.votes(), contact, ground.fatal());
    boolean begunAlone = founders.addresses().size() == 1;
    RaftEngine raft = new RaftEngine(
        config,
        ground.tuning(),
        outbox.protocol(),
        disk.dir().log(),
        disk.tail(),
        begunAlone,
        disk.sync()::truncated,
        transport == null ? null : new LoopContext(transport.loop()));
    opened.add(raft);
    disk.tail().opened(raft.getLogWriter().getLastIndex());
    opening.checkLogReachesState(raft);
    Seats seats = new Seats(founders.roster(), () -> replica.read(ground.taken()::roster));
    seats.read(raft.getLog(), replica.index());
    opening.checkMembers(seats.current(), founders);
    opening.checkKnown(seats.current(), ground.tuning().format());
    contact.voters(seats.current().voters());
    raft.use(seats);
    Applier applier = new Applier(
        raft, replica, disk.snapshots(), ground.tuning().snapshotBytes(), ground.fatal());
    raft.use(applier);
    ReadIndex reads = new ReadIndex(config.memberName(), raft, applier, replica, outbox::append);
    CommitPath path = new CommitPath(config.memberName(), transport, raft, applier, outbox, reads);
    LeaderTime time = new LeaderTime(config.memberName(), raft, applier, replica);
    return new Consensus(raft, seats, applier, outbox, reads, path, time, contact, begunAlone);
  }

  /** Begins with these. */
  void bootstrap(StoreConfig config) {
    List<MemberId> members = new ArrayList<>();
    if (config.alone()) {
      members.add(MemberId.from(config.memberName()));
    }
    config.members().keySet().forEach(name -> members.add(MemberId.from(name)));
    var unused = raft.getCluster().bootstrap(members);
  }

  /** Leads at once, where nobody else votes. Raft thread. */
  void leadIfAlone(String name) {
    if (seats.current().voters().equals(List.of(name))
        && raft.getRole() == RaftServer.Role.FOLLOWER) {
      raft.transition(RaftServer.Role.CANDIDATE);
    }
  }

  /** Who leads, if that is known. Any thread. */
  @Nullable
  String leader() {
    RaftMember leader = raft.getLeader();
    return leader == null ? null : leader.memberId().id();
  }

  /** Whether a majority answers, as far as was heard lately. Any thread. */
  boolean quorum() {
    return raft.getRole() == RaftServer.Role.LEADER
        ? contact.majorityFresh()
        : raft.getLeader() != null && contact.leaderFresh();
  }

  /** Takes part in nothing more. Any thread. */
  void leave(Runnable then) {
    raft.getThreadContext().execute(() -> {
      try {
        applier.stop();
        raft.transition(RaftServer.Role.INACTIVE);
      } finally {
        then.run();
      }
    });
  }

  /** The same, and waits until nothing is written any more. */
  void leaveAndWait() {
    CountDownLatch stopped = new CountDownLatch(1);
    leave(stopped::countDown);
    try {
      if (!stopped.await(5, TimeUnit.SECONDS)) {
        LOG.warn("the store's Raft thread hangs: closing without it");
      }
      applier.awaitSnapshot();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
