package dev.catwalk.lab.check;

import dev.catwalk.lab.check.BgpCase.Figure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/** What the load tool wrote of one case: a line "case,target,repetition,mode,key,value" each. */
public final class BgpFigures {
  private static final int COLUMNS = 6;

  private final Map<String, Map<String, List<Double>>> byTarget = new TreeMap<>();

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
   * A figure that we did not reach is infinite, so that it meets no aim.
   *
   * @param targets names as in the lines
   */
  public List<Measurement> rows(BgpCase played, String ours, String base, List<String> targets) {
    List<Measurement> rows = new ArrayList<>();
    for (Figure figure : played.figures()) {
      String what = played.name() + " " + figure.key();
      OptionalDouble mine = median(ours, figure.key());
      Measurement own =
          Measurement.of(what + ", " + ours, mine.orElse(Double.POSITIVE_INFINITY), figure.unit());
      rows.add(figure.most().isPresent() ? own.aim(figure.most().getAsDouble()) : own);
      for (String target : targets) {
        OptionalDouble theirs = median(target, figure.key());
        if (theirs.isPresent()) {
          rows.add(Measurement.of(what + ", " + target, theirs.getAsDouble(), figure.unit()));
        }
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
