package dev.catwalk.lab.shell;

import dev.catwalk.lab.policy.Placement;
import dev.catwalk.lab.policy.Placement.Node;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The ground on which cases are played: a namespace for each node and one for all outside hosts,
 * cabled to one router that knows where every address is.
 */
public final class CaseSpaces {
  private static final String ROUTER = "spine";
  private static final String ROUTER_V4 = "169.254.77.1";
  private static final String ROUTER_V6 = "fe80::77:1";
  private static final Map<Family, IpAddress> OUTSIDE_ADDRESS =
      Map.of(Family.IPV4, IpAddress.parse("198.51.100.2"), Family.IPV6, IpAddress.parse("3fff::2"));
  private static final int STORE_PORT = 7420;

  private final Site site;
  private final Placement placement;
  private final TreeMap<String, Map<Family, IpAddress>> gateways = new TreeMap<>();
  private final TreeMap<IpAddress, String> held = new TreeMap<>();

  private CaseSpaces(Site site, Placement placement) {
    this.site = site;
    this.placement = placement;
    placement.nodes().forEach(n -> gateways.put(n.name(), n.addresses()));
    gateways.put(Placement.OUTSIDE, OUTSIDE_ADDRESS);
  }

  /** Makes namespaces and cables, and the routes of whoever owns the network. */
  public static CaseSpaces build(Site site, Placement placement) throws LabException {
    CaseSpaces spaces = new CaseSpaces(site, placement);
    spaces.cable();
    return spaces;
  }

  private void cable() throws LabException {
    List<String> spaces = new ArrayList<>(gateways.keySet());
    spaces.add(ROUTER);
    Exec.must(
        lines(spaces.stream().map(s -> "netns add " + site.netns(s)).toList()),
        List.of("ip", "-batch", "-"));
    for (String space : spaces) {
      Exec.must(settings(space), site.in(site.netns(space), "sh", "-s"));
    }
    List<String> cables = new ArrayList<>();
    gateways
        .keySet()
        .forEach(space -> cables.add("link add name " + space + " netns " + site.netns(ROUTER)
            + " type veth peer name up0 netns " + site.netns(space)));
    Exec.must(lines(cables), List.of("ip", "-batch", "-"));
    Exec.must(lines(inRouter()), inside(ROUTER, "-batch", "-"));
    for (String space : gateways.keySet()) {
      Exec.must(lines(inSpace(space)), inside(space, "-batch", "-"));
    }
  }

  /** No packet is dropped for the way that it came. */
  private static String settings(String space) {
    String common = """
        set -e
        cd /proc/sys/net
        echo 0 > ipv4/conf/all/rp_filter
        echo 0 > ipv4/conf/default/rp_filter
        """;
    return space.equals(ROUTER)
        ? common + "echo 1 > ipv4/ip_forward\necho 1 > ipv6/conf/all/forwarding\n"
        : common;
  }

  private List<String> inRouter() {
    List<String> lines = new ArrayList<>(List.of("link set dev lo up"));
    gateways.forEach((space, addresses) -> {
      lines.add("address add " + ROUTER_V4 + "/32 dev " + space);
      lines.add("link set dev " + space + " up");
      lines.add("address add " + ROUTER_V6 + "/64 dev " + space + " nodad");
      for (Family family : Family.values()) {
        IpAddress address = address(space, family);
        lines.add("route add " + address.asPrefix() + " dev " + space);
      }
    });
    for (Node node : placement.nodes()) {
      node.blocks()
          .forEach((family, block) -> lines.add("route add " + block + " via "
              + address(node.name(), family) + " dev " + node.name()));
    }
    for (Family family : Family.values()) {
      lines.add("route add default via " + address(Placement.OUTSIDE, family) + " dev "
          + Placement.OUTSIDE);
    }
    return lines;
  }

  private List<String> inSpace(String space) {
    List<String> lines = new ArrayList<>(List.of("link set dev lo up"));
    for (Family family : Family.values()) {
      lines.add("address add " + address(space, family).asPrefix() + " dev up0" + atOnce(family));
    }
    lines.add("link set dev up0 up");
    lines.add("route add " + ROUTER_V4 + "/32 dev up0");
    for (Family family : Family.values()) {
      lines.add("route add default via " + (family == Family.IPV4 ? ROUTER_V4 : ROUTER_V6)
          + " dev up0 src " + address(space, family));
    }
    return lines;
  }

  /** An IPv6 address counts at once. */
  private static String atOnce(Family family) {
    return family == Family.IPV6 ? " nodad" : "";
  }

  private IpAddress address(String space, Family family) {
    Map<Family, IpAddress> addresses = Objects.requireNonNull(gateways.get(space), space);
    return Objects.requireNonNull(addresses.get(family), space);
  }

  /** From now on exactly these addresses are outside hosts' or, for a node, its own. */
  public void hold(SortedMap<IpAddress, String> spaces) throws LabException {
    for (Map.Entry<IpAddress, String> entry : new TreeMap<>(held).entrySet()) {
      IpAddress address = entry.getKey();
      if (!entry.getValue().equals(spaces.get(address))) {
        String prefix = address.asPrefix().toString();
        Exec.must(inside(entry.getValue(), "address", "del", prefix, "dev", "lo"));
        Exec.must(inside(ROUTER, "route", "del", prefix));
        held.remove(address);
      }
    }
    for (Map.Entry<IpAddress, String> entry : spaces.entrySet()) {
      IpAddress address = entry.getKey();
      String space = entry.getValue();
      if (!held.containsKey(address)) {
        String prefix = address.asPrefix().toString();
        List<String> add = inside(space, "address", "add", prefix, "dev", "lo");
        if (address.family() == Family.IPV6) {
          add.add("nodad");
        }
        Exec.must(add);
        String via = address(space, address.family()).toString();
        Exec.must(inside(ROUTER, "route", "add", prefix, "via", via, "dev", space));
        held.put(address, space);
      }
    }
  }

  /** Starts a node's agent; it claims the node's blocks. */
  public Process startAgent(Node node) throws LabException {
    StringBuilder config = new StringBuilder();
    config.append("node: {name: ").append(node.name());
    config
        .append(", addresses: ")
        .append(List.copyOf(node.addresses().values()))
        .append("}\n");
    config.append("store:\n  listen: ").append(store(node)).append("\n  members:\n");
    for (Node member : placement.nodes()) {
      config.append("    ").append(member.name()).append(": \"");
      config.append(store(member)).append("\"\n");
    }
    config.append("pools:\n");
    for (Node owner : placement.nodes()) {
      owner.blocks().forEach((family, block) -> {
        config.append("  - {name: ").append(owner.name()).append("-");
        config.append(family.name().toLowerCase(Locale.ROOT));
        config.append(", cidr: \"").append(block).append("\", blockSize: ");
        config.append(block.length()).append("}\n");
      });
    }
    config.append("block:\n");
    node.blocks().values().forEach(b -> config.append("  - \"").append(b).append("\"\n"));
    return Agents.start(site, node.name(), config.toString());
  }

  private String store(Node node) {
    return address(node.name(), Family.IPV4) + ":" + STORE_PORT;
  }

  private List<String> inside(String space, String... words) {
    List<String> command = new ArrayList<>(List.of("ip", "-n", site.netns(space)));
    command.addAll(List.of(words));
    return command;
  }

  private static String lines(List<String> commands) {
    return String.join("\n", commands) + "\n";
  }
}
