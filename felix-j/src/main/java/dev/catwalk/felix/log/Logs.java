package dev.catwalk.felix.log;

import java.io.PrintStream;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/** Where log lines go. One for the process, replaced as a whole; any thread may log. */
public final class Logs {

  /** How a line looks. */
  public enum Format {
    TEXT,
    JSON
  }

  record Sink(Level level, Format format, PrintStream out, Clock clock) {}

  private static volatile @Nullable Sink sink;

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
    synchronized (now.out) {
      now.out.println(text);
      now.out.flush();
    }
  }
}
