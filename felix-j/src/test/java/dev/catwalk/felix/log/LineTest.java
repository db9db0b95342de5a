package dev.catwalk.felix.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

class LineTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-21T10:00:00.5Z"), ZoneOffset.UTC);

  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(written, true, StandardCharsets.UTF_8);
  private final Logger log = LoggerFactory.getLogger(LineTest.class);

  @AfterEach
  void silence() {
    Logs.stop();
  }

  @Test
  void oneLineAnEvent() {
    Logs.start(Level.INFO, Logs.Format.TEXT, out, CLOCK);
    log.info("session {} up peer={} as={} why={}", "x", "tor1", 65001, "it dialled");
    assertEquals(
        "2026-11-21T10:00:00.500Z INFO felix.log session x up peer=tor1 as=65001"
            + " why=\"it dialled\"\n",
        text());
  }

  @Test
  void theSameAsAnObject() {
    Logs.start(Level.INFO, Logs.Format.JSON, out, CLOCK);
    log.warn("refused from={} what={}", "10.0.0.1", "a \"b\"\u0001");
    assertEquals(
        "{\"time\":\"2026-11-21T10:00:00.500Z\",\"level\":\"WARN\",\"room\":\"felix.log\","
            + "\"message\":\"refused\",\"from\":\"10.0.0.1\",\"what\":\"a \\\"b\\\"\\u0001\"}\n",
        text());
  }

  @Test
  void nobodyForgesALine() {
    Logs.start(Level.INFO, Logs.Format.TEXT, out, CLOCK);
    log.info("peer said {} text={}", "a\n2026 ERROR", "b\nc");
    assertEquals(1, text().lines().count(), text());
  }

  @Test
  void aCauseIsOnItsLineToo() {
    Logs.start(Level.INFO, Logs.Format.TEXT, out, CLOCK);
    log.error("loop failed", new IllegalStateException("why"));
    assertEquals(1, text().lines().count(), text());
    assertTrue(text().contains("IllegalStateException: why"), text());
  }

  @Test
  void levelsHoldAndLibrariesStayQuiet() {
    Logs.start(Level.DEBUG, Logs.Format.TEXT, out, CLOCK);
    log.debug("ours");
    log.trace("too fine");
    LoggerFactory.getLogger("io.netty.Some").warn("theirs");
    LoggerFactory.getLogger("io.netty.Some").error("theirs matters");
    assertEquals(2, text().lines().count(), text());
    assertTrue(text().contains("io.netty.Some theirs matters"), text());
  }

  @Test
  void silentUntilStarted() {
    log.error("nobody hears");
    assertEquals("", text());
  }

  private String text() {
    return written.toString(StandardCharsets.UTF_8);
  }
}
