package dev.catwalk.lab.topology;

import dev.catwalk.lab.topology.Plan.Neighbour;

/** A node's {@code agent.yaml}. */
public final class AgentConfig {
  public static final int STORE_PORT = 7420;

  private AgentConfig() {}

  public static String render(Plan plan, Plan.Node node) {
    StringBuilder out = new StringBuilder();
    out.append("node: {name: ").append(node.name()).append(", addresses: [");
    out.append(node.address()).append("]}\n");
    out.append("store:\n  listen: ").append(node.address()).append(':').append(STORE_PORT);
    out.append("\n  members:\n");
    for (Plan.Node member : plan.nodes()) {
      out.append("    ").append(member.name()).append(": \"").append(member.address());
      out.append(':').append(STORE_PORT).append("\"\n");
    }
    out.append("  insecure: true\n");
    Topology.Bgp bgp = plan.topology().bgp();
    out.append("bgp:\n  as: ").append(node.as()).append("\n  routerId: ").append(node.address());
    out.append("\n  listen: [");
    String comma = "";
    for (Plan.Uplink uplink : node.uplinks()) {
      out.append(comma).append('"').append(uplink.local()).append(":179\"");
      comma = ", ";
    }
    out.append("]\n  multipath: {maximum: 16, relaxAsPath: true}\n");
    out.append("  mesh: ").append(bgp.mesh()).append("\n");
    out.append("  transit: ").append(bgp.transit()).append("\n");
    if (!node.neighbours().isEmpty()) {
      out.append("  peers:\n");
    }
    for (Neighbour n : node.neighbours()) {
      out.append("    - {name: ").append(n.name()).append(", address: ").append(n.address());
      out.append(", as: ").append(n.as()).append(", holdTime: ").append(bgp.holdTime());
      out.append(", keepalive: ").append(bgp.keepalive()).append(", families: [ipv4-unicast]}\n");
    }
    out.append("pools:\n  - {name: ").append(plan.pool().name()).append(", cidr: ");
    out.append(plan.pool().cidr()).append(", blockSize: ").append(plan.pool().blockSize());
    out.append(", natOutgoing: false}\n");
    node.block().ifPresent(b -> out.append("block: ").append(b).append('\n'));
    out.append("metrics: {listen: \"127.0.0.1:9469\"}\n");
    out.append("log: {level: info, format: text}\n");
    return out.toString();
  }
}
