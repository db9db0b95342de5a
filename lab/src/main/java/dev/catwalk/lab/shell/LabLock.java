package dev.catwalk.lab.shell;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;

/**
 * Held by whoever builds or removes the lab of a site; the kernel lets it go with its holder. The
 * file goes with the lab, so a lock counts only while the file that was locked is still the one at
 * its place.
 */
public final class LabLock {
  private final FileChannel channel;

  private LabLock(FileChannel channel) {
    this.channel = channel;
  }

  /** What is done under the lock. */
  @FunctionalInterface
  public interface Work {
    void run() throws LabException;
  }

  /**
   * Does the work under the lock.
   *
   * @throws LabException if another command is at work on this lab; it is named
   */
  public static void holding(Site site, Work work) throws LabException {
    LabLock lock = take(site);
    try {
      work.run();
    } finally {
      lock.release();
    }
  }

  private static LabLock take(Site site) throws LabException {
    Path file = site.state().resolve("lock");
    try {
      while (true) {
        Files.createDirectories(site.state());
        FileChannel channel = FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        Object opened = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        if (!locked(channel)) {
          String holder = Files.readString(file).strip();
          channel.close();
          throw new LabException("another 'catwalk lab' is at work (process " + holder
              + "): wait for it or end it, then try again");
        }
        if (Files.exists(file)
            && Objects.equals(
                opened, Files.readAttributes(file, BasicFileAttributes.class).fileKey())) {
          channel.truncate(0);
          channel.write(ByteBuffer.wrap(
              Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
          return new LabLock(channel);
        }
        channel.close();
      }
    } catch (IOException e) {
      throw new LabException("cannot lock " + file + ": " + e, e);
    }
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private void release() throws LabException {
    try {
      channel.close();
    } catch (IOException e) {
      throw new LabException("cannot unlock: " + e, e);
    }
  }
}
