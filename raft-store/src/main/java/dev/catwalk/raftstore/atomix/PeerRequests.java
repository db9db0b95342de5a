package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.atomix.Standing.Phase;
import dev.catwalk.raftstore.machine.MembersMachine;
import dev.catwalk.raftstore.machine.Reply;
import dev.catwalk.raftstore.machine.Roster;
import dev.catwalk.raftstore.store.Door;
import dev.catwalk.raftstore.store.LocalReplica;
import dev.catwalk.raftstore.store.StoreConfig;
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

  private final StoreConfig config;
  private final Fence fence;
  private final CommitPath path;
  private final ReadIndex reads;
  private final Membership membership;
  private final Seats seats;
  private final RaftGuards guards;
  private final SnapshotTransfer transfer;
  private final StateExchange states;
  private final Admission admission;
  private final Door door;
  private final RaftEngine raft;
  private final Applier applier;
  private final LocalReplica replica;
  private final Executor helper;

  PeerRequests(
      StoreConfig config,
      Fence fence,
      CommitPath path,
      ReadIndex reads,
      Membership membership,
      Seats seats,
      RaftGuards guards,
      SnapshotTransfer transfer,
      StateExchange states,
      Admission admission,
      Door door,
      RaftEngine raft,
      Applier applier,
      LocalReplica replica,
      Executor helper) {
    this.config = config;
    this.fence = fence;
    this.path = path;
    this.reads = reads;
    this.membership = membership;
    this.seats = seats;
    this.guards = guards;
    this.transfer = transfer;
    this.states = states;
    this.admission = admission;
    this.door = door;
    this.raft = raft;
    this.applier = applier;
    this.replica = replica;
    this.helper = helper;
  }

  @Override
  public CompletableFuture<byte[]> handle(String from, Packet packet) {
    String refusal = refusal(packet.kind());
    if (refusal != null) {
      return CompletableFuture.failedFuture(new IOException(config.memberName() + refusal));
    }
    return switch (packet.kind()) {
      case RAFT ->
        guards
            .handle(RaftNamespace.RAFT.deserialize(packet.body()))
            .thenApply(RaftNamespace.RAFT::serialize);
      case HEARTBEAT ->
        guards.handle(Heartbeat.request(packet.body())).thenApply(Heartbeat::encode);
      case COMMIT -> path.commitHere(packet.body()).thenApply(Reply::encode);
      case READ ->
        reads
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
  private CompletableFuture<byte[]> admit(String name, long incarnation) {
    Roster.Seat seat = seats.current().seats().get(name);
    if (seat == null) {
      return CompletableFuture.failedFuture(new IOException(
          config.memberName() + " does not know a member " + name + ": store member add"));
    }
    String address = seat.address();
    byte[] command = MembersMachine.admit(name, new MembersMachine.Member(incarnation, address));
    CompletableFuture<byte[]> future = new CompletableFuture<>();
    var unused = door.submit(MembersMachine.NAME, command).whenComplete((applied, error) -> {
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
    raft.getThreadContext().execute(() -> {
      if (replica.revision() >= revision) {
        future.complete(admission.answer(raft.getTerm(), applier.applied()));
      } else if (!future.isDone()) {
        raft.getThreadContext().schedule(APPLIED_PERIOD, () -> whenApplied(revision, future));
      }
    });
  }
}
