package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.machine.News;
import org.jspecify.annotations.Nullable;

/**
 * What a client has heard of members lately, and whether it should go to the next one. One member
 * that has no majority, because it was just started or is cut off, says nothing of the others: the
 * client goes to the next one before it believes that there is none. Only {@link #heard} is not for
 * any thread.
 */
final class Hearing {
  /** So long a member may be silent, or without a majority, before the next one is asked. */
  static final long PATIENCE_MS = 1200;

  /** What was heard longer ago says nothing of now. */
  static final long FRESH_MS = NewsDesk.HOLD_MS + 1500;

  /** An answer may take so long: beyond {@link NewsDesk#HOLD_MS}, since a busy member takes its time. */
  static final long NEWS_MS = NewsDesk.HOLD_MS + 2500;

  /** So long a majority is believed in, though the member that was asked hangs and another is asked. */
  static final long MAJORITY_MS = NEWS_MS + 1000;

  /** So many members in a row have to say that they have no majority. */
  private static final int DENIALS = 2;

  private static final long NEVER = Long.MIN_VALUE / 2;

  private volatile long heardMs = NEVER;
  private volatile long majorityMs = NEVER;
  private volatile String leader = "";
  private volatile boolean following;
  private boolean denies;
  private int denials;
  private long contentMs;

  /** Nothing is heard yet. */
  Hearing(long nowMs) {
    contentMs = nowMs;
  }

  /**
   * A member has answered, or has not.
   *
   * @param news null if it has not
   * @param patient whether it is given time though it is of no use as yet: it brings its whole state
   * @return whether the next member should be asked
   */
  boolean heard(@Nullable News news, boolean patient, long nowMs) {
    boolean content = patient;
    if (news != null) {
      heardMs = nowMs;
      leader = news.leader();
      following = news.kind() == News.Kind.CHANGES || news.kind() == News.Kind.FETCH;
      denies = following && !news.quorum();
      if (following && news.quorum()) {
        majorityMs = nowMs;
        denials = 0;
        content |= news.kind() == News.Kind.CHANGES;
      }
    }
    if (content) {
      contentMs = nowMs;
    }
    if (nowMs - contentMs <= PATIENCE_MS) {
      return false;
    }
    denials = denies ? denials + 1 : denials;
    if (denials >= DENIALS) {
      majorityMs = NEVER;
    }
    denies = false;
    contentMs = nowMs;
    following = false;
    return true;
  }

  /** Whether the member that is asked now is one of this client's store. */
  boolean following() {
    return following;
  }

  /** Whether any member was heard lately. */
  boolean any(long nowMs) {
    return nowMs - heardMs < FRESH_MS;
  }

  /** Whether a member of this client's store has had a majority lately. */
  boolean majority(long nowMs) {
    return nowMs - majorityMs < MAJORITY_MS;
  }

  /** Who leads, as the last one said; empty if it did not know. */
  String leader() {
    return leader;
  }
}
