package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.machine.MalformedException;
import dev.catwalk.raftstore.machine.ReplicatedCore;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshots of this member, newest two. A file has its name only when it is whole and on the
 * disk, and is read back before the log may shrink. Any thread.
 */
final class SnapshotFiles {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotFiles.class);
  private static final String PREFIX = "snapshot-";
  private static final int KEEP = 2;

  /** A verified snapshot. */
  @SuppressWarnings("ArrayRecordComponent") // Opaque bytes on their way; nobody compares them.
  record Snapshot(long index, byte[] bytes) {}

  private final Path directory;

  SnapshotFiles(Path directory) {
    this.directory = directory;
  }

  /** Writes a snapshot and proves that it can be read. */
  synchronized void write(long index, byte[] bytes) throws IOException {
    removeUnfinished();
    Path file = directory.resolve(PREFIX + String.format("%019d", index));
    DataDir.writeDurably(file, bytes);
    byte[] back = Files.readAllBytes(file);
    if (!Arrays.equals(back, bytes) || ReplicatedCore.verify(back) != index) {
      throw new IOException(file + " does not hold what was written to it");
    }
    List<Long> indexes = indexes();
    for (long old : indexes.subList(Math.min(KEEP, indexes.size()), indexes.size())) {
      Files.delete(directory.resolve(PREFIX + String.format("%019d", old)));
    }
  }

  /** A process that ends while it writes leaves a file that none will write again. */
  private void removeUnfinished() throws IOException {
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(directory, PREFIX + "*" + DataDir.NEXT)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
  }

  /** Whether there is one, whole or not. */
  synchronized boolean any() throws IOException {
    return !indexes().isEmpty();
  }

  /** The newest snapshot that is whole; a damaged one is left where it is and named in the log. */
  synchronized @Nullable Snapshot newest() throws IOException {
    for (long index : indexes()) {
      Path file = directory.resolve(PREFIX + String.format("%019d", index));
      byte[] bytes = Files.readAllBytes(file);
      try {
        if (ReplicatedCore.verify(bytes) == index) {
          return new Snapshot(index, bytes);
        }
        LOG.error("{} holds the state of another log entry than its name says", file);
      } catch (MalformedException e) {
        LOG.error("{}: {}", file, e.getMessage());
      }
    }
    return null;
  }

  /** The log may forget what is at or below this: the second newest snapshot has it. */
  synchronized long compactable() throws IOException {
    List<Long> indexes = indexes();
    return indexes.size() < KEEP ? 0 : indexes.get(KEEP - 1);
  }

  /** Newest first. */
  private List<Long> indexes() throws IOException {
    TreeMap<Long, Path> found = new TreeMap<>(Collections.reverseOrder());
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        String name = String.valueOf(file.getFileName());
        if (name.matches(PREFIX + "\\d{19}")) {
          found.put(Long.parseLong(name.substring(PREFIX.length())), file);
        }
      }
    }
    return new ArrayList<>(found.keySet());
  }
}
