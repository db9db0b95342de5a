package dev.catwalk.raftstore.atomix;

import io.atomix.storage.journal.JournalSegmentDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What lies behind the last entry of Atomix's log, in its newest segment. Atomix takes whatever
 * parses there for an entry, so it has to be zero, on the disk, before the next entry is written: a
 * new entry may end just where an old one begins. Raft thread, or before it runs.
 *
 * <p>An entry is its length (u32), a checksum (u32) and its content; entries follow the segment's
 * descriptor without a gap, and the length 0 is the end.
 *
 * <p>Atomix makes a segment as a hole. Here zeros are written into it some way ahead of the entries,
 * so that a sync writes data only and not, each time, that the file has got another block: three
 * members on one disk wait a tenth as long.
 */
final class LogTail implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LogTail.class);
  private static final int ENTRY_HEADER = 8;

  /** So much is written ahead at a time, bytes. */
  private static final int AHEAD = 256 << 10;

  private final Path directory;
  private final String prefix;
  private final ByteBuffer zeros = ByteBuffer.allocateDirect(AHEAD);
  private final ByteBuffer before = ByteBuffer.allocateDirect(AHEAD);
  private @Nullable FileChannel ahead;

  /** Length of the newest segment, where its entries end, and where what was written ahead does. */
  private long size;

  private long position;
  private long filled;

  /**
   * The log in a directory.
   *
   * @param prefix of the segments' names
   */
  LogTail(Path directory, String prefix) {
    this.directory = directory;
    this.prefix = prefix;
  }

  /**
   * Removes what an interrupted write or cut has left behind the end of a log that was just opened.
   *
   * @param last index of the last entry
   */
  void opened(long last) throws IOException {
    Path segment = SegmentDisk.newestSegment(directory, prefix);
    if (segment == null) {
      return;
    }
    byte[] bytes = Files.readAllBytes(segment);
    int end = end(segment, bytes, last);
    standAt(segment, end, bytes.length);
    if (!zero(bytes, end)) {
      LOG.warn(
          "{} held bytes of a write that was not completed behind entry {}: they are removed",
          segment,
          last);
      wipe(segment, end, bytes.length);
    }
  }

  /**
   * Makes an end of the log last: nothing behind it comes back, nor does a segment that was deleted.
   *
   * @param last index of the last entry
   */
  void cut(long last) throws IOException {
    Path segment = SegmentDisk.newestSegment(directory, prefix);
    if (segment != null) {
      byte[] bytes = Files.readAllBytes(segment);
      int end = end(segment, bytes, last);
      wipe(segment, end, bytes.length);
      standAt(segment, end, bytes.length);
    }
    DataDir.syncDirectory(directory);
  }

  private void standAt(Path segment, long end, long length) throws IOException {
    if (ahead != null) {
      ahead.close();
    }
    ahead = FileChannel.open(segment, StandardOpenOption.READ, StandardOpenOption.WRITE);
    size = length;
    position = end;
    filled = end;
  }

  /** An entry whose content has this length was written behind the last one. */
  void appended(int length) {
    try {
      position += ENTRY_HEADER + length;
      if (position > size) { // It had no room there and has begun the next segment.
        Path segment = SegmentDisk.newestSegment(directory, prefix);
        if (segment != null) {
          long begin = JournalSegmentDescriptor.BYTES + ENTRY_HEADER + (long) length;
          standAt(segment, begin, Files.size(segment));
        }
      }
      if (filled < size && filled - position < AHEAD / 2) {
        writeAhead();
      }
    } catch (IOException e) {
      filled = size; // The disk is full, say: what Atomix does about that is not ours to know here.
      LOG.debug("no zeros ahead of the log: {}", e.getMessage());
    }
  }

  /** Puts zeros in the place of zeros, and of nothing else. */
  private void writeAhead() throws IOException {
    FileChannel file = ahead;
    long from = Math.max(filled, position);
    int length = (int) Math.min(AHEAD, size - from);
    if (file == null || length <= 0) {
      return;
    }
    before.clear().limit(length);
    if (file.read(before, from) < length || !zero(before.flip())) {
      filled = size;
      return;
    }
    zeros.clear().limit(length);
    file.write(zeros, from);
    filled = from + length;
  }

  private static boolean zero(ByteBuffer bytes) {
    while (bytes.remaining() >= Long.BYTES) {
      if (bytes.getLong() != 0) {
        return false;
      }
    }
    while (bytes.hasRemaining()) {
      if (bytes.get() != 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    if (ahead != null) {
      ahead.close();
    }
  }

  /** Gives the file's end back and takes it anew, which reads as zero. */
  private static void wipe(Path segment, int end, int size) throws IOException {
    try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.WRITE)) {
      channel.truncate(end);
      if (end < size) {
        channel.write(ByteBuffer.allocate(1), size - 1L);
      }
      channel.force(true);
    }
  }

  private static int end(Path segment, byte[] bytes, long last) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    long index = new JournalSegmentDescriptor(in).index();
    int position = JournalSegmentDescriptor.BYTES;
    for (; index <= last; index++) {
      int length = bytes.length - position < ENTRY_HEADER ? 0 : in.getInt(position);
      if (length <= 0 || length > bytes.length - position - ENTRY_HEADER) {
        throw new IOException(segment + " does not hold entry " + index + " of the log");
      }
      position += ENTRY_HEADER + length;
    }
    return position;
  }

  private static boolean zero(byte[] bytes, int from) {
    for (int i = from; i < bytes.length; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }
}
