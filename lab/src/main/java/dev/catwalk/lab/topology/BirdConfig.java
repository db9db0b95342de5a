package dev.catwalk.lab.topology;

import dev.catwalk.lab.topology.Plan.Neighbour;
import dev.catwalk.net.addr.Prefix;

/** A router's configuration for BIRD 2. */
public final class BirdConfig {
  private BirdConfig() {}

  public static String render(Plan.Router router, Topology.Bgp bgp) {
    StringBuilder out = new StringBuilder();
    out.append("router id ").append(router.address()).append(";\n");
    out.append("log stderr all;\n");
    out.append("protocol device { scan time 2; }\n");
    out.append("protocol direct { ipv4; }\n");
    out.append("protocol kernel {\n  merge paths on;\n");
    out.append("  ipv4 { import none; export where source = RTS_BGP; };\n}\n");
    out.append("protocol static own {\n  ipv4;\n");
    for (Prefix prefix : router.local()) {
      out.append("  route ").append(prefix).append(" blackhole;\n");
    }
    out.append("}\nfilter to_nodes {\n  if net ~ [ ");
    String comma = "";
    for (Prefix prefix : router.toNodes()) {
      out.append(comma).append(prefix).append(prefix.isHost() ? "" : "+");
      comma = ", ";
    }
    out.append(" ] then accept;\n  reject;\n}\n");
    for (Neighbour n : router.neighbours()) {
      out.append("protocol bgp '").append(n.name()).append("' {\n");
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
      out.append("  ipv4 { import all; export ")
          .append(n.node() ? "filter to_nodes" : "where source = RTS_BGP || proto = \"own\"")
          .append("; };\n}\n");
    }
    return out.toString();
  }
}
