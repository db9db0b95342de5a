package dev.catwalk.raftstore.atomix;

import io.atomix.protocols.raft.storage.log.RaftLog;
import io.atomix.protocols.raft.storage.log.RaftLogReader;
import io.atomix.protocols.raft.storage.log.entry.RaftLogEntry;
import io.atomix.storage.journal.JournalReader;
import io.atomix.storage.journal.SegmentedJournal;
import java.util.function.LongSupplier;

/**
 * Atomix's log as its leader gets it, for the readers that it opens for each other member. It stands
 * on the same journal as Atomix's own.
 */
final class RecentLog extends RaftLog {
  private final RecentEntries recent;
  private final LongSupplier last;

  /**
   * Another view of a log.
   *
   * @param last index of its last entry
   */
  RecentLog(RaftLog log, RecentEntries recent, LongSupplier last) {
    super(journal(log), false);
    this.recent = recent;
    this.last = last;
  }

  /** Atomix gives away its journal nowhere else. */
  @SuppressWarnings("unchecked") // The field's type.
  private static SegmentedJournal<RaftLogEntry> journal(RaftLog log) {
    try {
      var field = RaftLog.class.getDeclaredField("journal");
      field.setAccessible(true);
      return (SegmentedJournal<RaftLogEntry>) field.get(log);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this is not Atomix 3.1.12", e);
    }
  }

  @Override
  public RaftLogReader openReader(long index, JournalReader.Mode mode) {
    RaftLogReader file = super.openReader(index, mode);
    // For one that learns: what is not committed is not for it, and memory does not know.
    return mode == JournalReader.Mode.COMMITS ? file : new RecentReader(file, recent, last);
  }
}
