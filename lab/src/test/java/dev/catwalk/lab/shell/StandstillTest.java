package dev.catwalk.lab.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class StandstillTest {
  @Test
  void theLongestWaitBeyondATickCounts() {
    try (Standstill watch = new Standstill(1_000_000_000L)) {
      watch.ran(1_020_000_000L);
      assertEquals(0, watch.seconds());
      watch.ran(2_540_000_000L);
      watch.ran(2_570_000_000L);
      assertEquals(1.5, watch.seconds());
    }
  }
}
