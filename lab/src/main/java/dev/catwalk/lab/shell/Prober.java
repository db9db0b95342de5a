package dev.catwalk.lab.shell;

import dev.catwalk.lab.check.Probe;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;

/** Sends probes, those of one source in one process, and all sources at once. */
public final class Prober {
  /** How long a probe waits for its answer, milliseconds. */
  public static final int TIMEOUT_MS = 1_000;

  private Prober() {}

  /**
   * What came of each, in their order.
   *
   * @param netns of a probe's source
   */
  public static List<String> send(Site site, List<Probe> probes, UnaryOperator<String> netns)
      throws LabException {
    String program = Tools.cwprobe(site).toString();
    Map<String, List<Integer>> bySource = new LinkedHashMap<>();
    for (int i = 0; i < probes.size(); i++) {
      bySource.computeIfAbsent(probes.get(i).from(), k -> new ArrayList<>()).add(i);
    }
    String[] answers = new String[probes.size()];
    List<Callable<Void>> tasks = new ArrayList<>();
    bySource.forEach((source, indices) -> tasks.add(() -> {
      StringBuilder lines = new StringBuilder();
      indices.forEach(i -> lines.append(probes.get(i).line()).append('\n'));
      List<String> said = Exec.must(
              lines.toString(),
              site.in(netns.apply(source), program, "probe", Integer.toString(TIMEOUT_MS)))
          .lines()
          .toList();
      if (said.size() != indices.size()) {
        throw new LabException(
            "cwprobe answered " + said.size() + " of " + indices.size() + " probes");
      }
      for (int i = 0; i < said.size(); i++) {
        answers[indices.get(i)] = said.get(i);
      }
      return null;
    }));
    Exec.all(tasks);
    return List.of(answers);
  }
}
