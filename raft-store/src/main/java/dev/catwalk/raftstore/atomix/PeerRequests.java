package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.atomix.Standing.Phase;
import dev.catwalk.raftstore.machine.MembersMachine;
import dev.catwalk.raftstore.machine.Reply;
import dev.catwalk.raftstore.machine.Roster;
import dev.catwalk.raftstore.store.Entrance;
import dev.catwalk.raftstore.store.LocalReplica;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Answers what other members ask, each question at the part that knows. Any thread. */
final class PeerRequests implements PeerServer.Handler {
  /** So often it is looked whether an admission that is committed is applied here. */
  private static final Duration APPLIED_PERIOD = Duration.ofMillis(10);

  private static final long ADMISSION_MS = 5000;

  private final String name;
  private final Fence fence;
  private final LocalReplica replica;
  private final Consensus raft;
  private final Membership membership;
  private final RaftGuards guards;
  private final SnapshotTransfer transfer;
  private final StateExchange states;
  private final Admission admission;
  private final Entrance entrance;
  private final Executor helper;

  PeerRequests(
      Consensus.Ground ground,
      Consensus raft,
      Membership membership,
      RaftGuards guards,
      SnapshotTransfer transfer,
      StateExchange states,
      Admission admission,
      Entrance entrance,
      Executor helper) {
    this.name = ground.config().memberName();
    this.fence = ground.disk().fence();
    this.replica = ground.replica();
    this.raft = raft;
    this.membership = membership;
    this.guards = guards;
    this.transfer = transfer;
    this.states = states;
    this.admission = admission;
    this.entrance = entrance;
    this.helper = helper;
  }

  @Override
  public CompletableFuture<byte[]> handle(String from, Packet packet) {
    String refusal = refusal(packet.kind());
    if (refusal != null) {
      return CompletableFuture.failedFuture(new IOException(name + refusal));
    }
    return switch (packet.kind()) {
      case RAFT ->
        guards
            .handle(RaftNamespace.RAFT.deserialize(packet.body()))
            .thenApply(RaftNamespace.RAFT::serialize);
      case HEARTBEAT ->
        guards.handle(Heartbeat.request(packet.body())).thenApply(Heartbeat::encode);
      case COMMIT -> raft.path().commitHere(packet.body()).thenApply(Reply::encode);
      case READ ->
        raft.reads()
            .revision()
            .thenApply(
                revision -> ByteBuffer.allocate(Long.BYTES).putLong(revision).array());
      case CHANGE -> membership.handle(packet.body());
      case SNAPSHOT -> CompletableFuture.supplyAsync(() -> snapshot(packet.body()), helper);
      case STATE -> CompletableFuture.completedFuture(states.answer(packet.body()));
      case PRESENCE -> CompletableFuture.completedFuture(admission.presence());
      case JOIN -> admit(from, Admission.incarnation(packet.body()));
      case NEWS ->
        CompletableFuture.failedFuture(new IOException(from + " is a member: clients ask this"));
      case HELLO, WELCOME, REFUSED, ANSWER, FAILED ->
        throw new IllegalArgumentException(packet.kind() + " is no request");
    };
  }

  private @Nullable String refusal(Packet.Kind kind) {
    if (fence.reason() != null && kind != Packet.Kind.STATE) {
      return " is fenced off: see its status";
    }
    if (kind != Packet.Kind.PRESENCE && admission.standing().phase() != Phase.MEMBER) {
      return " is not in the cluster yet: see its status";
    }
    return null;
  }

  private byte[] snapshot(byte[] request) {
    try {
      return transfer.serve(request);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Takes a member with an empty directory in: through the log, while it acknowledges nothing. The
   * answer's term and entry are not below those of the admission.
   */
  private CompletableFuture<byte[]> admit(String member, long incarnation) {
    Roster.Seat seat = raft.seats().current().seats().get(member);
    if (seat == null) {
      return CompletableFuture.failedFuture(
          new IOException(name + " does not know a member " + member + ": store member add"));
    }
    String address = seat.address();
    byte[] command = MembersMachine.admit(member, new MembersMachine.Member(incarnation, address));
    CompletableFuture<byte[]> future = new CompletableFuture<>();
    var unused = entrance.submitOwn(command).whenComplete((applied, error) -> {
      if (error != null) {
        future.completeExceptionally(error);
      } else if (!MembersMachine.done(applied.outcome())) {
        future.completeExceptionally(
            new IOException("the store has too many members, or it has left"));
      } else {
        whenApplied(applied.revision(), future);
      }
    });
    return future.orTimeout(ADMISSION_MS, TimeUnit.MILLISECONDS);
  }

  private void whenApplied(long revision, CompletableFuture<byte[]> future) {
    raft.raft().getThreadContext().execute(() -> {
      if (replica.revision() >= revision) {
        future.complete(admission.answer(raft.raft().getTerm(), raft.applier().applied()));
      } else if (!future.isDone()) {
        raft.raft()
            .getThreadContext()
            .schedule(APPLIED_PERIOD, () -> whenApplied(revision, future));
      }
    });
  }
}
