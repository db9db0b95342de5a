package dev.catwalk.felix.log;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.event.Level;

/** The last lines of the log, for who asks the agent instead of its supervisor. Any thread. */
final class RecentLines {
  /** Lines that are kept. */
  static final int MAX_LINES = 1000;

  /** Longer ones are cut, characters. */
  static final int MAX_LENGTH = 4000;

  private record Kept(long number, Level level, String text) {}

  private final ArrayDeque<Kept> lines = new ArrayDeque<>();
  private long next = 1;

  synchronized void add(Level level, String text) {
    if (lines.size() == MAX_LINES) {
      lines.removeFirst();
    }
    String kept = text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + " ...";
    lines.add(new Kept(next++, level, kept));
    notifyAll();
  }

  /**
   * The newest lines after that one.
   *
   * @param after number of a line; 0 for all that are kept
   * @param atMost how many; older ones are left out
   * @param waitMs how long to wait for the first of them
   */
  synchronized Logs.Recent after(long after, Level least, int atMost, long waitMs)
      throws InterruptedException {
    long end = System.nanoTime() + waitMs * 1_000_000;
    while (next - 1 <= after) {
      long leftMs = (end - System.nanoTime()) / 1_000_000;
      if (leftMs <= 0) {
        break;
      }
      wait(leftMs);
    }
    List<String> found = new ArrayList<>();
    for (Kept line : lines) {
      if (line.number() > after && line.level().toInt() >= least.toInt()) {
        found.add(line.text());
      }
    }
    return new Logs.Recent(
        next - 1, found.subList(Math.max(0, found.size() - atMost), found.size()));
  }
}
