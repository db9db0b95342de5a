package dev.catwalk.raftstore.atomix;

import io.atomix.storage.journal.JournalSegmentDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What lies behind the last entry of Atomix's log, in its newest segment. Atomix takes whatever
 * parses there for an entry, so it has to be zero, on the disk, before the next entry is written: a
 * new entry may end just where an old one begins. Raft thread, or before it runs.
 *
 * <p>An entry is its length (u32), a checksum (u32) and its content; entries follow the segment's
 * descriptor without a gap, and the length 0 is the end.
 */
final class LogTail {
  private static final Logger LOG = LoggerFactory.getLogger(LogTail.class);
  private static final int ENTRY_HEADER = 8;

  private final Path directory;
  private final String prefix;

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
      wipe(segment, end(segment, bytes, last), bytes.length);
    }
    DataDir.syncDirectory(directory);
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
