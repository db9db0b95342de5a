package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.atomix.protocols.raft.storage.log.RaftLog;
import io.atomix.protocols.raft.storage.log.RaftLogReader;
import io.atomix.protocols.raft.storage.log.entry.InitializeEntry;
import io.atomix.protocols.raft.storage.log.entry.RaftLogEntry;
import io.atomix.storage.StorageLevel;
import io.atomix.storage.journal.Indexed;
import io.atomix.storage.journal.JournalReader;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecentLogTest {
  @TempDir
  Path directory;

  private final RecentEntries recent = new RecentEntries();
  private RaftLog file;
  private RecentLog log;

  @BeforeEach
  void open() {
    file = RaftLog.builder()
        .withName("raft")
        .withDirectory(directory.toFile())
        .withStorageLevel(StorageLevel.DISK)
        .withNamespace(RaftNamespace.RAFT)
        .withMaxSegmentSize(4096)
        .withMaxEntrySize(1024)
        .build();
    log = new RecentLog(file, recent, () -> file.writer().getLastIndex());
  }

  @AfterEach
  void close() {
    file.close();
  }

  private void append(int count, long term) {
    for (int i = 0; i < count; i++) {
      recent.add(file.writer().append(new InitializeEntry(term, 0)).cast());
    }
  }

  private RaftLogReader reader(long index) {
    return log.openReader(index, JournalReader.Mode.ALL);
  }

  @Test
  void readsEveryEntryInOrderWhetherItIsInMemoryOrNot() {
    int entries = 3 * RecentEntries.MAX_ENTRIES;
    append(entries, 1);
    assertNull(recent.get(1), "the oldest are in the file only");
    assertNotNull(recent.get(entries));
    RaftLogReader reader = reader(1);
    for (long index = 1; index <= entries; index++) {
      assertEquals(index, reader.next().index());
      assertEquals(index, reader.getCurrentEntry().index());
    }
    assertFalse(reader.hasNext());
    append(1, 1);
    assertSame(recent.get(entries + 1L), reader.next());
    reader.reset(7);
    assertEquals(6, reader.getCurrentEntry().index(), "what the next append is to follow");
    assertEquals(7, reader.next().index());
    reader.reset(entries);
    assertEquals(entries, reader.next().index());
  }

  @Test
  void whatIsCutFromTheLogIsNotReadAnyMore() {
    append(20, 1);
    file.writer().truncate(10);
    recent.cut(10);
    assertNull(recent.get(11));
    RaftLogReader reader = reader(11);
    assertFalse(reader.hasNext());
    append(1, 2);
    Indexed<RaftLogEntry> entry = reader.next();
    assertEquals(11, entry.index());
    assertEquals(2, entry.entry().term());
  }

  @Test
  void aReaderThatTheLogsBeginningPassesGoesOnThere() {
    append(800, 1);
    long head = log.getCompactableIndex(700);
    RaftLogReader far = reader(3);
    RaftLogReader at = reader(head);
    RaftLogReader beyond = reader(head);
    while (beyond.getNextIndex() < 790) {
      beyond.next();
    }
    for (RaftLogReader reader : new RaftLogReader[] {far, at, beyond}) {
      ((RecentReader) reader).stepPast(head);
    }
    log.compact(700);
    assertEquals(head, far.getFirstIndex());
    assertEquals(head, far.next().index());
    assertEquals(head, at.next().index());
    assertEquals(790, beyond.next().index());
    beyond.reset(head);
    assertEquals(head, beyond.next().index());
  }

  @Test
  void holdsNoMoreThanSoManyBytesButAlwaysTheNewest() {
    InitializeEntry entry = new InitializeEntry(1, 0);
    int large = (int) (RecentEntries.MAX_BYTES / 2);
    recent.add(new Indexed<>(1, entry, large));
    recent.add(new Indexed<>(2, entry, large));
    recent.add(new Indexed<>(3, entry, large));
    assertNull(recent.get(1));
    assertNotNull(recent.get(2));
    recent.add(new Indexed<>(4, entry, 4 * large));
    assertNull(recent.get(3));
    assertNotNull(recent.get(4));
    recent.add(new Indexed<>(9, entry, 1));
    assertNull(recent.get(4), "the log went on elsewhere");
    assertNotNull(recent.get(9));
  }
}
