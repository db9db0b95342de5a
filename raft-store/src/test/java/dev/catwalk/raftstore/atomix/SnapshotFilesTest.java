package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.ReplicatedCore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What snapshots leave on a disk. */
final class SnapshotFilesTest {
  @TempDir
  private Path directory;

  private static byte[] at(long index) {
    ReplicatedCore core = new ReplicatedCore(List.of(new KvMachine()));
    core.skip(index);
    return core.snapshot();
  }

  private static Path named(Path directory, long index) {
    return directory.resolve(String.format("snapshot-%019d", index));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  @Test
  void onlyTheNewestTwoStay() throws IOException {
    SnapshotFiles snapshots = new SnapshotFiles(directory);
    for (long index : List.of(3L, 5L, 9L)) {
      snapshots.write(index, at(index));
    }
    assertEquals(List.of("snapshot-0000000000000000005", "snapshot-0000000000000000009"), names());
    assertEquals(9, Objects.requireNonNull(snapshots.newest()).index());
    assertEquals(5, snapshots.compactable());
  }

  @Test
  void whatAnEndedProcessLeftUnfinishedGoesWithTheNextSnapshot() throws IOException {
    Files.writeString(directory.resolve("snapshot-0000000000000000003.next"), "half");
    SnapshotFiles snapshots = new SnapshotFiles(directory);
    assertFalse(snapshots.any());
    snapshots.write(5, at(5));
    assertEquals(List.of("snapshot-0000000000000000005"), names());
  }

  @Test
  void aSnapshotThatCannotBeWrittenTakesNoRoom() throws IOException {
    Path taken = Files.createDirectory(named(directory, 5));
    Files.writeString(taken.resolve("in the way"), "");
    SnapshotFiles snapshots = new SnapshotFiles(directory);
    assertThrows(IOException.class, () -> snapshots.write(5, at(5)));
    assertEquals(List.of("snapshot-0000000000000000005"), names());
  }
}
