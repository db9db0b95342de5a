package dev.catwalk.lab;

import dev.catwalk.lab.check.Check;
import dev.catwalk.lab.shell.LabException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A line for each step with its seconds, and the expectations that were checked on the way. */
final class Progress {
  private static final int WIDTH = 34;

  private final PrintStream out;
  private final long begun = System.nanoTime();
  private final List<Check> checks = new ArrayList<>();

  Progress(PrintStream out) {
    this.out = out;
  }

  /** What a step does; it returns a few words for its line. */
  @FunctionalInterface
  interface Step {
    String run() throws LabException;
  }

  void step(String name, Step step) throws LabException {
    long from = System.nanoTime();
    out.print(name + " " + ".".repeat(Math.max(2, WIDTH - name.length())) + " ");
    out.flush();
    String words;
    try {
      words = step.run();
    } catch (LabException e) {
      out.println("failed after " + seconds(from));
      throw e;
    }
    out.println(seconds(from) + "  " + words);
  }

  private static String seconds(long from) {
    return String.format(Locale.ROOT, "%5.1f s", (System.nanoTime() - from) / 1e9);
  }

  void check(Check check) {
    checks.add(check);
    if (!check.held()) {
      out.println(check);
    }
  }

  void print(String title, String text) {
    out.println();
    out.println(title);
    out.print(text.indent(2));
  }

  void say(String text) {
    out.println(text);
  }

  /** The last line; says whether every expectation held. */
  boolean end() {
    List<Check> failed = checks.stream().filter(c -> !c.held()).toList();
    out.println();
    if (failed.isEmpty()) {
      out.println(
          "all " + checks.size() + " expectations held, " + seconds(begun).strip() + " in all");
    } else {
      out.println(failed.size() + " of " + checks.size() + " expectations failed:");
      failed.forEach(out::println);
    }
    return failed.isEmpty();
  }
}
