package dev.catwalk.raftstore.atomix;

import io.atomix.protocols.raft.storage.log.RaftLogReader;
import io.atomix.protocols.raft.storage.log.entry.RaftLogEntry;
import io.atomix.storage.journal.Indexed;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A leader's reader for another member: takes the newest entries from memory and the others from the
 * file, by Atomix's reader, which stays where it is meanwhile. Raft thread.
 */
final class RecentReader extends RaftLogReader {
  private final RaftLogReader file;
  private final RecentEntries recent;
  private final LongSupplier last;
  private @Nullable Indexed<RaftLogEntry> current;
  private long next;

  /**
   * A reader that stands where that of the file does.
   *
   * @param last index of the log's last entry
   */
  RecentReader(RaftLogReader file, RecentEntries recent, LongSupplier last) {
    super(null, null, null); // Every method below goes to the file's reader or to memory.
    this.file = file;
    this.recent = recent;
    this.last = last;
    stand();
  }

  private void stand() {
    next = file.getNextIndex();
    current = file.getCurrentEntry();
  }

  /** Where the log's beginning has gone past this reader, it goes on there, as Atomix's own does. */
  private void follow() {
    if (next < file.getFirstIndex()) {
      reset(file.getFirstIndex());
    }
  }

  @Override
  public long getFirstIndex() {
    return file.getFirstIndex();
  }

  @Override
  public long getCurrentIndex() {
    follow();
    return current == null ? 0 : current.index();
  }

  @Override
  @SuppressWarnings("NullAway") // Atomix's own is null at the log's beginning too.
  public Indexed<RaftLogEntry> getCurrentEntry() {
    follow();
    return current;
  }

  @Override
  public long getNextIndex() {
    follow();
    return next;
  }

  @Override
  public boolean hasNext() {
    follow();
    return next <= last.getAsLong() && (recent.get(next) != null || inFile());
  }

  private boolean inFile() {
    if (file.getNextIndex() != next) {
      file.reset(next);
    }
    return file.hasNext();
  }

  @Override
  public Indexed<RaftLogEntry> next() {
    follow();
    Indexed<RaftLogEntry> entry = recent.get(next);
    if (entry == null) {
      entry = inFile() ? file.next() : null;
    }
    if (entry == null || entry.index() != next) {
      throw new IllegalStateException("the log has no entry " + next);
    }
    current = entry;
    next++;
    return entry;
  }

  @Override
  public void reset() {
    file.reset();
    stand();
  }

  @Override
  public void reset(long index) {
    file.reset(index);
    stand();
  }

  /** The log will begin there: Atomix breaks a reader that stands just there, so it goes one on. */
  void stepPast(long head) {
    if (file.getNextIndex() == head) {
      file.reset(head + 1);
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
