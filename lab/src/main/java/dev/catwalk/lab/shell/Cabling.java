package dev.catwalk.lab.shell;

import dev.catwalk.lab.topology.IpCommands;
import dev.catwalk.lab.topology.Plan;
import dev.catwalk.lab.topology.Plan.Space;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** Makes the namespaces, the cables between them and what the machines' owners would have set. */
public final class Cabling {
  private Cabling() {}

  public static void build(Site site, Plan plan) throws LabException {
    batch(List.of("ip", "-batch", "-"), IpCommands.namespaces(plan, site::netns));
    batch(List.of("ip", "-batch", "-"), IpCommands.cables(plan, site::netns));
    List<Callable<Void>> tasks = new ArrayList<>();
    for (Space space : plan.spaces()) {
      tasks.add(() -> {
        String netns = site.netns(space.name());
        settings(site, netns, IpCommands.settings(plan, space));
        batch(List.of("ip", "-n", netns, "-batch", "-"), IpCommands.inside(plan, space));
        return null;
      });
    }
    Exec.all(tasks);
  }

  private static void batch(List<String> ip, List<String> lines) throws LabException {
    String commands = String.join("\n", lines) + "\n";
    try {
      Exec.must(commands, ip);
    } catch (LabException e) {
      throw new LabException(e.getMessage() + "\nof these lines:\n" + commands.indent(2), e);
    }
  }

  private static void settings(Site site, String netns, List<String> settings) throws LabException {
    StringBuilder script = new StringBuilder("set -e\n");
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      script
          .append("echo ")
          .append(setting.substring(equals + 1))
          .append(" > /proc/sys/")
          .append(setting, 0, equals)
          .append('\n');
    }
    Exec.must(script.toString(), site.in(netns, "sh", "-s"));
  }
}
