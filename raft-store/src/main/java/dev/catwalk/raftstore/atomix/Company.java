package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.machine.MemberChange;
import dev.catwalk.raftstore.machine.MembersMachine;
import dev.catwalk.raftstore.machine.Roster;
import dev.catwalk.raftstore.store.Entrance;
import dev.catwalk.raftstore.store.LocalReplica;
import dev.catwalk.raftstore.store.StoreConfig;
import io.atomix.protocols.raft.RaftServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a member has because there are others: how it came to them, what it asks and answers them and
 * their clients, changes of members, and the comparison of states.
 */
final class Company {
  private final StoreConfig config;
  private final Transport transport;
  private final Consensus raft;
  private final LocalReplica replica;
  private final MembersMachine taken;
  private final StateComparison comparison;
  private final StateExchange states;
  private final Admission admission;
  private final Membership membership;
  private final RaftGuards guards;
  private final NewsDesk news;
  private final Host host;
  private final @Nullable VoterKeeper voters;

  /** The member that this belongs to. */
  interface Host {
    /** This member may vote from now on. */
    void begin(Standing standing);

    /** A snapshot of the leader is here. */
    void install(SnapshotFiles.Snapshot snapshot);

    /** This member's state is not the others'. */
    void outvoted(String why);

    /** See {@link dev.catwalk.raftstore.store.Store#barrier}. */
    CompletableFuture<Long> barrier();

    /** Whether a majority answers. */
    boolean quorum();
  }

  /** It asks nobody to be let in before {@link #start}. */
  Company(
      Consensus.Ground ground,
      Transport transport,
      Consensus raft,
      Standing standing,
      Entrance entrance,
      ScheduledExecutorService helper,
      Host host) {
    this.config = ground.config();
    this.transport = transport;
    this.raft = raft;
    this.replica = ground.replica();
    this.taken = ground.taken();
    this.host = host;
    MemberDisk disk = ground.disk();
    String name = config.memberName();
    this.comparison = new StateComparison(Math.max(1, config.members().size()));
    seats(raft.seats().current());
    this.admission = new Admission(
        name,
        others(),
        transport,
        disk.dir().standing(),
        standing,
        () -> replica.read(taken::members),
        host::begin,
        ground.fatal());
    this.membership = new Membership(
        name,
        transport,
        raft.raft(),
        raft.applier(),
        raft.seats(),
        raft.contact(),
        transport::format,
        helper);
    StoreConfig.Voting voting = config.voting();
    this.voters = voting == null
        ? null
        : new VoterKeeper(name, voting, raft.contact()::fresh, membership::decide, Contact::nowMs);
    if (voters != null) {
      membership.choose(voters);
    }
    LongPredicate caughtUp = last -> admission.standing().caughtUp(last);
    LongSupplier end = () -> raft.raft().getLogWriter().getLastIndex();
    raft.outbox()
        .standIf(
            () -> caughtUp.test(end.getAsLong())
                && raft.seats().current().votes(name)
                && !membership.abstains(),
            end,
            raft.raft()::keepTrying);
    SnapshotTransfer transfer = new SnapshotTransfer(
        (member, request, timeoutMs) ->
            transport.request(member, Packet.Kind.SNAPSHOT, request, timeoutMs),
        disk.snapshots()::newest,
        host::install);
    this.guards = new RaftGuards(
        raft.raft(),
        raft.applier(),
        disk.sync(),
        disk.votes(),
        transfer::fetch,
        raft.contact(),
        caughtUp,
        ground.fatal());
    this.news = new NewsDesk(
        replica,
        raft::leader,
        host::quorum,
        raft.raft().getThreadContext(),
        (delayMs, task) -> {
          var unused = raft.raft().getThreadContext().schedule(Duration.ofMillis(delayMs), task);
        },
        Contact::nowMs);
    Supplier<@Nullable String> leading = () -> host.quorum() ? raft.leader() : null;
    this.states =
        new StateExchange(this::others, transport, replica, comparison, leading, host::outvoted);
    transport.serve(new ClientRequests(
        name,
        disk.fence(),
        admission,
        news,
        replica,
        raft.path(),
        host::barrier,
        membership,
        helper));
    transport.open(
        new PeerRequests(
            ground, raft, membership, guards, transfer, states, admission, entrance, helper),
        raft.path()::greet);
    if (disk.fence().reason() == null) {
      states.start(helper);
    }
  }

  private List<String> others() {
    return raft.seats().current().seats().keySet().stream()
        .filter(name -> !name.equals(config.memberName()))
        .toList();
  }

  /** Begins to look for a way in, or to take part. */
  void start(ScheduledExecutorService helper) {
    admission.start(helper);
  }

  /** The engine has begun. */
  void begun() {
    raft.raft().getThreadContext().execute(() -> {
      raft.seats().whenChanged(roster -> {
        raft.raft().configure(roster);
        seats(roster);
      });
      raft.leadIfAlone(config.memberName());
    });
    membership.start();
  }

  /** These vote from now on. */
  private void seats(Roster roster) {
    boolean changed = roster.number() > 0;
    transport.members(
        roster, changed ? Math.max(Format.MEMBERSHIP, roster.needs()) : Format.OLDEST);
    raft.contact().voters(roster.voters());
    comparison.voters(roster.voters());
  }

  /** Entries were applied. Raft thread. */
  void advanced() {
    news.advanced();
    Standing mine = admission.standing();
    MembersMachine.Member now = replica.read(() -> taken.member(config.memberName()));
    if (now != null
        && now.incarnation() != mine.incarnation()
        && raft.applier().applied() > mine.floorIndex()) {
      host.outvoted("another directory was taken in for " + config.memberName());
    }
  }

  /** The state is another member's snapshot now. Raft thread. */
  void installed() {
    comparison.restart();
    news.advanced();
  }

  /** See {@link dev.catwalk.raftstore.store.Store#change}. */
  CompletableFuture<Roster> change(MemberChange change, boolean evenWithoutMajority) {
    return membership.change(change, evenWithoutMajority);
  }

  /** See {@link dev.catwalk.raftstore.store.Store#choice}. */
  String choice() {
    if (voters == null || raft.raft().getRole() == RaftServer.Role.LEADER) {
      return voters == null ? "" : voters.why();
    }
    return VoterKeeper.elsewhere(host.quorum() ? raft.leader() : null);
  }

  /** What the others have against this member, or it against them. Any thread. */
  @Nullable
  String trouble() {
    String refusal = transport.refusal();
    if (refusal != null || admission.waiting() != null) {
      return refusal != null ? refusal : admission.waiting();
    }
    String others = comparison.others();
    return others == null ? null : "not in this member's state: " + others + "; see their status";
  }

  /** What the other members' requests go through. */
  RaftGuards guards() {
    return guards;
  }

  /** What clients wait at. */
  NewsDesk news() {
    return news;
  }

  /** Connections with other members that are there. */
  int connections() {
    return transport.connections();
  }
}
