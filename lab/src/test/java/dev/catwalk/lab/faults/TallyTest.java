package dev.catwalk.lab.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TallyTest {
  @TempDir
  Path directory;

  @Test
  void anotherRunGoesOnWhereTheFileEnds() throws IOException {
    Path file = directory.resolve("record");
    Tally first = new Tally(file);
    assertEquals("0 rounds, 0 operations, 0 of them refused: all held", first.summary());
    first.add(new Trial.Verdict("kill-leader", 2, 1_400, 3, 1.5, ""));
    first.add(new Trial.Verdict("cut-leader", 2, 600, 7, 0.1, ""));
    Tally second = new Tally(file);
    second.add(new Trial.Verdict("kill-leader", 1, 100, 0, 1.5, ""));
    assertEquals(3, second.held("kill-leader"));
    assertEquals(2, second.held("cut-leader"));
    assertEquals(0, second.held("kill-all"));
    assertEquals("5 rounds, 2,100 operations, 10 of them refused: all held", second.summary());
  }

  @Test
  void aRoundThatFailedIsCountedButDoesNotCountAsHeld() throws IOException {
    Path file = directory.resolve("record");
    new Tally(file).add(new Trial.Verdict("clock", 2, 50, 1, 0, "round 2: differ"));
    Tally again = new Tally(file);
    assertEquals(0, again.held("clock"));
    assertEquals(2, again.rounds());
    assertEquals("2 rounds, 50 operations, 1 of them refused: 1 FAILED", again.summary());
  }

  @Test
  void anotherFileIsRefusedAndNamed() throws IOException {
    Path file = Files.writeString(directory.resolve("notes"), "buy milk\n");
    IOException refused = assertThrows(IOException.class, () -> new Tally(file));
    assertTrue(String.valueOf(refused.getMessage()).contains("buy milk"), refused.toString());
  }
}
