package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.machine.Frame;
import dev.catwalk.raftstore.machine.MembersMachine;
import dev.catwalk.raftstore.machine.Roster;
import io.atomix.protocols.raft.storage.log.RaftLog;
import io.atomix.protocols.raft.storage.log.RaftLogReader;
import io.atomix.protocols.raft.storage.log.entry.OpenSessionEntry;
import io.atomix.protocols.raft.storage.log.entry.RaftLogEntry;
import io.atomix.storage.journal.Indexed;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who votes, as the log says (Raft §4.1): a member goes by the newest roster in its log, committed or
 * not, from the moment it is written; when the entry is cut off, by the one before. Atomix's own way
 * tells followers beside the log, from which nobody goes back. Raft thread, but for {@link #current}.
 */
final class Seats {
  /** Marks the entries that hold a roster, where Atomix has the type of a service. */
  static final String TYPE = "roster";

  private final Roster founders;
  private final Supplier<@Nullable Roster> applied;
  private final TreeMap<Long, Roster> written = new TreeMap<>();
  private Consumer<Roster> adopt = roster -> {};
  private volatile Roster current;

  /**
   * The founders', until a log is read.
   *
   * @param applied the roster of the state; null if there was no change as yet
   */
  Seats(Roster founders, Supplier<@Nullable Roster> applied) {
    this.founders = founders;
    this.applied = applied;
    this.current = newest();
  }

  /** The roster that this member goes by. Any thread. */
  Roster current() {
    return current;
  }

  /** Whether every roster in the log is applied; until then there must be no other. */
  boolean settled() {
    return written.isEmpty();
  }

  /** Reads a log that was just opened, above what is applied. */
  void read(RaftLog log, long appliedIndex) {
    try (RaftLogReader reader = log.openReader(appliedIndex + 1, RaftLogReader.Mode.ALL)) {
      while (reader.hasNext()) {
        Indexed<RaftLogEntry> entry = reader.next();
        if (entry.index() > appliedIndex) {
          note(entry.index(), entry.entry());
        }
      }
    }
    current = newest();
  }

  /** From now on this is told of every roster that this member goes by, the one of now included. */
  void whenChanged(Consumer<Roster> listener) {
    adopt = listener;
    listener.accept(current);
  }

  /** An entry was written behind the others. */
  void appended(long index, RaftLogEntry entry) {
    if (note(index, entry)) {
      change();
    }
  }

  private boolean note(long index, RaftLogEntry entry) {
    if (!(entry instanceof OpenSessionEntry open) || !open.serviceType().equals(TYPE)) {
      return false;
    }
    long before = newest().number();
    for (Frame.Item item : Frame.decode(open.serviceConfig()).items()) {
      Roster next = MembersMachine.seated(item.command());
      if (next != null && next.number() == before + 1) { // As the machine will decide.
        written.put(index, next);
        return true;
      }
    }
    return false;
  }

  /** Only entries up to this one are left. */
  void cut(long last) {
    if (!written.tailMap(last, false).isEmpty()) {
      written.tailMap(last, false).clear();
      change();
    }
  }

  /** The state is that of this entry now. */
  void applied(long index) {
    written.headMap(index, true).clear();
    if (!newest().equals(current)) {
      change();
    }
  }

  private Roster newest() {
    if (!written.isEmpty()) {
      return written.lastEntry().getValue();
    }
    Roster ours = applied.get();
    return ours == null ? founders : ours;
  }

  private void change() {
    Roster now = newest();
    if (!now.equals(current)) {
      current = now;
      adopt.accept(now);
    }
  }
}
