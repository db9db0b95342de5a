package dev.catwalk.raftstore.store;

import dev.catwalk.raftstore.machine.Frame;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The leader's part in the log's time: a member asks it again and again while it leads, and writes
 * what it is given into the log itself, in the term that it asked for. Every engine uses it; state
 * belongs to the thread on which the engine writes.
 *
 * <p>Why no time counts twice, and none in which nobody led: what a leader says begins when it found
 * itself leading, with an entry of its own term applied, and ends when it writes it. An entry of its
 * term that a later leader has was written before that one was elected, however long the leader or
 * the entry lay still between, and one written after that is in no majority's log. So what leaders of
 * different terms say never overlaps, and what is lost with a leader has not passed.
 */
public final class LogClock {
  /** So often a member that leads asks, at least. */
  public static final long POLL_MS = 250;

  /** What was written is either in the log by now, and will be committed, or lost. */
  private static final long PATIENCE_MS = 5000;

  private final LocalReplica replica;
  private final long client;
  private long sequence;
  private long ledTerm;
  private long sinceMs;
  private boolean underWay;

  /**
   * The clock of one run of one member.
   *
   * @param client a number of 64 bits that no other run of any member has
   */
  public LogClock(LocalReplica replica, long client) {
    this.replica = replica;
    this.client = client;
  }

  /**
   * What is to be written now, if anything is. This member leads and has applied an entry of its own
   * term.
   *
   * @param nowMs of a clock that only goes forward
   */
  public byte @Nullable [] tick(long term, long nowMs) {
    long periodMs = replica.periodMs();
    if (term != ledTerm || periodMs == 0) {
      ledTerm = term;
      sinceMs = nowMs;
      underWay = false;
      return null;
    }
    long elapsedMs = nowMs - sinceMs;
    if (elapsedMs + POLL_MS / 2 < periodMs || underWay && elapsedMs < PATIENCE_MS) {
      return null;
    }
    sinceMs = nowMs;
    underWay = true;
    long first = sequence + 1;
    List<Frame.Item> items = new ArrayList<>();
    replica
        .elapse(elapsedMs)
        .forEach((machine, command) -> items.add(new Frame.Item(++sequence, machine, command)));
    return new Frame(client, first, items).encode();
  }

  /** What was written is committed, or will not be. */
  public void answered() {
    underWay = false;
  }
}
