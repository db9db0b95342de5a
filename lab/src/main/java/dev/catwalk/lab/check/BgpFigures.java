package dev.catwalk.lab.check;

import dev.catwalk.lab.check.BgpCase.Figure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What the load tool wrote of one case: a line "case,target,repetition,mode,key,value" each. */
public final class BgpFigures {
  private static final int COLUMNS = 6;

  private final Map<String, Map<String, List<Double>>> byTarget = new TreeMap<>();

  /** Targets with keys, a blank between, that were not reached at least once. */
  private final Set<String> unreached = new TreeSet<>();

  private BgpFigures() {}

  /**
   * Reads them; a line that is not of this form, or whose value is below 0 (not reached), counts
   * for nothing.
   */
  public static BgpFigures read(List<String> lines) {
    BgpFigures figures = new BgpFigures();
    for (String line : lines) {
      String[] columns = line.split(",", -1);
      if (columns.length == COLUMNS && columns[5].matches("[0-9]+(\\.[0-9]+)?")) {
        figures
            .byTarget
            .computeIfAbsent(columns[1], _ -> new TreeMap<>())
            .computeIfAbsent(columns[4], _ -> new ArrayList<>())
            .add(Double.valueOf(columns[5]));
      } else if (columns.length == COLUMNS && columns[5].startsWith("-")) {
        figures.unreached.add(columns[1] + " " + columns[4]);
      }
    }
    return figures;
  }

  /** The median of a target's repetitions; empty where none came to an end. */
  public OptionalDouble median(String target, String key) {
    List<Double> sorted =
        byTarget.getOrDefault(target, Map.of()).getOrDefault(key, List.of()).stream()
            .sorted()
            .toList();
    int half = sorted.size() / 2;
    if (sorted.isEmpty()) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(
        sorted.size() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2);
  }

  /**
   * Every figure of a case for every target, and our ratio to the base where it is judged by that.
   * A figure that was not reached is infinite, so that it meets no aim.
   *
   * @param targets names as in the lines, each with its version or an empty text
   */
  public List<Measurement> rows(
      BgpCase played, String ours, String base, SequencedMap<String, String> targets) {
    List<Measurement> rows = new ArrayList<>();
    for (Figure figure : played.figures()) {
      String what = played.name() + " " + figure.key();
      OptionalDouble mine = unreached.contains(ours + " " + figure.key())
          ? OptionalDouble.empty() // once is too often, whatever the others came to
          : median(ours, figure.key());
      Measurement own =
          Measurement.of(what + ", " + ours, mine.orElse(Double.POSITIVE_INFINITY), figure.unit());
      rows.add(figure.most().isPresent() ? own.aim(figure.most().getAsDouble()) : own);
      for (Map.Entry<String, String> one : targets.entrySet()) {
        String target = one.getKey();
        OptionalDouble theirs = median(target, figure.key());
        rows.add(Measurement.of(
            what + ", " + (target + " " + one.getValue()).strip(),
            theirs.orElse(Double.POSITIVE_INFINITY),
            figure.unit()));
        if (target.equals(base) && theirs.isPresent() && figure.ratio().isPresent()) {
          double ratio = mine.orElse(Double.POSITIVE_INFINITY) / theirs.getAsDouble();
          rows.add(Measurement.of(what + ", of " + base + "'s", ratio, "times")
              .aim(figure.ratio().getAsDouble()));
        }
      }
    }
    return rows;
  }
}
