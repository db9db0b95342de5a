package dev.catwalk.felix.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AgentRunTest {
  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "agent run,                          none,  /",
        "agent run --config a.yaml,          a.yaml, /",
        "agent run --root /r,                none,  /r",
        "agent run --config a.yaml --root r, a.yaml, r",
        "agent run --root r --config a.yaml, a.yaml, r",
      })
  void whatAUnitWritesNeedsNoParser(String line, Path config, Path root) {
    AgentRun.Run run = AgentRun.Run.plain(line.split(" "));
    assertNotNull(run);
    assertEquals(config, run.config);
    assertEquals(root, run.root);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "agent",
        "agent run --help",
        "agent run --config",
        "agent run --config --root",
        "agent run --config a --config b",
        "agent run --root / --root /",
        "agent run --config=a.yaml",
        "agent run extra",
        "agent run --confg a.yaml",
        "-o json agent run",
        "status",
      })
  void anythingElseIsTheParsers(String line) {
    assertNull(AgentRun.Run.plain(line.split(" ")));
  }

  @Test
  void nothingIsTheParsersToo() {
    assertNull(AgentRun.Run.plain());
  }
}
