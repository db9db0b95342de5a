package dev.catwalk.felix.agent;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Keeps a data directory to one agent; the kernel frees it when the process ends, however. */
final class DataLock implements AutoCloseable {
  private final FileChannel channel;

  private DataLock(FileChannel channel) {
    this.channel = channel;
  }

  static DataLock take(Places places) throws StartException {
    Path file = places.lock();
    try {
      Files.createDirectories(places.data());
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (tryLock(channel) != null) {
        return new DataLock(channel);
      }
      channel.close();
    } catch (IOException e) {
      throw new StartException(
          StartException.Kind.MACHINE,
          "the data directory " + places.data() + " cannot be used: " + e);
    }
    throw new StartException(
        StartException.Kind.TAKEN,
        "another agent runs on the data directory " + places.data()
            + ": stop it first, or choose another --root");
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // held by this very process
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
