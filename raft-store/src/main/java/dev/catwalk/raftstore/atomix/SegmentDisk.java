package dev.catwalk.raftstore.atomix;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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
  private Path path;
  private Path following;
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
    this.path = directory;
    this.following = directory;
  }

  @Override
  public void sync() throws IOException {
    FileChannel open = channel;
    if (open == null || !isNewest()) {
      open = openNewest();
    }
    if (open != null) {
      open.force(false);
    }
  }

  /**
   * Whether the file that is open is there under its name still, and none behind it: segments have
   * numbers without gaps. A log that was reset makes its first segment anew under the old name.
   */
  private boolean isNewest() throws IOException {
    try {
      return Objects.equals(inode(path), segment) && !Files.exists(following);
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static Object inode(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  private @Nullable FileChannel openNewest() throws IOException {
    if (channel != null) {
      channel.close();
      channel = null;
    }
    Path newest = newestSegment(directory, prefix);
    if (newest == null) {
      return null;
    }
    path = newest;
    following = directory.resolve(prefix + "-" + (number(newest, prefix) + 1) + ".log");
    segment = inode(newest);
    channel = FileChannel.open(newest, StandardOpenOption.WRITE);
    DataDir.syncDirectory(directory);
    return channel;
  }

  private static long number(Path segment, String prefix) {
    String name = String.valueOf(segment.getFileName());
    return Long.parseLong(name.substring(prefix.length() + 1, name.length() - 4));
  }

  /** The segment that is written to, if there is one: that with the highest number. */
  static @Nullable Path newestSegment(Path directory, String prefix) throws IOException {
    Path newest = null;
    long newestId = -1;
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        String name = String.valueOf(file.getFileName());
        if (name.startsWith(prefix + "-") && name.endsWith(".log")) {
          long id = number(file, prefix);
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
