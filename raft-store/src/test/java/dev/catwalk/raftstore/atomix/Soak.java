package dev.catwalk.raftstore.atomix;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The soak: three processes with small log segments, a load that compacts many times, an idle
 * stretch, a few writes, kill -9 of all, restart. Nothing that was acknowledged may be missing and
 * all must be at one revision with one state hash.
 */
final class Soak {
  private static final int LOAD = 10_000;
  private static final int AFTER_IDLE = 400;
  private static final int LAST = 100;

  private Soak() {}

  /**
   * One round in an empty directory.
   *
   * @return what was seen
   * @throws AssertionError if anything is lost or differs
   */
  static String round(Path directory, long idleSeconds) throws Exception {
    long begin = System.nanoTime();
    try (Processes cluster = new Processes(directory)) {
      List<Processes.Member> all = List.copyOf(cluster.members.values());
      cluster.startAll();
      cluster.awaitQuorum();
      cluster.write(LOAD / 2, "load/", all);
      cluster.write(LOAD / 2, "more/", all);
      String loaded = cluster.agree();
      long compacted = 0;
      for (Processes.Member member : all) {
        if (member.snapshots() < 2 || member.firstSegment() < 2) {
          throw new AssertionError("the load did not compact the log of " + member.name);
        }
        compacted += member.firstSegment() - 1;
      }
      TimeUnit.SECONDS.sleep(idleSeconds); // The idle stretch is what is tested.
      cluster.write(AFTER_IDLE, "idle/", all);
      String before = cluster.agree();
      all.forEach(Processes.Member::kill);
      cluster.startAll();
      String after = cluster.agree();
      if (!after.equals(before)) {
        throw new AssertionError("before the kill " + before + ", after it " + after);
      }
      cluster.expect("load/", LOAD / 2);
      cluster.expect("more/", LOAD / 2);
      cluster.expect("idle/", AFTER_IDLE);
      cluster.awaitQuorum();
      cluster.write(LAST, "last/", all);
      String last = cluster.agree();
      return "loaded " + loaded + ", after kill -9 of all " + after + ", then " + last + ", "
          + cluster.tally() + ", " + compacted + " segments compacted, "
          + (System.nanoTime() - begin) / 1_000_000_000 + " s";
    }
  }

  static void deleteTree(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> {
        try {
          Files.delete(file);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
    }
  }
}
