package dev.catwalk.lab.shell;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a daemon said last. */
final class Logs {
  private static final int LINES = 12;

  private Logs() {}

  /** The end of the file, to stand in a message after a colon. */
  static String end(Path log) {
    try {
      List<String> lines = Files.readAllLines(log);
      List<String> last = lines.subList(Math.max(0, lines.size() - LINES), lines.size());
      return last.isEmpty()
          ? log + " is empty"
          : "its log " + log + " ends with\n"
              + String.join("\n", last).indent(2).stripTrailing();
    } catch (IOException e) {
      return "its log " + log + " cannot be read: " + e;
    }
  }
}
