package dev.catwalk.acl.render;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * A node of network namespaces: pods behind interfaces {@code cw...} and a client outside, all
 * routed by the namespace {@code node}. Named by this process, so that leftovers are told from
 * what is in use.
 */
final class NodeNamespace {
  private static final String KIND = "-acl";
  private final String prefix = "cw-t" + ProcessHandle.current().pid() + KIND;
  private final List<String> members = new ArrayList<>();

  NodeNamespace() throws IOException, InterruptedException {
    removeLeftovers();
    add("node");
    sh("""
        ip netns exec %1$s sh -e -c '
          ip link set lo up
          sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
          sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0'
        """.formatted(name("node")));
  }

  String name(String member) {
    return prefix + member;
  }

  /** The host side of a member's link. */
  static String device(String member) {
    return "cw" + member.repeat(11).substring(0, 11);
  }

  /** A pod that routes all through its host side; its packets' addresses are not checked here. */
  void pod(String member, String v4, String v6) throws IOException, InterruptedException {
    attach(member, device(member), v4, v6);
  }

  /** A neighbour that is no pod. */
  void outsider(String member, String v4, String v6) throws IOException, InterruptedException {
    attach(member, "up0", v4, v6);
  }

  private void attach(String member, String device, String v4, String v6)
      throws IOException, InterruptedException {
    add(member);
    sh("""
        ip -n %1$s link add %3$s address 02:00:00:00:00:01 type veth \\
          peer name eth0 address 02:00:00:00:00:02 netns %2$s
        ip netns exec %1$s sh -e -c '
          ip addr add fe80::1/64 dev %3$s nodad
          ip link set %3$s up
          ip route add %4$s/32 dev %3$s
          ip neigh add %4$s lladdr 02:00:00:00:00:02 dev %3$s
          ip -6 route add %5$s/128 dev %3$s'
        ip netns exec %2$s sh -e -c '
          sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
          ip link set lo up
          ip link set eth0 up
          ip addr add %4$s/32 dev eth0
          ip addr add %5$s/128 dev eth0 nodad
          ip route add 169.254.1.1 dev eth0
          ip neigh add 169.254.1.1 lladdr 02:00:00:00:00:01 dev eth0
          ip route add default via 169.254.1.1 dev eth0
          ip -6 route add default via fe80::1 dev eth0'
        """.formatted(name("node"), name(member), device, v4, v6));
  }

  private void add(String member) throws IOException, InterruptedException {
    sh("ip netns add " + name(member));
    members.add(name(member));
  }

  /** Runs a script in a member and gives what it writes; it must succeed. */
  String in(String member, String script) throws IOException, InterruptedException {
    return run("", "ip", "netns", "exec", name(member), "bash", "-e", "-c", script);
  }

  /** Runs a script in each of several members at once and gives all that they write. */
  String inEach(SortedMap<String, String> scripts) throws IOException, InterruptedException {
    StringBuilder all = new StringBuilder();
    scripts.forEach((member, script) -> all.append("ip netns exec " + name(member))
        .append(" bash <<'END' &\n")
        .append(script)
        .append("\nEND\n"));
    return run("", "bash", "-c", all + "wait");
  }

  /** Runs a command in a member with an input. */
  String feed(String member, String input, String... command)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", name(member)));
    all.addAll(List.of(command));
    return run(input, all.toArray(String[]::new));
  }

  private static void sh(String script) throws IOException, InterruptedException {
    run("", "sh", "-e", "-c", script);
  }

  private static String run(String input, String... command)
      throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var out = process.getOutputStream()) {
      out.write(input.getBytes(StandardCharsets.UTF_8));
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + "\n" + output);
    }
    return output;
  }

  private static void removeLeftovers() throws IOException, InterruptedException {
    for (String line : run("", "ip", "netns", "list").lines().toList()) {
      String name = line.split(" ", 2)[0];
      if (name.matches("cw-t[0-9]+" + KIND + ".*")) {
        String pid = name.substring("cw-t".length(), name.indexOf(KIND));
        if (!Files.exists(Path.of("/proc", pid))) {
          run("", "ip", "netns", "delete", name);
        }
      }
    }
  }

  void remove() throws IOException, InterruptedException {
    for (String member : members) {
      run("", "ip", "netns", "delete", member);
    }
  }
}
