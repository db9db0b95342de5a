package dev.catwalk.raftstore.machine;

import org.jspecify.annotations.Nullable;

/** The state hashes of the newest revisions, to be compared with those of other members. */
final class HashRing {
  private final long[] hashes;
  private long oldest;
  private long newest;

  /**
   * A ring that holds the state before the first command.
   *
   * @param size revisions that are held at most
   */
  HashRing(int size) {
    this.hashes = new long[size];
  }

  void add(long revision, long hash) {
    assert revision == newest + 1 : revision + " after " + newest;
    newest = revision;
    oldest = Math.max(oldest, newest - hashes.length + 1);
    hashes[slot(revision)] = hash;
  }

  /** Forgets everything but one state. */
  void restart(long revision, long hash) {
    oldest = revision;
    newest = revision;
    hashes[slot(revision)] = hash;
  }

  /** The newest state at or below {@code revision}; null if it is no longer held. */
  @Nullable
  StateMark atMost(long revision) {
    long found = Math.min(revision, newest);
    return found < oldest ? null : new StateMark(found, hashes[slot(found)]);
  }

  private int slot(long revision) {
    return (int) (revision % hashes.length);
  }
}
