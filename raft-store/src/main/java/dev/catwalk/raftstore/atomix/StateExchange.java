package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.machine.StateMark;
import dev.catwalk.raftstore.store.LocalReplica;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks every other member once a second, while there is something new, for its state hash at this
 * member's revision; one that is not there yet answers with its own revision. Each judges itself. A
 * request and its answer are a revision (u64) and the first 64 bits of its hash; the answer is 0, 0
 * if that revision is too long ago.
 */
final class StateExchange {
  private static final long PERIOD_MS = 1000;
  private static final long TIMEOUT_MS = 1000;
  private static final int LENGTH = 16;

  /** So long a member that differs from its leader waits for a majority to be known. */
  private static final int MAX_DISPUTED_ROUNDS = 5;

  private final Supplier<List<String>> others;
  private final Transport transport;
  private final LocalReplica replica;
  private final StateComparison comparison;
  private final Supplier<@Nullable String> leader;
  private final Consumer<String> outvoted;
  private int disputedRounds;

  /**
   * An exchange that has not begun.
   *
   * @param leader name of the member that leads, if one is known
   * @param outvoted is told why this member must not go on
   */
  StateExchange(
      Supplier<List<String>> others,
      Transport transport,
      LocalReplica replica,
      StateComparison comparison,
      Supplier<@Nullable String> leader,
      Consumer<String> outvoted) {
    this.others = others;
    this.transport = transport;
    this.replica = replica;
    this.comparison = comparison;
    this.leader = leader;
    this.outvoted = outvoted;
  }

  /** Begins to ask, until the executor is shut down. */
  void start(ScheduledExecutorService executor) {
    var unused =
        executor.scheduleWithFixedDelay(this::askAll, PERIOD_MS, PERIOD_MS, TimeUnit.MILLISECONDS);
  }

  private void askAll() {
    String dispute = comparison.dispute(leader.get());
    disputedRounds = dispute == null ? 0 : disputedRounds + 1;
    if (dispute != null && disputedRounds > MAX_DISPUTED_ROUNDS) {
      outvoted.accept(dispute);
    }
    StateMark newest = replica.mark(Long.MAX_VALUE);
    if (newest == null) {
      return;
    }
    for (String member : others.get()) {
      if (!comparison.confirmed(member, newest.revision())) {
        var unused = transport
            .request(member, Packet.Kind.STATE, encode(newest), TIMEOUT_MS)
            .thenAccept(answer -> answered(member, answer));
      }
    }
  }

  private void answered(String member, byte[] answer) {
    if (answer.length != LENGTH) {
      return;
    }
    StateMark theirs = decode(answer);
    StateMark ours = replica.mark(theirs.revision());
    if (theirs.revision() == 0 || ours == null || ours.revision() != theirs.revision()) {
      return;
    }
    comparison.compared(member, ours, theirs);
    String verdict = comparison.verdict();
    if (verdict != null) {
      outvoted.accept(verdict);
    }
  }

  /**
   * Answers another member.
   *
   * @throws IllegalArgumentException if it asks for something else
   */
  byte[] answer(byte[] request) {
    if (request.length != LENGTH) {
      throw new IllegalArgumentException("a request for a state hash has " + LENGTH + " bytes");
    }
    StateMark ours = replica.mark(decode(request).revision());
    return encode(ours == null ? new StateMark(0, 0) : ours);
  }

  private static byte[] encode(StateMark mark) {
    return ByteBuffer.allocate(LENGTH)
        .putLong(mark.revision())
        .putLong(mark.hash())
        .array();
  }

  private static StateMark decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    return new StateMark(in.getLong(), in.getLong());
  }
}
