package dev.catwalk.raftstore.atomix;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.catwalk.raftstore.atomix.Standing.Phase;
import dev.catwalk.raftstore.machine.Frame;
import dev.catwalk.raftstore.machine.MemberChange;
import dev.catwalk.raftstore.machine.MembersMachine;
import dev.catwalk.raftstore.machine.Reply;
import dev.catwalk.raftstore.machine.Roster;
import dev.catwalk.raftstore.store.LocalReplica;
import dev.catwalk.raftstore.store.StoreException;
import dev.catwalk.raftstore.store.StoreException.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Answers what clients of the store ask: what has changed, from this member's own state, and all that
 * needs the leader by asking it for them. Any thread.
 */
final class ClientRequests implements PeerServer.Handler {
  /** Behind the roster, or the reason if a change of members is refused for good. */
  static final byte DONE = 0;

  static final byte REFUSED = 1;
  static final byte UNKNOWN = 2;

  private final String name;
  private final Fence fence;
  private final Admission admission;
  private final NewsDesk news;
  private final LocalReplica replica;
  private final SnapshotTransfer copies;
  private final CommitPath path;
  private final Supplier<CompletableFuture<Long>> barrier;
  private final Membership membership;
  private final Executor helper;

  ClientRequests(
      String name,
      Fence fence,
      Admission admission,
      NewsDesk news,
      LocalReplica replica,
      CommitPath path,
      Supplier<CompletableFuture<Long>> barrier,
      Membership membership,
      Executor helper) {
    this.name = name;
    this.fence = fence;
    this.admission = admission;
    this.news = news;
    this.replica = replica;
    this.copies = new SnapshotTransfer(
        (member, request, timeoutMs) -> failed("nobody is asked"),
        new Copies(replica, Contact::nowMs)::newest,
        snapshot -> {});
    this.path = path;
    this.barrier = barrier;
    this.membership = membership;
    this.helper = helper;
  }

  @Override
  public CompletableFuture<byte[]> handle(String from, Packet packet) {
    if (fence.reason() != null) {
      return failed(name + " is fenced off: see its status");
    }
    if (admission.standing().phase() != Phase.MEMBER) {
      return failed(name + " is not in the cluster yet: see its status");
    }
    return switch (packet.kind()) {
      case NEWS -> news.ask(packet.body());
      case COMMIT -> commit(packet.body());
      case READ ->
        barrier
            .get()
            .thenApply(
                revision -> ByteBuffer.allocate(Long.BYTES).putLong(revision).array());
      case CHANGE -> change(packet.body());
      case SNAPSHOT -> CompletableFuture.supplyAsync(() -> copy(packet.body()), helper);
      case RAFT, HEARTBEAT, STATE, PRESENCE, JOIN ->
        failed(from + " is no member of this store: store.members");
      case HELLO, WELCOME, REFUSED, ANSWER, FAILED ->
        throw new IllegalArgumentException(packet.kind() + " is no request");
    };
  }

  private static CompletableFuture<byte[]> failed(String why) {
    return CompletableFuture.failedFuture(new IOException(why));
  }

  /** Who is in the store is changed by {@link Membership} alone, and what time it is by the leader. */
  private CompletableFuture<byte[]> commit(byte[] frame) {
    for (Frame.Item item : Frame.decode(frame).items()) {
      if (item.machine().equals(MembersMachine.NAME)) {
        return failed("members are not changed by commands: store member add, remove, move");
      }
      if (replica.elapses(item.machine(), item.command())) {
        return failed("only whoever leads says that time has passed");
      }
    }
    return path.commit(frame).thenApply(Reply::encode);
  }

  private byte[] copy(byte[] request) {
    try {
      return copies.serve(request);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private CompletableFuture<byte[]> change(byte[] request) {
    MemberChange change = MemberChange.of(Arrays.copyOfRange(request, 1, request.length));
    return membership.change(change, request[0] != 0).handle((roster, error) -> {
      if (error == null) {
        return Membership.answer(DONE, roster.bytes());
      }
      Throwable cause = error instanceof CompletionException ? error.getCause() : error;
      boolean refused = cause instanceof StoreException why && why.kind() == Kind.REFUSED;
      return Membership.answer(
          refused ? REFUSED : UNKNOWN,
          String.valueOf(cause == null ? error : cause.getMessage()).getBytes(UTF_8));
    });
  }

  /** What a client is told of a change that it asked for. */
  static Roster changed(byte[] answer) {
    byte[] rest = Arrays.copyOfRange(answer, 1, answer.length);
    if (answer[0] == DONE) {
      return Roster.of(rest);
    }
    throw new StoreException(
        answer[0] == REFUSED ? Kind.REFUSED : Kind.NO_QUORUM, new String(rest, UTF_8));
  }
}
