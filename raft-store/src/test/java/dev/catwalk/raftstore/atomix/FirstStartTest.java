package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A kill between the making of a file and its content costs a member no more than that start. */
class FirstStartTest {
  @TempDir
  Path directory;

  @ParameterizedTest
  @ValueSource(ints = {0, 4096})
  void aLockWithoutItsNameDoesNotStopTheNextStart(int zeros) throws IOException {
    try (Cluster cluster = new Cluster(directory, 1)) {
      cluster.start("n1");
      cluster.leader();
      cluster.stop("n1");
      Files.write(directory.resolve("n1/log").resolve(".raft.lock"), new byte[zeros]);
      cluster.start("n1");
      assertEquals(1, ClusterTest.write(cluster.open.get("n1"), 1, "first"));
    }
  }
}
