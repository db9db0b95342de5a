package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.machine.Change.Committed;
import dev.catwalk.raftstore.machine.News;
import dev.catwalk.raftstore.machine.News.Ask;
import dev.catwalk.raftstore.machine.News.Kind;
import dev.catwalk.raftstore.machine.StateMark;
import dev.catwalk.raftstore.store.Door;
import dev.catwalk.raftstore.store.LocalReplica;
import java.util.ArrayDeque;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells clients what has changed. A client asks for what comes after its state and is answered when
 * there is something, so it never gets more than it takes, and whoever answers it next goes on where
 * it is. All that wait are in the same state as a rule: news are encoded once for all of them.
 * State belongs to the Raft thread, which goes on with other work between few clients and the next
 * few.
 */
final class NewsDesk {
  /** Clients that may wait at one member. */
  static final int MAX_WAITING = 2048;

  /** So long a client waits at most until it hears that nothing has changed. */
  static final long HOLD_MS = 1000;

  /** Changes, and about so many bytes of them, in one answer. */
  private static final int CHANGES_AT_ONCE = 256;

  private static final long BYTES_AT_ONCE = 256 << 10;

  /** States of clients for which what they lack is kept encoded. */
  private static final int MAX_STATES = 64;

  private static final long SWEEP_MS = 250;

  /** Clients that are told between two other tasks of the Raft thread. */
  private static final int TOLD_AT_ONCE = 32;

  /** So many clients for each millisecond between two rounds, or they would take all the time. */
  private static final int PER_MS = 20;

  private static final byte[] NOTHING = {};

  private record Waiter(Ask ask, long sinceMs, CompletableFuture<byte[]> future) {}

  private final LocalReplica replica;
  private final Supplier<@Nullable String> leader;
  private final BooleanSupplier quorum;
  private final Executor thread;
  private final Door.Later later;
  private final LongSupplier clockMs;
  private final ArrayDeque<Waiter> waiting = new ArrayDeque<>();

  /** What is said to those in one state, as long as nothing changes here. */
  private final TreeMap<Long, byte[]> encoded = new TreeMap<>();

  private long encodedAt = -1;
  private String toldLeader = "";
  private boolean toldQuorum;
  private long encodings;
  private long nextRoundMs = Long.MIN_VALUE / 2;
  private boolean roundComes;
  private boolean sweeping;

  /**
   * A desk nobody waits at.
   *
   * @param leader who leads, if that is known
   * @param thread the Raft thread; never runs a task before it returns
   * @param later the same, later
   * @param clockMs a clock that only goes forward
   */
  NewsDesk(
      LocalReplica replica,
      Supplier<@Nullable String> leader,
      BooleanSupplier quorum,
      Executor thread,
      Door.Later later,
      LongSupplier clockMs) {
    this.replica = replica;
    this.leader = leader;
    this.quorum = quorum;
    this.thread = thread;
    this.later = later;
    this.clockMs = clockMs;
  }

  /** Answers {@link Packet.Kind#NEWS}. Any thread. */
  CompletableFuture<byte[]> ask(byte[] request) {
    Ask ask = Ask.of(request);
    CompletableFuture<byte[]> future = new CompletableFuture<>();
    thread.execute(() -> {
      byte[] now = answer(ask, ask.atOnce());
      if (now.length > 0) {
        future.complete(now);
      } else if (waiting.size() == MAX_WAITING) {
        future.completeExceptionally(new IllegalStateException("too many clients wait here"));
      } else {
        waiting.add(new Waiter(ask, clockMs.getAsLong(), future));
        sweepLater();
      }
    });
    return future;
  }

  /** Entries were applied. Raft thread. */
  void advanced() {
    if (!waiting.isEmpty() && !roundComes) {
      roundComes = true;
      long delay = nextRoundMs - clockMs.getAsLong();
      if (delay <= 0) {
        thread.execute(this::round);
      } else {
        later.after(delay, this::round);
      }
    }
  }

  private void round() {
    roundComes = false;
    nextRoundMs = clockMs.getAsLong() + waiting.size() / PER_MS;
    tell(waiting.size(), false);
  }

  /** Tells the first of those who wait, some at a time. */
  private void tell(int count, boolean evenIfNothing) {
    int now = Math.min(count, TOLD_AT_ONCE);
    for (int i = 0; i < now && !waiting.isEmpty(); i++) {
      Waiter waiter = waiting.remove();
      byte[] answer = answer(waiter.ask(), evenIfNothing);
      if (answer.length > 0) {
        waiter.future().complete(answer);
      } else {
        waiting.add(waiter);
      }
    }
    if (count > now) {
      thread.execute(() -> tell(count - now, evenIfNothing));
    }
  }

  private void sweepLater() {
    if (!sweeping) {
      sweeping = true;
      later.after(SWEEP_MS, this::sweep);
    }
  }

  /** Says that nothing has changed, to those who have waited long, or to all if the leader has. */
  private void sweep() {
    sweeping = false;
    boolean changed = !toldLeader.equals(leading()) || toldQuorum != quorum.getAsBoolean();
    long now = clockMs.getAsLong();
    int due = 0;
    for (Waiter waiter : waiting) {
      if (!changed && now - waiter.sinceMs() < HOLD_MS) {
        break; // Those behind came later, or were passed over a moment ago.
      }
      due++;
    }
    tell(due, true);
    if (!waiting.isEmpty()) {
      sweepLater();
    }
  }

  private String leading() {
    String name = leader.get();
    return name == null ? "" : name;
  }

  /** Empty if there is nothing to say. */
  private byte[] answer(Ask ask, boolean evenIfNothing) {
    String origin = replica.origin();
    long from = ask.at().revision();
    if (origin.isEmpty()) {
      return evenIfNothing ? say(Kind.CHANGES, List.of()) : NOTHING;
    }
    if (!ask.origin().isEmpty() && !ask.origin().equals(origin)) {
      return say(Kind.OTHER_STORE, List.of());
    }
    if (from > replica.revision()) { // This member is behind; its log brings what is missing.
      return evenIfNothing ? say(Kind.CHANGES, List.of()) : NOTHING;
    }
    StateMark mine = replica.mark(from);
    if (mine == null) {
      return say(Kind.FETCH, List.of());
    }
    if (!mine.equals(ask.at())) {
      return say(Kind.DIFFERS, List.of());
    }
    if (from == replica.revision()) {
      return evenIfNothing ? say(Kind.CHANGES, List.of()) : NOTHING;
    }
    return changesAfter(from);
  }

  private byte[] changesAfter(long from) {
    if (encodedAt != replica.revision() || encoded.size() == MAX_STATES) {
      encodedAt = replica.revision();
      encoded.clear();
    }
    byte[] known = encoded.get(from);
    if (known == null) {
      List<Committed> changes = replica.committedAfter(from, CHANGES_AT_ONCE, BYTES_AT_ONCE);
      known = changes == null ? say(Kind.FETCH, List.of()) : say(Kind.CHANGES, changes);
      encoded.put(from, known);
      encodings++;
    }
    return known;
  }

  private byte[] say(Kind kind, List<Committed> changes) {
    toldLeader = leading();
    toldQuorum = quorum.getAsBoolean();
    StateMark end = changes.isEmpty() ? null : replica.mark(changes.getLast().revision());
    return new News(
            kind, replica.origin(), toldLeader, toldQuorum, end == null ? 0 : end.hash(), changes)
        .bytes();
  }

  /** How often changes were encoded. Raft thread. */
  long encodings() {
    return encodings;
  }
}
