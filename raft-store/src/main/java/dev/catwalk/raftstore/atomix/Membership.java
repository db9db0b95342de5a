package dev.catwalk.raftstore.atomix;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.catwalk.raftstore.machine.Frame;
import dev.catwalk.raftstore.machine.MemberChange;
import dev.catwalk.raftstore.machine.MembersMachine;
import dev.catwalk.raftstore.machine.Roster;
import dev.catwalk.raftstore.machine.Roster.Seat;
import dev.catwalk.raftstore.store.StoreException;
import dev.catwalk.raftstore.store.StoreException.Kind;
import io.atomix.cluster.MemberId;
import io.atomix.protocols.raft.RaftServer;
import io.atomix.protocols.raft.ReadConsistency;
import io.atomix.protocols.raft.cluster.RaftMember;
import io.atomix.protocols.raft.protocol.OpenSessionRequest;
import io.atomix.protocols.raft.protocol.RaftResponse;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes who is in the store, one voter at a time and never two changes at once: whoever leads
 * writes the next roster as an entry of the log, when its own first entry and the roster before are
 * committed, and goes by it at once ({@link Seats}). A member that joins learns first; the leader
 * lets it vote when its log has all but the newest entries. The leader itself does not leave: it
 * hands over first.
 */
final class Membership {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);
  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,252}";
  private static final String ADDRESS =
      "[^:\\s]{1,255}:[0-9]{1,5}|\\[[0-9A-Fa-f:.%a-z]+\\]:[0-9]{1,5}";
  private static final String ANYWHERE = "nowhere:0";
  private static final byte DONE = 0;
  private static final byte REFUSED = 1;
  private static final byte AGAIN = 2;

  private static final long PERIOD_MS = 200;
  private static final long ATTEMPT_MS = 3000;
  private static final long GIVE_UP_MS = 15_000;

  /** A leader that hands over does not stand for so long. */
  private static final long ABSTAIN_MS = 4000;

  /** Entries that a member may lack when it begins to vote. */
  private static final long NEARLY = 256;

  private final String name;
  private final Transport transport;
  private final RaftEngine raft;
  private final Applier applier;
  private final Seats seats;
  private final Contact contact;
  private final SecureRandom random = new SecureRandom();
  private final ScheduledExecutorService helper;
  private final ToIntFunction<String> format;
  private @Nullable VoterKeeper voters;
  private volatile long abstainUntilMs = Long.MIN_VALUE / 2;

  /** Why the leader cannot do what it is asked for. */
  private record Verdict(@Nullable Roster next, byte code, String why) {
    static Verdict refused(String why) {
      return new Verdict(null, REFUSED, why);
    }

    static Verdict again(String why) {
      return new Verdict(null, AGAIN, why);
    }

    static Verdict go(Roster next) {
      return new Verdict(next, DONE, "");
    }
  }

  /**
   * Nothing is changed yet.
   *
   * @param format what another member's program knows
   */
  Membership(
      String name,
      Transport transport,
      RaftEngine raft,
      Applier applier,
      Seats seats,
      Contact contact,
      ToIntFunction<String> format,
      ScheduledExecutorService helper) {
    this.name = name;
    this.transport = transport;
    this.raft = raft;
    this.applier = applier;
    this.seats = seats;
    this.contact = contact;
    this.format = format;
    this.helper = helper;
  }

  /** While this member leads, voters are chosen like that; before {@link #start}. */
  void choose(VoterKeeper keeper) {
    voters = keeper;
  }

  /** Begins to look after those that learn, while this member leads. */
  void start() {
    var unused = helper.scheduleWithFixedDelay(
        () -> raft.getThreadContext().execute(this::lookAfterLearners),
        PERIOD_MS,
        PERIOD_MS,
        TimeUnit.MILLISECONDS);
  }

  /** Whether this member has just handed its lead over and should not take it again. */
  boolean abstains() {
    return Contact.nowMs() < abstainUntilMs;
  }

  /** See {@link dev.catwalk.raftstore.store.Store#change}. Any thread. */
  CompletableFuture<Roster> change(MemberChange change, boolean evenWithoutMajority) {
    byte[] request = answer((byte) (evenWithoutMajority ? 1 : 0), change.bytes());
    CompletableFuture<Roster> future = new CompletableFuture<>();
    int least = switch (change) {
      case MemberChange.Need need -> Format.NEEDS;
      case MemberChange.Offer offer -> Format.CHOICE;
      case MemberChange.Join join -> Format.MEMBERSHIP;
      case MemberChange.Leave leave -> Format.MEMBERSHIP;
      case MemberChange.Move move -> Format.MEMBERSHIP;
    };
    attempt(request, least, Contact.nowMs(), future);
    return future;
  }

  private void attempt(byte[] request, int least, long sinceMs, CompletableFuture<Roster> future) {
    RaftMember leader = raft.getLeader();
    CompletableFuture<byte[]> answer;
    if (leader == null) {
      answer = CompletableFuture.completedFuture(answer(AGAIN, "no majority answers"));
    } else if (leader.memberId().id().equals(name)) {
      answer = handle(request);
    } else if (transport.format(leader.memberId().id()) < least) {
      answer = CompletableFuture.completedFuture(
          answer(REFUSED, older(leader.memberId().id(), least > Format.MEMBERSHIP)));
    } else {
      answer =
          transport.request(leader.memberId().id(), Packet.Kind.CHANGE, request, ATTEMPT_MS + 1000);
    }
    var unused = answer.whenComplete((bytes, error) -> {
      byte code = error != null || bytes.length == 0 ? AGAIN : bytes[0];
      if (code == DONE) {
        future.complete(Roster.of(Arrays.copyOfRange(bytes, 1, bytes.length)));
        return;
      }
      String why = error != null
          ? String.valueOf(error.getMessage())
          : new String(bytes, 1, bytes.length - 1, UTF_8);
      if (code == REFUSED) {
        future.completeExceptionally(new StoreException(Kind.REFUSED, why));
      } else if (Contact.nowMs() - sinceMs > GIVE_UP_MS || helper.isShutdown()) {
        future.completeExceptionally(new StoreException(
            Kind.NO_QUORUM,
            "the change is not made, or nobody can tell: " + why + ". Look at the members again"));
      } else {
        var unusedLater = helper.schedule(
            () -> attempt(request, least, sinceMs, future), PERIOD_MS, TimeUnit.MILLISECONDS);
      }
    });
  }

  private static byte[] answer(byte code, String why) {
    return answer(code, why.getBytes(UTF_8));
  }

  /** A byte and what follows it. */
  static byte[] answer(byte code, byte[] body) {
    byte[] answer = new byte[body.length + 1];
    answer[0] = code;
    System.arraycopy(body, 0, answer, 1, body.length);
    return answer;
  }

  /** Answers {@link Packet.Kind#CHANGE}. Any thread. */
  CompletableFuture<byte[]> handle(byte[] request) {
    CompletableFuture<byte[]> future = new CompletableFuture<>();
    MemberChange change = MemberChange.of(Arrays.copyOfRange(request, 1, request.length));
    raft.getThreadContext().execute(() -> decide(change, request[0] != 0, future));
    return future.completeOnTimeout(
        answer(AGAIN, "the change is written and no majority has confirmed it yet"),
        ATTEMPT_MS,
        TimeUnit.MILLISECONDS);
  }

  /** Makes the change, if this member leads and may; the answer is a {@link Packet.Kind#CHANGE}'s. */
  void decide(MemberChange change, boolean force, CompletableFuture<byte[]> future) {
    Verdict verdict = verdict(change, force);
    Roster next = verdict.next();
    if (next == null) {
      future.complete(answer(verdict.code(), verdict.why()));
    } else if (next.equals(seats.current())) {
      future.complete(done(next));
    } else {
      write(next, future);
    }
  }

  private static byte[] done(Roster roster) {
    return answer(DONE, roster.bytes());
  }

  private @Nullable String notNow() {
    if (raft.getRole() != RaftServer.Role.LEADER || applier.appliedTerm() != raft.getTerm()) {
      return name + " does not lead";
    }
    return seats.settled() ? null : "another change is under way";
  }

  private Verdict verdict(MemberChange change, boolean force) {
    String notNow = notNow();
    if (notNow != null) {
      return Verdict.again(notNow);
    }
    String address = switch (change) {
      case MemberChange.Join join -> join.address();
      case MemberChange.Move move -> move.address();
      case MemberChange.Leave leave -> ANYWHERE;
      case MemberChange.Need need -> ANYWHERE;
      case MemberChange.Offer offer -> offer.address();
    };
    boolean isOfOne = !(change instanceof MemberChange.Need);
    if (isOfOne && !change.name().matches(NAME) || !address.matches(ADDRESS)) {
      return Verdict.refused(
          "want a node's name and HOST:PORT, not " + change.name() + " and " + address);
    }
    Roster now = seats.current();
    Seat seat = now.seats().get(change.name());
    Roster next = switch (change) {
      case MemberChange.Join join -> {
        if (seat != null) {
          yield seat.address().equals(join.address())
              ? now
              : now.with(join.name(), new Seat(join.address(), seat.votes(), seat.replaces()));
        }
        if (!join.replaces().isEmpty() && !now.votes(join.replaces())) {
          yield null;
        }
        yield grown(now, now.with(join.name(), new Seat(join.address(), false, join.replaces())));
      }
      case MemberChange.Leave leave -> seat == null ? now : now.without(leave.name());
      case MemberChange.Move move ->
        seat == null
            ? null
            : seat.address().equals(move.address())
                ? now
                : now.with(move.name(), new Seat(move.address(), seat.votes(), seat.replaces()));
      case MemberChange.Need need ->
        now.needs() >= need.format() ? now : now.needing(need.format());
      case MemberChange.Offer offer -> {
        if (voters != null) {
          voters.offered(offer, raft.getTerm());
        }
        yield now;
      }
    };
    if (next == null) {
      String unknown = change instanceof MemberChange.Join join ? join.replaces() : change.name();
      return Verdict.refused(unknown + " is no member of this store that votes: see store members");
    }
    return next.equals(now) ? Verdict.go(now) : allowed(now, next, force);
  }

  /** A store of one asks nobody before it writes what is new: whoever comes has to know all of it. */
  private Roster grown(Roster now, Roster next) {
    return now.seats().size() > 1 || transport.format() < Format.NEEDS
        ? next
        : new Roster(next.number(), next.seats(), Math.max(next.needs(), transport.format()));
  }

  private Verdict allowed(Roster now, Roster next, boolean force) {
    int least = Math.max(Format.MEMBERSHIP, next.needs());
    boolean raised = next.needs() > now.needs();
    if (raised && transport.format() < least) {
      return Verdict.refused(older(name, true));
    }
    for (String member : next.seats().keySet()) {
      if (member.equals(name) || !now.seats().containsKey(member)) {
        continue;
      }
      if (contact.mayStillAnswer(member, raft.getTerm())) {
        return Verdict.again(member + " has not answered this leader yet");
      }
      // Whoever is down may come back with the program that it was last met with.
      if ((raised || contact.fresh(member)) && format.applyAsInt(member) < least) {
        return Verdict.refused(older(member, raised));
      }
    }
    if (next.seats().size() > Roster.MAX_SEATS) {
      return Verdict.refused("a store has at most " + Roster.MAX_SEATS + " members");
    }
    if (next.voters().size() < 2 && now.voters().size() > 1) {
      return Verdict.refused("only one member would vote: to go on with one, write a backup"
          + " and begin a cluster of one with it");
    }
    if (!next.votes(name)) {
      handOver();
      return Verdict.again(name + " leads and hands over first");
    }
    long healthy = next.voters().stream()
        .filter(member -> member.equals(name) || contact.fresh(member))
        .count();
    if (healthy < next.quorum() && !force) {
      return Verdict.refused("of " + next.voters().size() + " members that would vote, only "
          + healthy + " answer: nothing could be written any more. Bring members back first");
    }
    return Verdict.go(next);
  }

  private static String older(String member, boolean orNotMet) {
    return orNotMet
        ? member + " runs an older program, or has not been met since this member began: upgrade"
            + " it, or start it"
        : member + " runs an older program, which does not know changes of members: upgrade it";
  }

  private void handOver() {
    LOG.info("this member leads and is to leave: another one leads first");
    abstainUntilMs = Contact.nowMs() + ABSTAIN_MS;
    raft.setLeader(null);
    raft.transition(RaftServer.Role.FOLLOWER);
  }

  private void write(Roster next, CompletableFuture<byte[]> future) {
    LOG.info("members: {}", next.seats());
    byte[] frame = new Frame(
            random.nextLong(),
            1,
            List.of(new Frame.Item(1, MembersMachine.NAME, MembersMachine.seat(next))))
        .encode();
    try {
      var unused = raft.getRaftRole()
          .onOpenSession(
              new OpenSessionRequest(name, "", Seats.TYPE, frame, ReadConsistency.SEQUENTIAL, 0, 1))
          .whenComplete((response, error) -> {
            boolean done = error == null
                && response.status() == RaftResponse.Status.OK
                && applier.takeReplies(response.session()) != null;
            future.complete(done ? done(next) : answer(AGAIN, "the leader has changed"));
          });
    } catch (RuntimeException e) { // Atomix throws what its log says.
      future.complete(answer(AGAIN, String.valueOf(e.getMessage())));
    }
  }

  /** One step for one member, if there is one to do. Raft thread. */
  private void lookAfterLearners() {
    if (notNow() != null) {
      return;
    }
    Roster now = seats.current();
    for (Map.Entry<String, Seat> entry : now.seats().entrySet()) {
      Roster next = step(now, entry.getKey(), entry.getValue());
      if (next != null && allowed(now, next, false).next() != null) {
        write(next, new CompletableFuture<>());
        return;
      }
    }
    if (voters != null) {
      voters.look(now, raft.getTerm());
    }
  }

  /** A dead voter goes before its successor votes, one that lives after: so a majority is left. */
  private @Nullable Roster step(Roster now, String member, Seat seat) {
    boolean replaces = now.votes(seat.replaces());
    boolean old = replaces && (seat.replaces().equals(name) || contact.fresh(seat.replaces()));
    if (seat.votes()) {
      return replaces ? now.without(seat.replaces()) : null;
    }
    if (!knowsNearlyAll(member)) {
      return null;
    }
    if (replaces && !old) {
      return now.without(seat.replaces());
    }
    return now.voters().size() >= Roster.MAX_VOTERS
        ? null
        : now.with(member, new Seat(seat.address(), true, seat.replaces()));
  }

  private boolean knowsNearlyAll(String member) {
    var state = raft.getCluster().getMemberState(MemberId.from(member));
    return state != null
        && contact.fresh(member)
        && state.getMatchIndex() > 0
        && state.getMatchIndex() + NEARLY >= raft.getLogWriter().getLastIndex();
  }
}
