package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.store.StoreConfig;
import dev.catwalk.raftstore.store.StoreException;
import dev.catwalk.raftstore.store.StoreException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** The member's directory: one process at a time, and always the same member of one cluster. */
final class DataDir implements AutoCloseable {
  /** Behind the name of a file that is being written. */
  static final String NEXT = ".next";

  private static final String FORMAT = "catwalk-store 1";

  private final Path path;
  private final FileChannel lockFile;
  private final FileLock lock;

  private DataDir(Path path, FileChannel lockFile, FileLock lock) {
    this.path = path;
    this.lockFile = lockFile;
    this.lock = lock;
  }

  /**
   * Takes the directory, making it if it is not there.
   *
   * @throws StoreException if another process has it, or it is another member's
   */
  static DataDir open(StoreConfig config) {
    Path path = config.dataDir();
    try {
      Files.createDirectories(path.resolve("log"));
      FileChannel lockFile = FileChannel.open(
          path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = tryLock(lockFile);
      if (lock == null) {
        lockFile.close();
        throw new StoreException(
            Kind.CANNOT_OPEN,
            "another process uses the store in " + path
                + ": stop it, or give this one a directory of its own");
      }
      DataDir dir = new DataDir(path, lockFile, lock);
      try {
        dir.checkIdentity(config);
        dir.dropLockOfAtomix();
      } catch (StoreException e) {
        dir.close();
        throw e;
      }
      return dir;
    } catch (IOException e) {
      throw new StoreException(Kind.CANNOT_OPEN, "cannot use the directory " + path + ": " + e, e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // This very process has it open.
    }
  }

  private void checkIdentity(StoreConfig config) throws IOException {
    String ours =
        FORMAT + "\ncluster " + config.clusterId() + "\nmember " + config.memberName() + "\n";
    Path file = path.resolve("identity");
    if (!Files.exists(file)) {
      writeDurably(file, ours.getBytes(StandardCharsets.UTF_8));
      return;
    }
    String found = Files.readString(file);
    if (!found.equals(ours)) {
      throw new StoreException(
          Kind.CANNOT_OPEN,
          path + " belongs to \""
              + found.strip().replace('\n', ' ') + "\", not to \""
              + ours.strip().replace('\n', ' ')
              + "\": correct the configuration, or give this member an empty directory");
    }
  }

  /**
   * Atomix makes a file with the member's name in two steps and refuses one without a name for ever:
   * a kill between the two would cost the member its disk. What the file is for, the lock and the
   * identity here do.
   */
  private void dropLockOfAtomix() throws IOException {
    Files.deleteIfExists(log().resolve("." + RaftEngine.PREFIX + ".lock"));
  }

  /** Why this member is out of its cluster, if it is. */
  Path fence() {
    return path.resolve("fenced");
  }

  /** What this member is to its cluster. */
  Path standing() {
    return path.resolve("standing");
  }

  /** Whom this member began with. */
  Path founders() {
    return path.resolve("founders");
  }

  /** How far the log was on the disk. */
  Path mark() {
    return path.resolve("mark");
  }

  /** Which store this is a member of. */
  Path origin() {
    return path.resolve("origin");
  }

  /** Where the log, votes and snapshots are. */
  Path log() {
    return path.resolve("log");
  }

  /** Replaces a file as one step that survives a power cut; leaves nothing where it fails. */
  static void writeDurably(Path file, byte[] content) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + NEXT);
    try {
      write(next, content);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      Files.deleteIfExists(next); // What a full disk took of it is room that the log needs.
      throw e;
    }
    syncDirectory(file.toAbsolutePath().getParent());
  }

  private static void write(Path file, byte[] content) throws IOException {
    try (FileChannel channel = FileChannel.open(
        file,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
  }

  static void syncDirectory(@Nullable Path directory) throws IOException {
    if (directory != null) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  @Override
  public void close() {
    try {
      lock.release();
      lockFile.close();
    } catch (IOException e) {
      throw new StoreException(Kind.CANNOT_OPEN, "cannot release " + path + ": " + e, e);
    }
  }
}
