package dev.catwalk.felix.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bgp mrt}: files in, lines out, and the status. */
class BgpMrtTest {
  private static final String STATE =
      "5f5e10000010000000000014" + "fde9fdea00000001c0000201c000020200050006";
  private static final String BROKEN = "5f5e10000010000000000002" + "fde9";

  @TempDir
  Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void aFileIsPrintedAndABrokenRecordIsNamed() throws IOException {
    Path file = folder.resolve("updates");
    Files.write(file, HexFormat.of().parseHex(STATE + BROKEN + STATE));
    assertEquals(1, run("bgp", "mrt", "-m", file.toString()));
    String line = "BGP4MP|1600000000|STATE|192.0.2.1|65001|5|6\n";
    assertEquals(line + line, out.toString(StandardCharsets.UTF_8));
    assertTrue(
        err.toString(StandardCharsets.UTF_8).contains("updates: record 2: Local AS needs"),
        err::toString);
  }

  @Test
  void jsonIsTheDefaultAndAMissingFileIsSaid() throws IOException {
    Path file = folder.resolve("updates");
    Files.write(file, HexFormat.of().parseHex(STATE));
    assertEquals(0, run("bgp", "mrt", file.toString()));
    assertTrue(out.toString(StandardCharsets.UTF_8).startsWith("{\"record\":\"BGP4MP\""));
    assertEquals(1, run("bgp", "mrt", folder.resolve("nothing").toString()));
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("there is no such file"));
    assertEquals(2, run("bgp", "mrt"));
  }

  private int run(String... arguments) {
    return Catwalk.run(
        Map.of(),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        arguments);
  }
}
