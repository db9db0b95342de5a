package dev.catwalk.raftstore.atomix;

import io.atomix.cluster.MemberId;
import io.atomix.protocols.raft.protocol.AppendRequest;
import io.atomix.protocols.raft.protocol.AppendResponse;
import io.atomix.protocols.raft.protocol.PollRequest;
import io.atomix.protocols.raft.protocol.RaftRequest;
import io.atomix.protocols.raft.protocol.RaftResponse;
import io.atomix.protocols.raft.protocol.RaftServerProtocol;
import io.atomix.protocols.raft.protocol.VoteRequest;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What Atomix says to other members. Of the forty methods of its protocol only five are ever used;
 * the handlers that it registers are not: {@link RaftGuards} calls its roles.
 *
 * <p>A follower's yes to an append reaches Atomix when this leader's own copy is on the disk too,
 * since Atomix counts its own copy without asking, or when a majority has one without it ({@link
 * FollowerCopies}). A candidate's own vote is on the disk before it asks for others.
 */
final class RaftOutbox {
  /** A member that hangs costs no more than this. */
  private static final long TIMEOUT_MS = 500;

  private final String name;
  private final @Nullable Transport transport;
  private final LogSync sync;
  private final VoteGuard votes;
  private final Contact contact;
  private final FollowerCopies copies;
  private final Consumer<Throwable> fatal;

  /** Whether this member may stand for election. */
  private volatile BooleanSupplier eligible = () -> true;

  /** Is told whom Atomix is about to append to, on the Raft thread. */
  private volatile Consumer<MemberId> beforeAppend = member -> {};

  /** Where the log ends, or the snapshot that it is empty above. */
  private volatile LongSupplier lastIndex = () -> 0;

  RaftOutbox(
      String name,
      @Nullable Transport transport,
      LogSync sync,
      VoteGuard votes,
      Contact contact,
      Consumer<Throwable> fatal) {
    this.name = name;
    this.transport = transport;
    this.sync = sync;
    this.votes = votes;
    this.contact = contact;
    this.copies = new FollowerCopies(contact::majority);
    this.fatal = fatal;
  }

  /**
   * Lets this member stand for election only where that says so, with a log that ends there. All are
   * called on the Raft thread.
   *
   * @param append is told whom Atomix is about to append to
   */
  void standIf(BooleanSupplier condition, LongSupplier logEnd, Consumer<MemberId> append) {
    eligible = condition;
    lastIndex = logEnd;
    beforeAppend = append;
  }

  /** This outbox as Atomix wants it. */
  RaftServerProtocol protocol() {
    return (RaftServerProtocol) Proxy.newProxyInstance(
        RaftServerProtocol.class.getClassLoader(),
        new Class<?>[] {RaftServerProtocol.class},
        (proxy, method, arguments) -> call(method, arguments));
  }

  private @Nullable Object call(Method method, Object @Nullable [] arguments) {
    if (arguments == null
        || arguments.length != 2
        || !(arguments[0] instanceof MemberId member)
        || !(arguments[1] instanceof RaftRequest request)) {
      return null; // register, unregister
    }
    return switch (method.getName()) {
      case "append" -> {
        beforeAppend.accept(member);
        yield append(member.id(), (AppendRequest) request);
      }
      case "vote" -> vote(member.id(), (VoteRequest) request);
      case "poll" -> poll(member.id(), (PollRequest) request);
      case "configure" -> {
        beforeAppend.accept(member);
        yield send(member.id(), request);
      }
      case "join" -> send(member.id(), request);
      default ->
        CompletableFuture.failedFuture(
            new UnsupportedOperationException(method.getName() + " is not spoken here"));
    };
  }

  /** Sends one append and completes when Atomix may count its answer. */
  CompletableFuture<RaftResponse> append(String member, AppendRequest request) {
    if (!request.entries().isEmpty()) {
      // The sync runs while the follower does its own.
      sync.whenDurable(request.prevLogIndex() + request.entries().size(), () -> {});
    }
    CompletableFuture<RaftResponse> counted = new CompletableFuture<>();
    var unused = send(member, request).whenComplete((response, error) -> {
      if (error != null) {
        copies.forget(member);
        counted.completeExceptionally(error);
        return;
      }
      contact.answered(member);
      if (response instanceof AppendResponse append
          && append.status() == RaftResponse.Status.OK
          && append.succeeded()) {
        copies.has(request.term(), member, append.lastLogIndex(), response, counted);
        sync.whenDurable(append.lastLogIndex(), () -> counted.complete(response));
      } else {
        copies.forget(member);
        counted.complete(response);
      }
    });
    return counted;
  }

  private CompletableFuture<RaftResponse> poll(String member, PollRequest request) {
    if (!eligible.getAsBoolean()) {
      return behind();
    }
    return send(
        member,
        PollRequest.builder()
            .withTerm(request.term())
            .withCandidate(request.candidate())
            .withLastLogIndex(reached(request.lastLogIndex()))
            .withLastLogTerm(request.lastLogTerm())
            .build());
  }

  /**
   * Atomix says 0 for a log that is empty above a snapshot, and where all logs are nobody would ever
   * be elected.
   */
  private long reached(long lastLogIndex) {
    return lastLogIndex == 0 ? lastIndex.getAsLong() : lastLogIndex;
  }

  private static CompletableFuture<RaftResponse> behind() {
    return CompletableFuture.failedFuture(
        new IOException("this member was taken in anew and has not caught up: it cannot lead"));
  }

  private CompletableFuture<RaftResponse> vote(String member, VoteRequest request) {
    if (!eligible.getAsBoolean()) {
      return behind();
    }
    try {
      if (votes.vote(request.term(), name)) {
        return send(
            member,
            VoteRequest.builder()
                .withTerm(request.term())
                .withCandidate(request.candidate())
                .withLastLogIndex(reached(request.lastLogIndex()))
                .withLastLogTerm(request.lastLogTerm())
                .build());
      }
      return CompletableFuture.failedFuture(
          new IOException("this member's vote of term " + request.term() + " is given already"));
    } catch (IOException e) {
      fatal.accept(e);
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletableFuture<RaftResponse> send(String member, RaftRequest request) {
    if (transport == null) {
      return CompletableFuture.failedFuture(new IOException("a cluster of one has no others"));
    }
    if (request instanceof AppendRequest append && append.entries().isEmpty()) {
      return transport
          .request(member, Packet.Kind.HEARTBEAT, Heartbeat.encode(append), TIMEOUT_MS)
          .thenApply(Heartbeat::answer);
    }
    return transport
        .request(member, Packet.Kind.RAFT, RaftNamespace.RAFT.serialize(request), TIMEOUT_MS)
        .thenApply(RaftNamespace.RAFT::<RaftResponse>deserialize);
  }
}
