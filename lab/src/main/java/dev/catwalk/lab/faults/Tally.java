package dev.catwalk.lab.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What has been struck so far, over several runs if there is a file: a line for each verdict, whose
 * words are row, rounds, operations, operations that were refused, and held or FAILED. A run that
 * was broken off goes on where the file ends.
 */
public final class Tally {
  private static final int WORDS = 5;

  private final @Nullable Path file;
  private final TreeMap<String, Integer> held = new TreeMap<>();
  private int rounds;
  private int failed;
  private long operations;
  private long refused;

  /** What a file says; nothing yet if there is none. */
  public Tally(@Nullable Path file) throws IOException {
    this.file = file;
    if (file != null && Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        String[] words = line.split(" ");
        try {
          if (words.length != WORDS) {
            throw new NumberFormatException(words.length + " words");
          }
          count(
              words[0],
              Integer.parseInt(words[1]),
              Long.parseLong(words[2]),
              Long.parseLong(words[3]),
              words[4].equals("held"));
        } catch (NumberFormatException e) {
          throw new IOException(
              file + " is no record of faults: \"" + line + "\": name another file", e);
        }
      }
    }
  }

  private void count(String row, int times, long asked, long failures, boolean good) {
    rounds += times;
    operations += asked;
    refused += failures;
    if (good) {
      held.merge(row, times, Integer::sum);
    } else {
      failed++;
    }
  }

  /** Keeps a verdict. */
  public void add(Trial.Verdict verdict) throws IOException {
    count(
        verdict.row(), verdict.rounds(), verdict.operations(), verdict.failures(), verdict.held());
    if (file != null) {
      String line = verdict.row() + " " + verdict.rounds() + " " + verdict.operations() + " "
          + verdict.failures() + " " + (verdict.held() ? "held" : "FAILED") + "\n";
      Files.writeString(
          file, line, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
  }

  /** How many rounds of a row have held. */
  public int held(String row) {
    return held.getOrDefault(row, 0);
  }

  /** Rounds of all rows, for the seed of the next: a run that goes on does not repeat itself. */
  public int rounds() {
    return rounds;
  }

  /** All in a line. */
  public String summary() {
    return String.format(
        Locale.ROOT,
        "%d rounds, %,d operations, %,d of them refused: %s",
        rounds,
        operations,
        refused,
        failed == 0 ? "all held" : failed + " FAILED");
  }
}
