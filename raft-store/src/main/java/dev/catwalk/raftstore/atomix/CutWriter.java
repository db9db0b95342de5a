package dev.catwalk.raftstore.atomix;

import io.atomix.protocols.raft.storage.log.RaftLog;
import io.atomix.protocols.raft.storage.log.RaftLogWriter;
import io.atomix.protocols.raft.storage.log.entry.RaftLogEntry;
import io.atomix.storage.journal.Indexed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.LongConsumer;
import java.util.function.ObjLongConsumer;

/**
 * Atomix's log writer, with cuts that are complete. When a new leader replaces entries, Atomix wipes
 * only the first 136 KiB of them, does not sync, and leaves readers the copy that they have read
 * ahead. Here nothing of them is left, on the disk and in memory, before the first new entry is
 * written. Raft thread.
 */
final class CutWriter extends RaftLogWriter {
  private final RaftLogWriter writer;
  private final LogTail tail;
  private final LongConsumer beforeCut;
  private final Runnable afterCut;
  private final RecentEntries recent;
  private final ObjLongConsumer<RaftLogEntry> afterAppend;

  /**
   * Stands before Atomix's writer.
   *
   * @param beforeCut is told the last entry that stays
   * @param afterCut makes readers forget what they hold of the log behind their place
   * @param recent gets what is written
   * @param afterAppend is told each entry that was written, and its index
   */
  CutWriter(
      RaftLogWriter writer,
      RaftLog log,
      LogTail tail,
      LongConsumer beforeCut,
      Runnable afterCut,
      RecentEntries recent,
      ObjLongConsumer<RaftLogEntry> afterAppend) {
    super(null, log); // Every method below goes to the writer itself.
    this.writer = writer;
    this.tail = tail;
    this.beforeCut = beforeCut;
    this.afterCut = afterCut;
    this.recent = recent;
    this.afterAppend = afterAppend;
  }

  @Override
  public long getLastIndex() {
    return writer.getLastIndex();
  }

  @Override
  public Indexed<RaftLogEntry> getLastEntry() {
    return writer.getLastEntry();
  }

  @Override
  public long getNextIndex() {
    return writer.getNextIndex();
  }

  @Override
  public <T extends RaftLogEntry> Indexed<T> append(T entry) {
    Indexed<T> appended = writer.append(entry);
    tail.appended(appended.size());
    recent.add(appended.cast());
    afterAppend.accept(entry, appended.index());
    return appended;
  }

  @Override
  public void append(Indexed<RaftLogEntry> entry) {
    truncate(entry.index() - 1);
    writer.append(entry);
    tail.appended(writer.getLastEntry().size());
    recent.add(writer.getLastEntry());
    afterAppend.accept(entry.entry(), entry.index());
  }

  @Override
  public void commit(long index) {
    writer.commit(index);
  }

  /**
   * {@inheritDoc}
   *
   * @throws UncheckedIOException if the disk refuses: after that nobody knows what is on it
   */
  @Override
  public void reset(long index) {
    beforeCut.accept(index - 1);
    recent.cut(0);
    writer.reset(index);
    cut();
  }

  /**
   * {@inheritDoc}
   *
   * @throws UncheckedIOException if the disk refuses: after that nobody knows what is on it
   */
  @Override
  public void truncate(long index) {
    if (index < writer.getLastIndex()) {
      beforeCut.accept(index);
      recent.cut(index);
      writer.truncate(index);
      cut();
    }
  }

  private void cut() {
    try {
      tail.cut(writer.getLastIndex());
    } catch (IOException e) {
      throw new UncheckedIOException("the log's end cannot be wiped: " + e.getMessage(), e);
    }
    afterCut.run();
  }

  @Override
  public void flush() {
    writer.flush();
  }

  @Override
  public void close() {
    writer.close();
    try {
      tail.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
