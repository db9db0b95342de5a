package dev.catwalk.raftstore.atomix;

import io.atomix.cluster.MemberId;
import io.atomix.protocols.raft.RaftError;
import io.atomix.protocols.raft.RaftServer;
import io.atomix.protocols.raft.protocol.AppendRequest;
import io.atomix.protocols.raft.protocol.AppendResponse;
import io.atomix.protocols.raft.protocol.ConfigureRequest;
import io.atomix.protocols.raft.protocol.JoinRequest;
import io.atomix.protocols.raft.protocol.JoinResponse;
import io.atomix.protocols.raft.protocol.PollRequest;
import io.atomix.protocols.raft.protocol.PollResponse;
import io.atomix.protocols.raft.protocol.RaftResponse;
import io.atomix.protocols.raft.protocol.VoteRequest;
import io.atomix.protocols.raft.protocol.VoteResponse;
import io.atomix.protocols.raft.storage.log.RaftLogReader;
import io.atomix.protocols.raft.storage.log.entry.RaftLogEntry;
import io.atomix.storage.journal.Indexed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Stands between the other members' requests and Atomix's roles, and corrects what Atomix gets
 * wrong. Every guard only refuses, delays or narrows what a member says, which Raft allows at any
 * time. All on the Raft thread.
 *
 * <ul>
 *   <li>An append that begins a compacted log ("previous term 0") makes Atomix throw its own log
 *       away unseen. It is accepted only on top of a state that reaches so far, and is turned into
 *       an ordinary, checked append where the log has the entry; else the leader's snapshot is
 *       fetched first.
 *   <li>An append is acknowledged when it is on the disk.
 *   <li>A candidate that lacks what is committed here gets no vote, and nobody gets a second vote
 *       of one term. A member that was taken in anew votes when it has caught up.
 *   <li>A member that missed some heartbeats gets no yes from those that have heard their leader
 *       since: under load nobody ends a leadership that a majority still sees.
 * </ul>
 */
final class RaftGuards {
  /** A refused append is answered so late that the leader's repetitions are no load. */
  private static final long REFUSAL_DELAY_MS = 200;

  private final RaftEngine raft;
  private final Applier applier;
  private final LogSync sync;
  private final VoteGuard votes;
  private final Consumer<String> fetchFrom;
  private final Contact contact;
  private final LongPredicate mayVote;
  private final Consumer<Throwable> fatal;

  /**
   * Guards for one server.
   *
   * @param fetchFrom fetches and installs a snapshot of the member with this name; does nothing if
   *     one is being fetched
   * @param mayVote whether this member may vote with a log that ends there
   */
  RaftGuards(
      RaftEngine raft,
      Applier applier,
      LogSync sync,
      VoteGuard votes,
      Consumer<String> fetchFrom,
      Contact contact,
      LongPredicate mayVote,
      Consumer<Throwable> fatal) {
    this.raft = raft;
    this.applier = applier;
    this.sync = sync;
    this.votes = votes;
    this.fetchFrom = fetchFrom;
    this.contact = contact;
    this.mayVote = mayVote;
    this.fatal = fatal;
  }

  /** Handles another member's request; the future is completed on any thread. Any thread. */
  CompletableFuture<RaftResponse> handle(Object request) {
    CompletableFuture<RaftResponse> future = new CompletableFuture<>();
    if (raft.getThreadContext().isCurrentContext()) {
      handle(request, future);
    } else {
      raft.getThreadContext().execute(() -> handle(request, future));
    }
    return future;
  }

  private void handle(Object request, CompletableFuture<RaftResponse> future) {
    try {
      CompletableFuture<? extends RaftResponse> answer = switch (request) {
        case AppendRequest append -> append(append);
        case PollRequest poll -> poll(poll);
        case VoteRequest vote -> vote(vote);
        case JoinRequest join -> CompletableFuture.completedFuture(join(join));
        case ConfigureRequest configure -> raft.getRaftRole().onConfigure(deaf(configure));
        default ->
          throw new IllegalArgumentException(
              "no member sends " + request.getClass().getSimpleName());
      };
      var unused = answer.whenComplete((response, error) -> {
        if (error == null) {
          future.complete(response);
        } else {
          future.completeExceptionally(error);
        }
      });
    } catch (IndexOutOfBoundsException e) {
      fatal.accept(new IllegalStateException(
          "this member's log contradicts the leader's in what"
              + " is committed: remove this member's directory and let it join anew",
          e));
    } catch (UncheckedIOException | IOException | Error e) {
      fatal.accept(e);
    } catch (RuntimeException e) {
      future.completeExceptionally(e);
    }
  }

  private CompletableFuture<? extends RaftResponse> append(AppendRequest request) {
    if (request.term() >= raft.getTerm()) {
      contact.leaderHeard();
    }
    long previous = request.prevLogIndex();
    long first = raft.getLogReader().getFirstIndex();
    long last = raft.getLogWriter().getLastIndex();
    if (raft.getLogWriter().getLastEntry() == null) {
      // Our log is empty above a snapshot. Its entry is committed: there is nothing to compare.
      if (previous > 0 && previous == last && previous == applier.applied()) {
        return forward(with(request, previous, 0, request.entries()));
      }
    }
    if (request.prevLogTerm() == 0 && previous > applier.applied()) {
      fetchFrom.accept(request.leader().id());
      return refuse(request, last);
    }
    if (previous > 0 && previous < first) {
      return refuse(request, last);
    }
    if (request.prevLogTerm() == 0 && previous > 0 && previous <= last) {
      return forward(with(request, previous, termOf(previous), request.entries()));
    }
    if (previous == 0 && last > 0 && !request.entries().isEmpty()) {
      return forward(withoutKnown(request, last));
    }
    return forward(request);
  }

  /** Leaves away the first entries if our log has them, so that Atomix does not begin it anew. */
  private AppendRequest withoutKnown(AppendRequest request, long last) {
    int known = 0;
    long term = 0;
    while (known < request.entries().size() && known < last) {
      long ours = termOf(known + 1L);
      if (ours != request.entries().get(known).term()) {
        break;
      }
      term = ours;
      known++;
    }
    List<RaftLogEntry> rest =
        new ArrayList<>(request.entries().subList(known, request.entries().size()));
    return known == 0 ? request : with(request, known, term, rest);
  }

  private static AppendRequest with(
      AppendRequest request, long previous, long previousTerm, List<RaftLogEntry> entries) {
    return new AppendRequest(
        request.term(),
        request.leader().id(),
        previous,
        previousTerm,
        entries,
        request.commitIndex());
  }

  private long termOf(long index) {
    RaftLogReader reader = raft.getLogReader();
    reader.reset(index);
    Indexed<RaftLogEntry> entry = reader.next();
    if (entry.index() != index) {
      throw new IllegalStateException("entry " + index + " is not in the log");
    }
    return entry.entry().term();
  }

  private CompletableFuture<AppendResponse> forward(AppendRequest request) {
    if (!request.entries().isEmpty()) {
      sync.truncated(request.prevLogIndex());
    }
    return raft.getRaftRole().onAppend(request).thenCompose(this::whenDurable);
  }

  private CompletableFuture<AppendResponse> whenDurable(AppendResponse response) {
    CompletableFuture<AppendResponse> future = new CompletableFuture<>();
    if (response.status() == RaftResponse.Status.OK && response.succeeded()) {
      sync.whenDurable(response.lastLogIndex(), () -> future.complete(response));
    } else {
      future.complete(response);
    }
    return future;
  }

  /** Honours the leader but takes nothing; says that our log ends at {@code last}. */
  private CompletableFuture<AppendResponse> refuse(AppendRequest request, long last) {
    Indexed<RaftLogEntry> lastEntry = raft.getLogWriter().getLastEntry();
    long term = lastEntry == null ? 0 : lastEntry.entry().term();
    AppendRequest heartbeat =
        new AppendRequest(request.term(), request.leader().id(), last, term, new ArrayList<>(), 0);
    return raft.getRaftRole().onAppend(heartbeat).thenCompose(response -> {
      AppendResponse answer = response.status() == RaftResponse.Status.OK && response.succeeded()
          ? AppendResponse.builder()
              .withStatus(RaftResponse.Status.OK)
              .withTerm(response.term())
              .withSucceeded(false)
              .withLastLogIndex(last)
              .build()
          : response;
      CompletableFuture<AppendResponse> late = new CompletableFuture<>();
      raft.getThreadContext()
          .schedule(Duration.ofMillis(REFUSAL_DELAY_MS), () -> late.complete(answer));
      return late;
    });
  }

  /** Who leads in which term: to hear who votes, a member reads its log ({@link Seats}). */
  private static ConfigureRequest deaf(ConfigureRequest request) {
    return ConfigureRequest.builder()
        .withTerm(request.term())
        .withLeader(request.leader())
        .withIndex(0)
        .withTime(request.timestamp())
        .withMembers(request.members())
        .build();
  }

  /** Atomix greets its leader so when it starts. Nobody is taken in by that. */
  private JoinResponse join(JoinRequest request) {
    MemberId member = request.member().memberId();
    JoinResponse.Builder answer = JoinResponse.builder();
    return raft.getRole() != RaftServer.Role.LEADER || raft.getCluster().getMember(member) == null
        ? answer
            .withStatus(RaftResponse.Status.ERROR)
            .withError(RaftError.Type.UNAVAILABLE)
            .build()
        : answer
            .withStatus(RaftResponse.Status.OK)
            .withIndex(0)
            .withTerm(raft.getTerm())
            .withTime(raft.getCluster().getConfiguration().time())
            .withMembers(new ArrayList<>(raft.getCluster().getMembers()))
            .build();
  }

  /** Whether a candidate has no less than what is applied here, and this member may judge. */
  private boolean electable(long lastLogIndex) {
    return lastLogIndex >= applier.applied() && mayVote.test(raft.getLogWriter().getLastIndex());
  }

  private CompletableFuture<PollResponse> poll(PollRequest request) {
    if (leaderIsThere() || !electable(request.lastLogIndex())) {
      return CompletableFuture.completedFuture(PollResponse.builder()
          .withStatus(RaftResponse.Status.OK)
          .withTerm(raft.getTerm())
          .withAccepted(false)
          .build());
    }
    return raft.getRaftRole().onPoll(request);
  }

  /** Raft §9.6. An election timer runs for longer, so nobody waits for this. */
  private boolean leaderIsThere() {
    return raft.getRole() == RaftServer.Role.FOLLOWER
        && contact.leaderHeardWithin(raft.getElectionTimeout().toMillis() / 2);
  }

  private CompletableFuture<VoteResponse> vote(VoteRequest request) throws IOException {
    if (!electable(request.lastLogIndex())) {
      return CompletableFuture.completedFuture(noVote());
    }
    VoteResponse response = now(raft.getRaftRole().onVote(request));
    if (response != null
        && response.voted()
        && !votes.vote(request.term(), request.candidate().id())) {
      return CompletableFuture.completedFuture(noVote());
    }
    return response == null
        ? CompletableFuture.failedFuture(new IllegalStateException("Atomix votes at once"))
        : CompletableFuture.completedFuture(response);
  }

  private VoteResponse noVote() {
    return VoteResponse.builder()
        .withStatus(RaftResponse.Status.OK)
        .withTerm(Math.max(1, raft.getTerm()))
        .withVoted(false)
        .build();
  }

  private static @Nullable VoteResponse now(CompletableFuture<VoteResponse> future) {
    return future.isDone() ? future.join() : null;
  }
}
