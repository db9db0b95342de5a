package dev.catwalk.raftstore.atomix;

import io.atomix.storage.journal.JournalSegmentDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * Reads the files of Atomix's log before Atomix does, record by record. An entry is its length
 * (u32), a CRC-32 of its content (u32) and that; see {@link LogTail}.
 */
final class LogCheck {
  private static final int ENTRY_HEADER = 8;

  private LogCheck() {}

  /** Whether there is a log. */
  static boolean exists(Path directory, String prefix) throws IOException {
    return !segments(directory, prefix).isEmpty();
  }

  /**
   * The last entry that can be read with all before it; 0 without a log.
   *
   * @throws IOException if entries are missing between two files
   */
  static long lastIntact(Path directory, String prefix) throws IOException {
    long last = 0;
    for (Path segment : segments(directory, prefix).values()) {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(segment));
      if (bytes.capacity() < JournalSegmentDescriptor.BYTES) {
        continue; // Its making was interrupted.
      }
      long first = new JournalSegmentDescriptor(bytes.duplicate()).index();
      if (first == 0) {
        continue;
      }
      if (last != 0 && first != last + 1) {
        throw new IOException("entry " + (last + 1) + ", before " + segment.getFileName()
            + ", is damaged or missing");
      }
      last = first - 1 + intact(bytes);
    }
    return last;
  }

  private static int intact(ByteBuffer bytes) {
    int entries = 0;
    int position = JournalSegmentDescriptor.BYTES;
    while (bytes.capacity() - position >= ENTRY_HEADER) {
      int length = bytes.getInt(position);
      if (length <= 0 || length > bytes.capacity() - position - ENTRY_HEADER) {
        break;
      }
      CRC32 sum = new CRC32();
      sum.update(bytes.slice(position + ENTRY_HEADER, length));
      if ((int) sum.getValue() != bytes.getInt(position + 4)) {
        break;
      }
      position += ENTRY_HEADER + length;
      entries++;
    }
    return entries;
  }

  private static TreeMap<Long, Path> segments(Path directory, String prefix) throws IOException {
    TreeMap<Long, Path> found = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        String name = String.valueOf(file.getFileName());
        if (name.matches(prefix + "-\\d+\\.log")) {
          found.put(Long.parseLong(name.substring(prefix.length() + 1, name.length() - 4)), file);
        }
      }
    }
    return found;
  }
}
