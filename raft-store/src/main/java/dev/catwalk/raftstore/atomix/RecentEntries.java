package dev.catwalk.raftstore.atomix;

import io.atomix.protocols.raft.storage.log.entry.RaftLogEntry;
import io.atomix.storage.journal.Indexed;
import org.jspecify.annotations.Nullable;

/**
 * The newest entries of the log, as they were written. Atomix's readers look for each entry by
 * reading 136 KiB of the file, several times; whoever is close behind the log's end reads here
 * instead. What is cut from the log is cut from here. Raft thread.
 */
final class RecentEntries {
  /** A power of two. */
  static final int MAX_ENTRIES = 256;

  /** The newest entry is held, however long it is; of the others only so many bytes. */
  static final long MAX_BYTES = 1 << 20;

  @SuppressWarnings({"unchecked", "rawtypes"}) // An array of a generic type.
  private final @Nullable Indexed<RaftLogEntry>[] ring = new Indexed[MAX_ENTRIES];

  private long first = 1;
  private long next = 1;
  private long bytes;

  /** An entry was written behind the log's last one. */
  void add(Indexed<RaftLogEntry> entry) {
    if (entry.index() != next) {
      cut(0);
      first = entry.index();
      next = first;
    }
    while (next > first && (next - first == MAX_ENTRIES || bytes + entry.size() > MAX_BYTES)) {
      drop(first++);
    }
    ring[slot(next++)] = entry;
    bytes += entry.size();
  }

  /** The log ends with this entry now. */
  void cut(long last) {
    while (next > first && next - 1 > last) {
      drop(--next);
    }
  }

  private void drop(long index) {
    Indexed<RaftLogEntry> dropped = ring[slot(index)];
    ring[slot(index)] = null;
    bytes -= dropped == null ? 0 : dropped.size();
  }

  private static int slot(long index) {
    return (int) (index & MAX_ENTRIES - 1);
  }

  /** The entry with this index; null if the log has to be read. */
  @Nullable
  Indexed<RaftLogEntry> get(long index) {
    return index >= first && index < next ? ring[slot(index)] : null;
  }
}
