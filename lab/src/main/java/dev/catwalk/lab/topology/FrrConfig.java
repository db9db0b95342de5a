package dev.catwalk.lab.topology;

import dev.catwalk.lab.topology.Plan.Neighbour;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.Prefix;

/** A router's configuration for FRR's bgpd; zebra needs none. */
public final class FrrConfig {
  private FrrConfig() {}

  public static String render(Plan plan, Plan.Router router) {
    Topology.Bgp bgp = plan.topology().bgp();
    StringBuilder out = new StringBuilder();
    out.append("hostname ").append(router.name()).append('\n');
    for (Plan layer : plan.layers()) {
      lists(layer, layer.router(router.name()), out);
    }
    out.append("router bgp ").append(router.as()).append('\n');
    out.append(" bgp router-id ").append(Plan.identifier(router.address())).append('\n');
    out.append(" no bgp ebgp-requires-policy\n no bgp default ipv4-unicast\n");
    out.append(" no bgp network import-check\n bgp bestpath as-path multipath-relax\n");
    out.append(" timers bgp ")
        .append(bgp.keepalive())
        .append(' ')
        .append(bgp.holdTime())
        .append('\n');
    for (Plan layer : plan.layers()) {
      for (Neighbour n : layer.router(router.name()).neighbours()) {
        String neighbour = " neighbor " + n.address();
        out.append(neighbour).append(" remote-as ").append(n.as()).append('\n');
        out.append(neighbour).append(" description ").append(layer.session(n)).append('\n');
        out.append(neighbour).append(" timers connect 2\n");
        out.append(neighbour).append(" advertisement-interval 0\n");
      }
    }
    for (Plan layer : plan.layers()) {
      family(layer, layer.router(router.name()), out);
    }
    return out.toString();
  }

  private static void lists(Plan plan, Plan.Router router, StringBuilder out) {
    boolean v4 = plan.family() == Family.IPV4;
    int sequence = 5;
    for (Prefix prefix : router.toNodes()) {
      out.append(v4 ? "ip" : "ipv6").append(" prefix-list to-nodes seq ").append(sequence);
      out.append(" permit ").append(prefix);
      out.append(prefix.isHost() ? "\n" : " le " + plan.family().bits() + "\n");
      sequence += 5;
    }
  }

  private static void family(Plan plan, Plan.Router router, StringBuilder out) {
    boolean v4 = plan.family() == Family.IPV4;
    out.append(" address-family ").append(v4 ? "ipv4" : "ipv6");
    out.append(" unicast\n  maximum-paths 16\n");
    for (Prefix prefix : router.local()) {
      out.append("  network ").append(prefix).append('\n');
    }
    for (Neighbour n : router.neighbours()) {
      out.append("  neighbor ").append(n.address()).append(" activate\n");
      if (n.node()) {
        out.append("  neighbor ").append(n.address()).append(" prefix-list to-nodes out\n");
      }
    }
    out.append(" exit-address-family\n");
  }
}
