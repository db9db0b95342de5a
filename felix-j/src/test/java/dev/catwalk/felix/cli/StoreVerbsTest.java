package dev.catwalk.felix.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.raftstore.atomix.AtomixStore;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.store.StoreConfig;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreVerbsTest {
  @TempDir
  Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int restore(Path file) {
    out.reset();
    err.reset();
    return Catwalk.run(
        Map.of(),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        "store",
        "restore",
        "--root",
        directory.resolve("root").toString(),
        file.toString());
  }

  @Test
  void aBackupIsRestoredBelowTheRootAndNothingElseIs() throws Exception {
    Path file = directory.resolve("backup");
    try (AtomixStore store = AtomixStore.open(
        StoreConfig.single("n", directory.resolve("old")), List.of(new KvMachine()))) {
      Files.write(file, store.backup().get(20, TimeUnit.SECONDS));
    }
    Path damaged = directory.resolve("damaged");
    Files.write(damaged, new byte[100]);
    assertEquals(CliException.NO, restore(damaged));
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("no backup"), err::toString);
    assertFalse(Files.exists(directory.resolve("root")));
    assertEquals(CliException.USAGE, restore(directory.resolve("missing")));

    assertEquals(0, restore(file), err::toString);
    assertTrue(Files.exists(directory.resolve("root/var/lib/catwalk/store/log")));
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("every other member"), out::toString);
    assertEquals(CliException.NO, restore(file), "it holds a store now");
  }
}
