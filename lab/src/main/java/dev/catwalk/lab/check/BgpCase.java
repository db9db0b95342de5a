package dev.catwalk.lab.check;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * A load that BGP speakers are measured by.
 *
 * @param name what users call it
 * @param load the load of {@code compare.sh} that it is
 * @param environment what {@code compare.sh} is told besides
 * @param alone whether it is played against our speaker only, since others do not end it
 * @param figures what is judged
 */
public record BgpCase(
    String name,
    String load,
    Map<String, String> environment,
    boolean alone,
    List<Figure> figures) {

  /**
   * A figure of a case.
   *
   * @param key its name in the tool's output
   * @param unit of the value
   * @param ratio the most that it may be of BIRD's, where it is judged by that
   * @param most the most that it may be by itself, where it is judged by that
   */
  public record Figure(String key, String unit, OptionalDouble ratio, OptionalDouble most) {
    static Figure ofBird(String key, String unit, double ratio) {
      return new Figure(key, unit, OptionalDouble.of(ratio), OptionalDouble.empty());
    }

    static Figure atMost(String key, String unit, double most) {
      return new Figure(key, unit, OptionalDouble.empty(), OptionalDouble.of(most));
    }
  }

  private static final Map<String, String> WARM = Map.of("WARMUPS", "1");
  private static final Map<String, String> STORM = Map.of("ARGS", "--burst 5000");
  private static final String FULL = "t_all_full_s";
  private static final String KNOW = "t_all_know_all_s";
  private static final String UP = "t_all_up_s";

  /** Every case, in the order of the table in bgp/README.md. */
  public static final List<BgpCase> ALL = List.of(
      of(
          "t1m",
          "t1m",
          WARM,
          Figure.ofBird(FULL, "s", 0.9),
          Figure.atMost("bytes_per_path", "bytes", 150)),
      of("t1m-cold", "t1m", Map.of(), Figure.ofBird(FULL, "s", 1.5)),
      of("t100k-cold", "t100k", Map.of(), Figure.ofBird(FULL, "s", 2.5)),
      of("multi8", "multi8", WARM, Figure.ofBird("t_last_update_s", "s", 1.0)),
      of("fan50", "fan50", WARM, Figure.ofBird("cpu_to_quiet_s", "s", 0.35)),
      of("mesh200", "mesh200", WARM, Figure.ofBird(KNOW, "s", 1.5)),
      of("mesh1000", "mesh1000", WARM, Figure.ofBird(KNOW, "s", 1.5)),
      alone("storm200", "mesh200", Figure.atMost(UP, "s", 1)),
      alone("storm1000", "mesh1000", Figure.atMost(UP, "s", 3)),
      of(
          "churn",
          "churn",
          WARM,
          Figure.atMost("churn_p50_ms", "ms", 0.15),
          Figure.atMost("churn_p99_ms", "ms", 1),
          Figure.atMost("churn_max_ms", "ms", 20),
          Figure.atMost("churn_lost", "routes", 0)),
      of("drop500k", "drop500k", WARM, Figure.ofBird("drop_all_gone_s", "s", 1.0)));

  private static BgpCase of(
      String name, String load, Map<String, String> environment, Figure... figures) {
    return new BgpCase(name, load, environment, false, List.of(figures));
  }

  private static BgpCase alone(String name, String load, Figure figure) {
    Figure known = new Figure(KNOW, "s", OptionalDouble.empty(), OptionalDouble.empty());
    return new BgpCase(name, load, STORM, true, List.of(figure, known));
  }
}
