package dev.catwalk.lab.faults;

import dev.catwalk.raftstore.trial.Members.Member;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** What befalls the disk of a member that is not running. */
final class Disk {
  private static final int TORN_BYTES = 40;

  private Disk() {}

  private static List<Path> files(Member member, String prefix) throws IOException {
    try (Stream<Path> files = Files.list(member.data().resolve("log"))) {
      return files
          .filter(file -> String.valueOf(file.getFileName()).startsWith(prefix))
          .sorted(Comparator.comparing(Path::toString, Comparator.comparingInt(String::length))
              .thenComparing(Path::toString))
          .toList();
    }
  }

  /** The bytes of the newest log file that are written; the rest of it is zeros. */
  private static Path newestSegment(Member member) throws IOException {
    return files(member, "raft-").stream()
        .filter(file -> file.toString().endsWith(".log"))
        .reduce((older, newer) -> newer)
        .orElseThrow();
  }

  private static int written(byte[] bytes) {
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] == 0) {
      end--;
    }
    return end;
  }

  /** A record was begun behind the last one when the power went. */
  static void tearLastRecord(Member member, SplittableRandom random) throws IOException {
    Path segment = newestSegment(member);
    byte[] bytes = Files.readAllBytes(segment);
    int end = written(bytes);
    byte[] torn = new byte[Math.min(TORN_BYTES, bytes.length - end)];
    random.nextBytes(torn);
    if (torn.length > 4) {
      // The length of a record that could be.
      torn[0] = 0;
      torn[1] = 0;
      torn[2] = 0;
      torn[3] = 120;
    }
    overwrite(segment, end, torn);
  }

  /** One bit of a record that was acknowledged is another one now. */
  static void flipInLog(Member member, SplittableRandom random) throws IOException {
    Path segment = newestSegment(member);
    byte[] bytes = Files.readAllBytes(segment);
    int end = written(bytes);
    // Behind the file's header, and not among the last records, which the member need not have
    // said.
    flip(segment, bytes, Math.max(65, end / 4 + random.nextInt(Math.max(1, end / 4))), random);
  }

  /** The same in the newest snapshot. */
  static void flipInSnapshot(Member member, SplittableRandom random) throws IOException {
    List<Path> snapshots = files(member, "snapshot-").stream()
        .filter(file -> !file.toString().endsWith(".next")) // Cut short by another fault.
        .toList();
    if (!snapshots.isEmpty()) {
      byte[] bytes = Files.readAllBytes(snapshots.getLast());
      flip(snapshots.getLast(), bytes, random.nextInt(bytes.length), random);
    }
  }

  static void removeSnapshots(Member member) throws IOException {
    for (Path snapshot : files(member, "snapshot-")) {
      Files.delete(snapshot);
    }
  }

  private static void flip(Path file, byte[] bytes, int at, SplittableRandom random)
      throws IOException {
    overwrite(file, at, new byte[] {(byte) (bytes[at] ^ 1 << random.nextInt(8))});
  }

  private static void overwrite(Path file, long at, byte[] bytes) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.seek(at);
      open.write(bytes);
    }
  }

  /** Another disk. */
  static void wipe(Member member) throws IOException {
    clear(member.data());
    Files.delete(member.data());
  }

  private static void clear(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        if (!file.equals(directory)) {
          Files.delete(file);
        }
      }
    }
  }
}
