package dev.catwalk.felix.agent;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Small values under names, a file each, in one folder. A value is there as a whole or not at all,
 * whenever the process stops; one that was {@link #put}, whenever the machine stops too. Not
 * thread-safe for one name.
 */
final class Records {
  private static final String UNFINISHED = "~new";

  private final Path folder;

  private Records(Path folder) {
    this.folder = folder;
  }

  /** Opens the folder, made if it is not there; what was left unfinished is removed. */
  static Records open(Path folder) throws IOException {
    Files.createDirectories(folder);
    for (Path file : files(folder)) {
      if (file.toString().endsWith(UNFINISHED)) {
        Files.delete(file);
      }
    }
    return new Records(folder);
  }

  /** Everything that is here, by name. */
  SortedMap<String, byte[]> all() throws IOException {
    SortedMap<String, byte[]> all = new TreeMap<>();
    for (Path file : files(folder)) {
      all.put(file.getFileName().toString(), Files.readAllBytes(file));
    }
    return all;
  }

  /**
   * Durable when it returns.
   *
   * @param name a file name: no slash, not longer than 200 bytes
   */
  void put(String name, byte[] value) throws IOException {
    write(name, value, true);
    sync();
  }

  /**
   * Waits for no disk: a machine that stops soon after may have lost it or torn it.
   *
   * @param name as {@link #put} takes it
   */
  void note(String name, byte[] value) throws IOException {
    write(name, value, false);
  }

  private void write(String name, byte[] value, boolean durable) throws IOException {
    Path fresh = folder.resolve(name + UNFINISHED);
    try (FileChannel out = FileChannel.open(
        fresh,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(value);
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      if (durable) {
        out.force(true);
      }
    }
    Files.move(fresh, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Waits for no disk: after {@link #sync} it stays removed whatever stops. What is not there is no
   * error.
   */
  void remove(String name) throws IOException {
    Files.deleteIfExists(folder.resolve(name));
  }

  /** Returns when what has been removed is removed for good. */
  void sync() throws IOException {
    try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }
}
