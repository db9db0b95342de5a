package dev.catwalk.felix.log;

import java.io.PrintStream;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/** Where log lines go. One for the process, replaced as a whole; any thread may log. */
public final class Logs {

  /** How a line looks. */
  public enum Format {
    TEXT,
    JSON
  }

  /**
   * Lines of the log.
   *
   * @param last the number of the newest line there is, shown here or not
   */
  public record Recent(long last, List<String> lines) {
    public Recent {
      lines = List.copyOf(lines);
    }
  }

  record Sink(Level level, Format format, PrintStream out, Clock clock) {}

  private static volatile @Nullable Sink sink;
  private static final RecentLines RECENT = new RecentLines();

  private Logs() {}

  /**
   * Begins to write.
   *
   * @param level the least severe one that is written; libraries only {@code ERROR}: their warnings are about what
   *     ours say better
   * @param out written in whole lines
   */
  public static void start(Level level, Format format, PrintStream out) {
    start(level, format, out, Clock.systemUTC());
  }

  static void start(Level level, Format format, PrintStream out, Clock clock) {
    sink = new Sink(level, format, out, clock);
  }

  /** Falls silent again. */
  static void stop() {
    sink = null;
  }

  /**
   * The newest lines that were written after that one, at most {@value RecentLines#MAX_LINES} old.
   *
   * @param after number of a line; 0 for all that are kept
   * @param least the least severe level that is wanted
   * @param atMost how many; older ones are left out
   * @param waitMs how long to wait where there is none, milliseconds
   */
  public static Recent recent(long after, Level least, int atMost, long waitMs)
      throws InterruptedException {
    return RECENT.after(after, least, atMost, waitMs);
  }

  static boolean enabled(Level level, boolean ours) {
    Sink now = sink;
    if (now == null) {
      return false;
    }
    Level least = ours ? now.level : Level.ERROR;
    return level.toInt() >= least.toInt();
  }

  static void write(Line line) {
    Sink now = sink;
    if (now == null) {
      return;
    }
    String text = switch (now.format) {
      case TEXT -> line.text(now.clock.instant());
      case JSON -> line.json(now.clock.instant());
    };
    RECENT.add(line.level(), text);
    synchronized (now.out) {
      now.out.println(text);
      now.out.flush();
    }
  }
}
