package dev.catwalk.lab.shell;

import dev.catwalk.lab.topology.Plan;
import dev.catwalk.lab.topology.Plan.Uplink;
import java.util.List;

/** What befalls a namespace as a whole. */
public final class Spaces {
  private Spaces() {}

  /** As if the machine had lost its power: nothing leaves it any more, nobody is told. */
  public static void silence(Site site, Plan plan, String node) throws LabException {
    for (Uplink uplink : plan.node(node).uplinks()) {
      Exec.must(
          List.of("ip", "-n", site.netns(node), "link", "set", "dev", uplink.device(), "down"));
    }
    for (String pid :
        Exec.must(List.of("ip", "netns", "pids", site.netns(node))).lines().toList()) {
      ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
    }
  }
}
