package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.machine.MalformedException;
import dev.catwalk.raftstore.machine.Reply;
import dev.catwalk.raftstore.store.Door;
import io.atomix.protocols.raft.RaftServer;
import io.atomix.protocols.raft.ReadConsistency;
import io.atomix.protocols.raft.cluster.RaftMember;
import io.atomix.protocols.raft.protocol.AppendRequest;
import io.atomix.protocols.raft.protocol.OpenSessionRequest;
import io.atomix.protocols.raft.protocol.OpenSessionResponse;
import io.atomix.protocols.raft.protocol.RaftResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A frame's way into the log: to whoever leads, through Atomix's leader, and back with replies. */
final class CommitPath {
  private static final long TIMEOUT_MS = 1000;

  /** The leader itself waits longer: its followers' disks may be slow, and sending again is waste. */
  private static final long OWN_TIMEOUT_MS = 5000;

  private final String name;
  private final @Nullable Transport transport;
  private final RaftEngine raft;
  private final Applier applier;
  private final RaftOutbox outbox;
  private final ReadIndex reads;
  private final Overdue overdue;

  /** Members that have a nudge to answer; the Raft thread's own. */
  private final Set<String> nudged = new TreeSet<>();

  CommitPath(
      String name,
      @Nullable Transport transport,
      RaftEngine raft,
      Applier applier,
      RaftOutbox outbox,
      ReadIndex reads) {
    this.name = name;
    this.transport = transport;
    this.raft = raft;
    this.applier = applier;
    this.outbox = outbox;
    this.reads = reads;
    this.overdue = new Overdue(raft.getThreadContext(), OWN_TIMEOUT_MS);
    // Atomix forgets an entry whose turn came just after its leadership ended: all are asked again.
    raft.whenDeposed(() -> overdue.fail("the leader has changed"));
  }

  /**
   * One attempt to learn a revision that nothing is above which was acknowledged before: from whoever
   * leads, without an entry of the log. Any thread.
   *
   * @param older asks a leader that knows only entries
   */
  CompletableFuture<Long> read(Supplier<CompletableFuture<Long>> older) {
    RaftMember leader = raft.getLeader();
    if (leader == null) {
      return CompletableFuture.failedFuture(new IOException("no leader is known"));
    }
    String leading = leader.memberId().id();
    if (leading.equals(name) || transport == null) {
      return reads.revision();
    }
    if (transport.format(leading) < Format.READS) {
      return older.get();
    }
    return transport
        .request(leading, Packet.Kind.READ, new byte[0], TIMEOUT_MS)
        .thenApply(answer -> ByteBuffer.wrap(answer).getLong());
  }

  /** One attempt: here if this member leads, else at the leader. Any thread. */
  CompletableFuture<List<Reply>> commit(byte[] frame) {
    RaftMember leader = raft.getLeader();
    if (leader == null) {
      return CompletableFuture.failedFuture(new IOException("no leader is known"));
    }
    String leading = leader.memberId().id();
    if (leading.equals(name) || transport == null) {
      return commitHere(frame);
    }
    return transport
        .request(leading, Packet.Kind.COMMIT, frame, TIMEOUT_MS)
        .thenApply(CommitPath::replies);
  }

  /** Reads what a leader answers. */
  static List<Reply> replies(byte[] answer) {
    try {
      return Reply.decode(answer);
    } catch (MalformedException e) {
      throw new IllegalStateException("the leader's answer: " + e.getMessage(), e);
    }
  }

  /** One attempt at this member, which fails if it does not lead. Any thread. */
  CompletableFuture<List<Reply>> commitHere(byte[] frame) {
    CompletableFuture<List<Reply>> future = new CompletableFuture<>();
    if (frame.length > Door.MAX_FRAME) {
      future.completeExceptionally(new IOException("a frame of " + frame.length + " bytes"));
      return future;
    }
    raft.getThreadContext().execute(() -> {
      if (raft.getRole() != RaftServer.Role.LEADER) {
        future.completeExceptionally(new IOException(name + " does not lead"));
        return;
      }
      overdue.add(future);
      try {
        var unused = raft.getRaftRole()
            .onOpenSession(
                new OpenSessionRequest(name, "", "", frame, ReadConsistency.SEQUENTIAL, 0, 1))
            .whenComplete((response, error) -> answer(future, response, error));
      } catch (RuntimeException e) { // Atomix throws what its log says.
        future.completeExceptionally(e);
      }
    });
    return future;
  }

  private void answer(
      CompletableFuture<List<Reply>> future,
      @Nullable OpenSessionResponse response,
      @Nullable Throwable error) {
    List<Reply> replies =
        error == null && response != null && response.status() == RaftResponse.Status.OK
            ? applier.takeReplies(response.session())
            : null;
    if (replies == null) {
      future.completeExceptionally(new IOException("the leader has changed"));
    } else {
      future.complete(replies);
    }
  }

  /**
   * Tells the followers at once what is committed; Atomix would with its next append, a heartbeat
   * away. On the Raft thread, when entries were applied.
   */
  void advanced() {
    reads.applied();
    long index = applier.applied();
    if (transport == null
        || raft.getRole() != RaftServer.Role.LEADER
        || applier.appliedTerm() == 0
        || index != raft.getLogWriter().getLastIndex()) {
      return;
    }
    for (var member : raft.getCluster().getRemoteMemberStates()) {
      nudge(member.getMember().memberId().id());
    }
  }

  private void nudge(String follower) {
    long index = applier.applied();
    AppendRequest nudge = new AppendRequest(
        raft.getTerm(), name, index, applier.appliedTerm(), new ArrayList<>(), index);
    if (nudged.add(follower)) {
      var unused = outbox
          .append(follower, nudge)
          .whenCompleteAsync(
              (response, error) -> {
                nudged.remove(follower);
                if (error == null && applier.applied() > index) {
                  advanced();
                }
              },
              raft.getThreadContext());
    }
  }

  /** A member can be reached now: it need not wait for a heartbeat to know who leads. Any thread. */
  void greet(String member) {
    raft.getThreadContext().execute(() -> {
      if (raft.getRole() == RaftServer.Role.LEADER && applier.appliedTerm() != 0) {
        nudge(member);
      }
    });
  }
}
