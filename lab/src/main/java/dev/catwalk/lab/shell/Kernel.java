package dev.catwalk.lab.shell;

import dev.catwalk.lab.check.KernelRoute;
import dev.catwalk.lab.topology.Plan.Node;
import dev.catwalk.lab.topology.Plan.Uplink;
import java.util.ArrayList;
import java.util.List;

/** What the kernel of a namespace holds. */
public final class Kernel {
  private Kernel() {}

  public static List<KernelRoute> routes(Site site, String space) throws LabException {
    List<KernelRoute> routes = new ArrayList<>();
    for (String family : List.of("-4", "-6")) {
      routes.addAll(KernelRoute.parse(
          Exec.must(List.of("ip", "-n", site.netns(space), "-j", family, "route", "show"))));
    }
    return routes;
  }

  /** Packets sent so far by each uplink, in their order. */
  public static List<Long> sent(Site site, Node node) throws LabException {
    List<String> command = new ArrayList<>(List.of("cat"));
    for (Uplink uplink : node.uplinks()) {
      command.add("/sys/class/net/" + uplink.device() + "/statistics/tx_packets");
    }
    return Exec.must(site.in(site.netns(node.name()), command))
        .lines()
        .map(Long::valueOf)
        .toList();
  }
}
