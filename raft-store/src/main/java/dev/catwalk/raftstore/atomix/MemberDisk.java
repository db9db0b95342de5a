package dev.catwalk.raftstore.atomix;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that a member keeps in its directory, but for Atomix's own files.
 *
 * @param fence why it is out of its cluster, if it is
 * @param sync brings the log to the disk, and moves {@code mark} with it
 * @param mark how far the log was on the disk
 */
record MemberDisk(
    DataDir dir,
    Fence fence,
    SnapshotFiles snapshots,
    LogMark mark,
    LogSync sync,
    VoteGuard votes,
    LogTail tail)
    implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MemberDisk.class);

  /**
   * Opens what is there.
   *
   * @param around may put something around the disk that the log is on
   * @throws IOException if something cannot be read
   */
  static MemberDisk open(DataDir dir, UnaryOperator<LogSync.Disk> around, Consumer<Throwable> fatal)
      throws IOException {
    Path log = dir.log();
    Fence fence = new Fence(dir.fence());
    VoteGuard votes = new VoteGuard(log.resolve("vote"));
    LogMark mark = new LogMark(dir.mark());
    return new MemberDisk(
        dir,
        fence,
        new SnapshotFiles(log),
        mark,
        new LogSync(around.apply(new SegmentDisk(log, RaftEngine.PREFIX)), mark, fatal),
        votes,
        new LogTail(log, RaftEngine.PREFIX));
  }

  /** What is synced last is closed first; the directory is another's to give back. */
  @Override
  public void close() {
    closeQuietly(sync);
    closeQuietly(tail);
  }

  static void closeQuietly(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) { // What cannot be closed must not keep the rest open.
      LOG.warn("closing the store: {}", e.getMessage());
    }
  }
}
