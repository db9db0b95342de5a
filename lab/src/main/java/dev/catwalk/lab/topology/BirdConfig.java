package dev.catwalk.lab.topology;

import dev.catwalk.lab.topology.Plan.Neighbour;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.Prefix;

/** A router's configuration for BIRD 2. */
public final class BirdConfig {
  private BirdConfig() {}

  /** Protocol, filter and table of each family have names of their own. */
  public static String render(Plan plan, Plan.Router router) {
    StringBuilder out = new StringBuilder();
    out.append("router id ").append(Plan.identifier(router.address())).append(";\n");
    out.append("log stderr all;\n");
    out.append("protocol device { scan time 2; }\n");
    for (Plan layer : plan.layers()) {
      family(layer, layer.router(router.name()), out);
    }
    return out.toString();
  }

  private static void family(Plan plan, Plan.Router router, StringBuilder out) {
    Topology.Bgp bgp = plan.topology().bgp();
    String channel = channel(plan.family());
    out.append("protocol direct { ").append(channel).append("; }\n");
    out.append("protocol kernel {\n  merge paths on;\n  ").append(channel);
    out.append(" { import none; export where source = RTS_BGP; };\n}\n");
    out.append("protocol static own_").append(channel).append(" {\n  ").append(channel);
    out.append(";\n");
    for (Prefix prefix : router.local()) {
      out.append("  route ").append(prefix).append(" blackhole;\n");
    }
    out.append("}\nfilter to_nodes_").append(channel).append(" {\n  if net ~ [ ");
    String comma = "";
    for (Prefix prefix : router.toNodes()) {
      out.append(comma).append(prefix).append(prefix.isHost() ? "" : "+");
      comma = ", ";
    }
    out.append(" ] then accept;\n  reject;\n}\n");
    for (Neighbour n : router.neighbours()) {
      out.append("protocol bgp '").append(plan.session(n)).append("' {\n");
      out.append("  local ")
          .append(n.local())
          .append(" as ")
          .append(router.as())
          .append(";\n");
      out.append("  neighbor ")
          .append(n.address())
          .append(" as ")
          .append(n.as())
          .append(";\n");
      out.append("  hold time ").append(bgp.holdTime()).append(";\n");
      out.append("  keepalive time ").append(bgp.keepalive()).append(";\n");
      out.append("  connect delay time 1;\n  connect retry time 2;\n  error wait time 1, 5;\n");
      out.append("  ").append(channel).append(" { import all; export ");
      out.append(
              n.node()
                  ? "filter to_nodes_" + channel
                  : "where source = RTS_BGP || proto = \"own_" + channel + "\"")
          .append("; };\n}\n");
    }
  }

  private static String channel(Family family) {
    return switch (family) {
      case IPV4 -> "ipv4";
      case IPV6 -> "ipv6";
    };
  }
}
