package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.store.LocalReplica;
import io.atomix.cluster.MemberId;
import io.atomix.protocols.raft.RaftServer;
import io.atomix.protocols.raft.protocol.AppendRequest;
import io.atomix.protocols.raft.protocol.AppendResponse;
import io.atomix.protocols.raft.protocol.RaftResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads without an entry of the log (Raft §6.4): a leader that has applied an entry of its own term
 * notes how far it has committed, hears from a majority, after that, that it still leads in this
 * term, and waits until it has applied so far. One round of heartbeats serves all who came before it
 * began. No clock is asked. State belongs to the Raft thread.
 */
final class ReadIndex {
  /** One round's answers come while the next one goes out. */
  private static final int MAX_ROUNDS = 2;

  private static final long TIMEOUT_MS = 1000;

  private final String name;
  private final RaftEngine raft;
  private final Applier applier;
  private final LocalReplica replica;
  private final BiFunction<String, AppendRequest, CompletableFuture<RaftResponse>> heartbeat;
  private final TreeMap<Long, List<CompletableFuture<Long>>> confirmed = new TreeMap<>();
  private List<CompletableFuture<Long>> waiting = new ArrayList<>();
  private int rounds;

  private final class Round {
    final long term = raft.getTerm();
    final long commit = raft.getCommitIndex();
    final List<CompletableFuture<Long>> callers;
    int needed;
    int awaited;
    boolean over;

    Round(List<CompletableFuture<Long>> callers) {
      this.callers = callers;
    }

    void answered(@Nullable RaftResponse response) {
      awaited--;
      if (response instanceof AppendResponse append
          && append.status() == RaftResponse.Status.OK
          && append.term() == term) {
        needed--;
      }
      decide();
    }

    void decide() {
      if (over) {
        return;
      }
      boolean leads = raft.getRole() == RaftServer.Role.LEADER && raft.getTerm() == term;
      if (leads && needed > 0 && awaited >= needed) {
        return;
      }
      over = true;
      rounds--;
      if (leads && needed <= 0) {
        confirmed.computeIfAbsent(commit, index -> new ArrayList<>()).addAll(callers);
        applied();
      } else {
        callers.forEach(ReadIndex.this::refuse);
      }
      begin();
    }
  }

  /**
   * Reads of one member.
   *
   * @param heartbeat sends an append without entries to a member
   */
  ReadIndex(
      String name,
      RaftEngine raft,
      Applier applier,
      LocalReplica replica,
      BiFunction<String, AppendRequest, CompletableFuture<RaftResponse>> heartbeat) {
    this.name = name;
    this.raft = raft;
    this.applier = applier;
    this.replica = replica;
    this.heartbeat = heartbeat;
  }

  /**
   * A revision that no command is above which was acknowledged before; fails if this member does not
   * lead, or cannot prove it. Any thread.
   */
  CompletableFuture<Long> revision() {
    CompletableFuture<Long> future = new CompletableFuture<>();
    raft.getThreadContext().execute(() -> {
      waiting.add(future);
      begin();
    });
    return future.orTimeout(TIMEOUT_MS, TimeUnit.MILLISECONDS);
  }

  private void refuse(CompletableFuture<Long> caller) {
    caller.completeExceptionally(new IOException(name + " does not lead, or cannot tell"));
  }

  private void begin() {
    if (waiting.isEmpty() || rounds == MAX_ROUNDS) {
      return;
    }
    List<CompletableFuture<Long>> callers = waiting;
    waiting = new ArrayList<>();
    // Before its first own entry a leader cannot know what those before it have committed.
    if (raft.getRole() != RaftServer.Role.LEADER || applier.appliedTerm() != raft.getTerm()) {
      callers.forEach(this::refuse);
      return;
    }
    rounds++;
    Round round = new Round(callers);
    round.needed = raft.getCluster().getQuorum() - 1;
    List<MemberId> voters = raft.getCluster().getActiveMemberStates().stream()
        .map(state -> state.getMember().memberId())
        .toList();
    round.awaited = voters.size();
    AppendRequest request = new AppendRequest(
        round.term,
        name,
        applier.applied(),
        applier.appliedTerm(),
        new ArrayList<>(),
        applier.applied());
    for (MemberId voter : voters) {
      var unused = heartbeat
          .apply(voter.id(), request)
          .whenCompleteAsync(
              (response, error) -> round.answered(error == null ? response : null),
              raft.getThreadContext());
    }
    round.decide();
  }

  /** Entries were applied. Raft thread. */
  void applied() {
    while (!confirmed.isEmpty() && confirmed.firstKey() <= applier.applied()) {
      long revision = replica.revision();
      confirmed.pollFirstEntry().getValue().forEach(caller -> caller.complete(revision));
    }
  }
}
