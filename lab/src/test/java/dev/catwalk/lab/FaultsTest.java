package dev.catwalk.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.catwalk.lab.faults.Row;
import dev.catwalk.lab.faults.StoreRows;
import dev.catwalk.lab.faults.Tally;
import dev.catwalk.lab.faults.Trial;
import dev.catwalk.lab.shell.Exec;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The short form of the fault matrix, and that it sees what it is for. */
class FaultsTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @BeforeEach
  void needsRoot() {
    assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
    assumeTrue(Files.isExecutable(Path.of("/usr/sbin/nft")), "needs nft");
  }

  private boolean run(List<Row> rows, long progressS) throws Exception {
    return FaultsVerb.run(
        rows,
        1,
        7,
        Path.of("none"),
        progressS,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new Tally(null));
  }

  @Test
  void aFewRowsHoldAndLeaveNothing() throws Exception {
    Set<String> few = Set.of("kill-leader", "cut-one-way", "torn-record");
    List<Row> rows =
        StoreRows.ALL.stream().filter(row -> few.contains(row.name())).toList();
    assertEquals(few.size(), rows.size());
    boolean held = run(rows, Trial.PROGRESS_S);
    String seen = out.toString(StandardCharsets.UTF_8);
    assertTrue(held, seen);
    assertEquals(3, seen.lines().filter(line -> line.endsWith(" held")).count(), seen);
    String prefix = "cw-st" + ProcessHandle.current().pid() + "-";
    assertFalse(Exec.must(List.of("ip", "netns", "list")).contains(prefix));
  }

  @Test
  void aStoreThatIsNotHealedIsSeen() throws Exception {
    Row kept = new Row("never-healed", "", trial -> trial.members().leader().kill());
    assertFalse(run(List.of(kept), 1));
    String seen = out.toString(StandardCharsets.UTF_8);
    assertTrue(seen.contains("FAILED: round 1") && seen.contains("kept: "), seen);
    String directory = seen.substring(seen.indexOf("kept: ") + 6).strip();
    String said = Exec.must(List.of("sh", "-c", "cat " + directory + "/n?.log"));
    Exec.must(List.of("rm", "-r", directory));
    assertTrue(said.contains(" INFO "), said);
  }
}
