package dev.catwalk.lab.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Catwalk's own verbs, typed as a user would. */
public final class Verbs {
  private Verbs() {}

  /** Runs {@code catwalk WORDS} for a node's agent and returns what it printed. */
  public static String must(Site site, String node, String... words) throws LabException {
    List<String> command =
        new ArrayList<>(List.of(site.home().resolve("catwalk").toString()));
    command.addAll(List.of(words));
    command.addAll(List.of("--socket", site.socket(node).toString()));
    Map<String, String> environment = Agents.launcher();
    Exec.Result result = Exec.run(environment, "", command);
    if (result.status() != 0) {
      throw Exec.failed(command, result);
    }
    return result.out();
  }

  /** Runs {@code catwalk clean} in a node's namespace, whatever came of it. */
  public static Exec.Result clean(Site site, String node) throws LabException {
    List<String> command = site.in(
        site.netns(node),
        site.home().resolve("catwalk").toString(),
        "clean",
        "--socket",
        site.socket(node).toString());
    return Exec.run(Agents.launcher(), "", command);
  }
}
