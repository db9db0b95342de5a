package dev.catwalk.raftstore.atomix;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether this member is out of its cluster because its state is not the others'. Once it is, it
 * stays so over restarts, until its directory is removed. Any thread.
 */
final class Fence {
  private static final Logger LOG = LoggerFactory.getLogger(Fence.class);

  private final Path file;
  private volatile @Nullable String reason;

  /** The fence of one directory, as it was left. */
  Fence(Path file) throws IOException {
    this.file = file;
    this.reason = Files.exists(file) ? Files.readString(file) : null;
  }

  /** Why this member is out; null if it is not. */
  @Nullable
  String reason() {
    return reason;
  }

  /**
   * Puts the member out, and says so once.
   *
   * @return false if it was out already
   */
  synchronized boolean raise(String why) {
    if (reason != null) {
      return false;
    }
    Path directory = file.getParent();
    reason = "this member takes no part in the store any more: " + why + ". Keep a copy of "
        + directory + " for whoever looks for the cause; then, while all other members run, stop"
        + " this agent, remove that directory and start it again: it fetches their state";
    LOG.error(reason);
    try {
      DataDir.writeDurably(file, reason.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      LOG.error("{} cannot be written: after a restart this has to be found again", file, e);
    }
    return true;
  }
}
