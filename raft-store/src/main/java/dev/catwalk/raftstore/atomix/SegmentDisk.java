package dev.catwalk.raftstore.atomix;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The newest segment of Atomix's log. Atomix syncs a segment before it begins the next, so syncing
 * the newest is enough.
 */
final class SegmentDisk implements LogSync.Disk {
  private final Path directory;
  private final String prefix;
  private @Nullable Object segment;
  private @Nullable FileChannel channel;

  /**
   * The log in a directory.
   *
   * @param prefix of the segments' names
   */
  SegmentDisk(Path directory, String prefix) {
    this.directory = directory;
    this.prefix = prefix;
  }

  @Override
  public void sync() throws IOException {
    Path newest = newestSegment(directory, prefix);
    if (newest == null) {
      return;
    }
    // A log that was reset makes its first segment anew under the old name.
    Object inode = Files.readAttributes(newest, BasicFileAttributes.class).fileKey();
    if (channel == null || !Objects.equals(inode, segment)) {
      if (channel != null) {
        channel.close();
      }
      channel = FileChannel.open(newest, StandardOpenOption.WRITE);
      segment = inode;
      DataDir.syncDirectory(directory);
    }
    channel.force(false);
  }

  /** The segment that is written to, if there is one: that with the highest number. */
  static @Nullable Path newestSegment(Path directory, String prefix) throws IOException {
    Path newest = null;
    long newestId = -1;
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        String name = String.valueOf(file.getFileName());
        if (name.startsWith(prefix + "-") && name.endsWith(".log")) {
          long id = Long.parseLong(name.substring(prefix.length() + 1, name.length() - 4));
          if (id > newestId) {
            newestId = id;
            newest = file;
          }
        }
      }
    }
    return newest;
  }

  @Override
  public void close() throws IOException {
    if (channel != null) {
      channel.close();
    }
  }
}
