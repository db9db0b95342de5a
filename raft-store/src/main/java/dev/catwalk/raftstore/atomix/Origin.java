package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.store.LocalReplica;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Which store a directory is of, on disk: so that it is known at the start, before a leader says how
 * much of the log may be applied.
 */
final class Origin {
  private final Path file;
  private final LocalReplica replica;
  private volatile String text;

  /** The origin of one directory, as it was left. */
  Origin(Path file, LocalReplica replica) throws IOException {
    this.file = file;
    this.replica = replica;
    this.text = Files.exists(file) ? Files.readString(file) : "";
  }

  /** 16 hex digits; empty if nothing was ever applied here. Any thread. */
  String text() {
    return text;
  }

  /**
   * Entries were applied, or a snapshot. One thread at a time.
   *
   * @throws UncheckedIOException if that cannot be kept
   */
  void note() {
    String now = replica.origin();
    if (!now.isEmpty() && !now.equals(text)) {
      try {
        DataDir.writeDurably(file, now.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new UncheckedIOException(file + " cannot be written: " + e.getMessage(), e);
      }
      text = now;
    }
  }
}
