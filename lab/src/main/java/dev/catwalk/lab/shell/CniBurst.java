package dev.catwalk.lab.shell;

import dev.catwalk.lab.topology.Plan.Pod;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Many runs of the CNI plugin, each timed as a container runtime would see it. */
public final class CniBurst {
  private static final Path BRIDGE = Path.of("/usr/lib/cni/bridge");

  /** What that plugin makes in the node and leaves there. */
  public static final String BRIDGE_LINK = "cwbench";

  /** As its documentation shows it, with the address plugin that comes with it. */
  private static final String BRIDGE_NETWORK = """
      {"cniVersion":"1.0.0","name":"bridged","type":"bridge","bridge":"LINK","isGateway":true,\
      "ipam":{"type":"host-local","dataDir":"FOLDER","ranges":[[{"subnet":"10.99.0.0/20"}]],\
      "routes":[{"dst":"0.0.0.0/0"}]}}""";

  private CniBurst() {}

  /** Empty namespaces for pods that do not run anything. */
  public static void namespaces(Site site, List<Pod> pods) throws LabException {
    Exec.must(
        pods.stream()
            .map(pod -> "netns add " + site.podNetns(pod.name()) + "\n")
            .collect(Collectors.joining()),
        List.of("ip", "-batch", "-"));
  }

  /** Its namespace goes, as with a container that died. */
  public static void remove(Site site, Pod pod) throws LabException {
    Exec.must(List.of("ip", "netns", "del", site.podNetns(pod.name())));
  }

  /**
   * Runs the plugin once for each pod.
   *
   * @param command of the specification: ADD, DEL
   * @param atOnce how many runs are under way together
   * @return how long each took from exec to exit, microseconds, in the pods' order
   * @throws LabException if one fails; it shows what the plugin said
   */
  public static List<Long> run(Site site, List<Pod> pods, String command, int atOnce)
      throws LabException {
    return run(site, pods, command, atOnce, Tools.cni(site), Containers.NETWORK);
  }

  /** As {@link #run(Site, List, String, int)}, with Debian's {@code bridge} plugin. */
  public static List<Long> bridge(Site site, List<Pod> pods, String command, int atOnce)
      throws LabException {
    return run(
        site,
        pods,
        command,
        atOnce,
        BRIDGE,
        BRIDGE_NETWORK
            .replace("LINK", BRIDGE_LINK)
            .replace("FOLDER", site.state().resolve("host-local").toString()));
  }

  /** Whether there is a plugin to compare with. */
  public static boolean hasBridge() {
    return Files.isExecutable(BRIDGE);
  }

  private static List<Long> run(
      Site site, List<Pod> pods, String command, int atOnce, Path plugin, String network)
      throws LabException {
    StringBuilder lines = new StringBuilder();
    for (Pod pod : pods) {
      Map<String, String> variables = new TreeMap<>(Containers.environment(site, pod, command));
      variables.put("CNI_PATH", String.valueOf(plugin.getParent()));
      lines
          .append(variables.entrySet().stream()
              .map(e -> e.getKey() + "=" + e.getValue())
              .collect(Collectors.joining(" ")))
          .append('\n');
    }
    String input = site.write(site.state().resolve("cni.json"), network).toString();
    List<String> answers = Exec.run(
            Map.of(),
            lines.toString(),
            site.in(
                site.netns(pods.getFirst().node()),
                Tools.cwexec(site).toString(),
                Integer.toString(atOnce),
                input,
                plugin.toString()))
        .out()
        .lines()
        .toList();
    if (answers.size() != pods.size()) {
      throw new LabException("cwexec answered " + answers.size() + " of " + pods.size() + " runs");
    }
    List<Long> took = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      String[] words = answers.get(i).split(" ", 3);
      if (!words[1].equals("0")) {
        throw new LabException("CNI " + command + " of " + pods.get(i).fullName()
            + " ended with status " + words[1] + ": " + words[2]);
      }
      took.add(Long.parseLong(words[0]));
    }
    return took;
  }
}
