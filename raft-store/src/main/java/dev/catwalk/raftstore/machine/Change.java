package dev.catwalk.raftstore.machine;

import java.util.SortedMap;

/** What a subscriber of the store is told, in the order of revisions. */
public sealed interface Change {

  /** The state is now that of this revision. */
  long revision();

  /** One command was applied; the change before it had revision {@code revision - 1}. */
  @SuppressWarnings("ArrayRecordComponent") // Opaque bytes on their way; nobody compares them.
  record Committed(long revision, String machine, byte[] command, byte[] outcome)
      implements Change {}

  /**
   * The changes up to this revision are no longer held: the subscriber was too far behind, or this
   * member got its state as a snapshot. Everything known so far is to be replaced.
   *
   * @param snapshots machine name → {@link Machine#snapshot}
   */
  record Replaced(long revision, SortedMap<String, byte[]> snapshots) implements Change {}
}
