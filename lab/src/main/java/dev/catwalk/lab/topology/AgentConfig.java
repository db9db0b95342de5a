package dev.catwalk.lab.topology;

import dev.catwalk.lab.topology.Plan.Neighbour;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A node's {@code agent.yaml}. */
public final class AgentConfig {
  public static final int STORE_PORT = 7420;

  private static final int BGP_PORT = 179;

  private AgentConfig() {}

  public static String render(Plan plan, Plan.Node node) {
    StringBuilder out = new StringBuilder();
    out.append("node: {name: ").append(node.name()).append(", addresses: ");
    out.append(list(inEach(plan, layer -> quoted(layer.node(node.name()).address()))));
    out.append("}\nstore:\n  listen: ").append(endpoint(node.address(), STORE_PORT));
    out.append("\n  members:\n");
    for (Plan.Node member : plan.nodes()) {
      out.append("    ").append(member.name()).append(": ");
      out.append(endpoint(member.address(), STORE_PORT)).append('\n');
    }
    bgp(plan, node, out);
    out.append("pools:\n");
    for (Plan layer : plan.layers()) {
      Topology.Pool pool = layer.pool();
      out.append("  - {name: ").append(pool.name()).append(", cidr: ");
      out.append(quoted(pool.cidr())).append(", blockSize: ").append(pool.blockSize());
      out.append(", natOutgoing: false}\n");
    }
    node.block().ifPresent(b -> out.append("block: ").append(quoted(b)).append('\n'));
    out.append("metrics: {listen: \"127.0.0.1:9469\"}\n");
    out.append("log: {level: info, format: text}\n");
    return out.toString();
  }

  /** A session for each family of each cable. */
  private static void bgp(Plan plan, Plan.Node node, StringBuilder out) {
    Topology.Bgp bgp = plan.topology().bgp();
    out.append("bgp:\n  as: ").append(node.as());
    out.append("\n  routerId: ").append(Plan.identifier(node.address())).append("\n  listen: ");
    List<String> listen = new ArrayList<>();
    for (Plan layer : plan.layers()) {
      layer.node(node.name()).uplinks().forEach(u -> listen.add(endpoint(u.local(), BGP_PORT)));
    }
    out.append(list(listen)).append("\n  multipath: {maximum: 16, relaxAsPath: true}\n");
    out.append("  mesh: ").append(bgp.mesh()).append("\n");
    out.append("  transit: ").append(bgp.transit()).append("\n");
    if (!node.neighbours().isEmpty()) {
      out.append("  peers:\n");
    }
    for (Plan layer : plan.layers()) {
      for (Neighbour n : layer.node(node.name()).neighbours()) {
        out.append("    - {name: ").append(layer.session(n));
        out.append(", address: ").append(quoted(n.address()));
        out.append(", as: ").append(n.as()).append(", holdTime: ").append(bgp.holdTime());
        out.append(", keepalive: ").append(bgp.keepalive()).append(", families: [");
        out.append(n.address().isV4() ? "ipv4-unicast" : "ipv6-unicast").append("]}\n");
      }
    }
  }

  private static List<String> inEach(Plan plan, Function<Plan, String> text) {
    return plan.layers().stream().map(text).toList();
  }

  private static String list(List<String> texts) {
    return "[" + String.join(", ", texts) + "]";
  }

  /** YAML would read some addresses of IPv6 as mappings. */
  private static String quoted(Object address) {
    return address.toString().contains(":") ? "\"" + address + "\"" : address.toString();
  }

  private static String endpoint(IpAddress address, int port) {
    String host = address.isV4() ? address.toString() : "[" + address + "]";
    return "\"" + host + ":" + port + "\"";
  }
}
