package dev.catwalk.lab.shell;

import dev.catwalk.lab.topology.IpCommands;
import dev.catwalk.lab.topology.Plan;
import dev.catwalk.lab.topology.Plan.Cable;
import dev.catwalk.lab.topology.Plan.End;
import java.util.List;

/** The cables of a node. */
public final class Links {
  private Links() {}

  /** Pulls all of them out at their other ends, or plugs them in again. */
  public static void set(Site site, Plan plan, String node, boolean plugged) throws LabException {
    for (Cable cable : plan.cables()) {
      if (cable.one().space().equals(node)) {
        set(site, cable.other(), plugged);
      } else if (cable.other().space().equals(node)) {
        set(site, cable.one(), plugged);
      }
    }
  }

  /** Sets the cable between two down at both ends, or up again as it was. */
  public static void between(Site site, Plan plan, String one, String other, boolean plugged)
      throws LabException {
    for (Cable cable : plan.cables()) {
      List<String> ends = List.of(cable.one().space(), cable.other().space());
      if (ends.contains(one) && ends.contains(other)) {
        for (End end : List.of(cable.one(), cable.other())) {
          if (plugged) {
            Exec.must(
                String.join("\n", IpCommands.raised(plan, end)) + "\n",
                List.of("ip", "-n", site.netns(end.space()), "-batch", "-"));
          } else {
            set(site, end, false);
          }
        }
      }
    }
  }

  private static void set(Site site, End end, boolean plugged) throws LabException {
    Exec.must(List.of(
        "ip",
        "-n",
        site.netns(end.space()),
        "link",
        "set",
        "dev",
        end.device(),
        plugged ? "up" : "down"));
  }
}
