package dev.catwalk.felix.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

class RecentLinesTest {
  private final RecentLines lines = new RecentLines();

  @Test
  void theNewestOfTheLevelThatIsWanted() throws InterruptedException {
    lines.add(Level.INFO, "one");
    lines.add(Level.WARN, "two");
    lines.add(Level.DEBUG, "three");
    assertEquals(new Logs.Recent(3, List.of("two", "three")), lines.after(0, Level.TRACE, 2, 0));
    assertEquals(new Logs.Recent(3, List.of("one", "two")), lines.after(0, Level.INFO, 9, 0));
    assertEquals(new Logs.Recent(3, List.of("three")), lines.after(2, Level.TRACE, 9, 0));
    assertEquals(new Logs.Recent(3, List.of()), lines.after(3, Level.TRACE, 9, 1));
  }

  @Test
  void whoFollowsGetsALineWhenItIsWritten() throws InterruptedException {
    Thread writer = Thread.ofPlatform().start(() -> lines.add(Level.INFO, "late"));
    assertEquals(new Logs.Recent(1, List.of("late")), lines.after(0, Level.TRACE, 9, 60_000));
    writer.join();
  }

  @Test
  void oldLinesAreDroppedAndLongOnesCut() throws InterruptedException {
    for (int i = 0; i <= RecentLines.MAX_LINES; i++) {
      lines.add(Level.INFO, "x".repeat(RecentLines.MAX_LENGTH + 1));
    }
    Logs.Recent all = lines.after(0, Level.TRACE, Integer.MAX_VALUE, 0);
    assertEquals(RecentLines.MAX_LINES + 1, all.last());
    assertEquals(RecentLines.MAX_LINES, all.lines().size());
    assertEquals(
        RecentLines.MAX_LENGTH + " ...".length(), all.lines().getFirst().length());
  }
}
