package dev.catwalk.felix.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.catwalk.felix.agent.NodeUnderTest.Said;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A running agent with two sessions to a real BIRD: one by address, one by interface alone. */
class AgentPeersTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CONFIG = """
      node: {name: n1, addresses: [10.9.0.2]}
      pools: [{name: default, cidr: 10.42.0.0/16, blockSize: 24}]
      bgp:
        as: 64601
        peers:
          - {name: numbered, address: 10.9.0.1, as: 65001, connectRetry: 1, holdTime: %s,
             bfd: {interval: 100, multiplier: 10}}
          - {name: observer, address: 10.9.0.3, as: 65003, source: 10.9.0.103, connectRetry: 1}
          - {name: unnumbered, interface: cable, as: external, connectRetry: 1}
        multipath: {maximum: 4, relaxAsPath: true}
        aggregates: [%s]
        transit: %s
      """;
  private static final String BIRD = """
      router id 10.9.0.1;
      log "LOG" all;
      protocol device { scan time 1; }
      protocol bfd { interface "cable" { interval 100 ms; multiplier 10; }; }
      protocol radv { interface "cable" { default lifetime 0; max ra interval 4; }; }
      ipv4 table far;
      protocol static { ipv4 { table far; }; route 10.55.0.0/24 blackhole;
        route 10.56.0.0/24 blackhole; route 10.57.0.0/24 blackhole;
        route 10.59.0.0/24 blackhole; }
      protocol static lead { ipv4; route 10.60.0.0/24 blackhole; }
      protocol static third { ipv4; route 10.58.0.0/24 blackhole; }
      protocol static both { ipv4; route 10.59.0.0/24 blackhole; }
      filter to_agent {
        if net = 10.58.0.0/24 then { bgp_next_hop = 10.60.0.1; accept; }
        if net = 10.60.0.0/24 || net = 10.59.0.0/24 then accept;
        reject; }
      protocol bgp numbered { local 10.9.0.1 as 65001; neighbor 10.9.0.2 as 64601;
        connect retry time 1; error wait time 1,2; bfd on;
        ipv4 { import all; export filter to_agent; }; }
      ipv4 table seen;
      protocol bgp observer { local 10.9.0.3 as 65003; neighbor 10.9.0.103 as 64601;
        connect retry time 1; error wait time 1,2; debug { routes };
        ipv4 { table seen; import all; export none; }; }
      protocol bgp unnumbered { local as 65002; neighbor range fe80::/64 external;
        interface "cable"; dynamic name "ll";
        ipv4 { table far; extended next hop on; import all; export all; }; }
      """;

  @TempDir
  private Path root;

  private NodeUnderTest node;

  @BeforeEach
  void makeNode() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root for network namespaces");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "needs gcc for the CNI client");
    assumeTrue(Files.isExecutable(Path.of("/usr/sbin/bird")), "needs Debian's bird2");
    node = new NodeUnderTest(root);
    String peer = node.podNamespace("peer");
    String name = peer.substring(peer.lastIndexOf('/') + 1);
    ok(node.here(
        "ip", "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", name));
    ok(node.here("ip", "addr", "add", "10.9.0.2/24", "dev", "cable"));
    ok(node.here("ip", "addr", "add", "10.9.0.103/24", "dev", "cable"));
    ok(node.here("ip", "link", "set", "cable", "up"));
    ok(node.inPod("peer", "ip", "addr", "add", "10.9.0.1/24", "dev", "cable"));
    ok(node.inPod("peer", "ip", "addr", "add", "10.9.0.3/24", "dev", "cable"));
    ok(node.inPod("peer", "ip", "link", "set", "cable", "up"));
    Path config = Files.writeString(
        root.resolve("bird.conf"), BIRD.replace("LOG", root.resolve("bird.log").toString()));
    ok(node.inPod(
        "peer",
        "/usr/sbin/bird",
        "-c",
        config.toString(),
        "-s",
        root.resolve("ctl").toString(),
        "-P",
        root.resolve("bird.pid").toString()));
  }

  @AfterEach
  void removeNode() throws IOException {
    if (node != null) {
      node.inPod("peer", "birdc", "-s", root.resolve("ctl").toString(), "down");
      node.close();
    }
  }

  private static void ok(Said said) {
    assertEquals(0, said.status(), said::all);
  }

  private void within(BooleanSupplier condition, String what) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("in vain: " + what + "\n"
            + node.verb("peers", "-o", "json").all() + Files.readString(node.log()));
      }
      java.util.concurrent.locks.LockSupport.parkNanos(100_000_000);
    }
  }

  private JsonNode peer(String name) {
    try {
      Said said = node.verb("peers", "-o", "json");
      if (said.status() == 0) {
        JsonNode all = JSON.readTree(said.out());
        for (JsonNode one : all.isArray() ? all : all.path("peers")) {
          if (one.path("name").asText().equals(name)) {
            return one;
          }
        }
      }
      return JSON.createObjectNode();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private boolean isUp(String name) {
    return peer(name).path("state").asText().equals("established");
  }

  private String route() {
    return route("10.55.0.0/24");
  }

  private String route(String prefix) {
    try {
      return node.here("ip", "route", "show", prefix).out();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Whether BIRD has these of our routes and no others. */
  private boolean isTold(String... prefixes) {
    String all = master();
    return all.lines().filter(l -> l.startsWith("10.42.")).count() == prefixes.length
        && Arrays.stream(prefixes).allMatch(p -> all.contains(p + " "));
  }

  @Test
  void anInterfacePeersRoutesAreInTheKernelAndAReloadTouchesOnlyWhomItIsAbout() throws Exception {
    ok(node.here("ip", "route", "add", "unreachable", "10.56.0.0/24"));
    node.startAgent(CONFIG.formatted(
        90,
        "{prefix: 10.42.0.0/20, summaryOnly: true}, {prefix: 10.42.0.0/22},"
            + " {prefix: 10.0.0.0/8}",
        false));
    within(() -> isUp("numbered") && isUp("unnumbered"), "both sessions");
    within(() -> route().contains("via inet6 fe80::"), "the kernel's route");
    assertTrue(route().contains("dev cable proto 67"), this::route);
    within(() -> isTold("10.42.0.0/20"), "what stands for our block");
    within(() -> route("10.42.0.0/20").startsWith("blackhole"), "what no block has is dropped");
    within(() -> route("10.42.0.0/24").startsWith("blackhole"), "what no pod has is dropped");
    assertEquals("", route("10.0.0.0/8"));
    within(() -> node.verb("status").all().contains("10.0.0.0/8 is not told"), "why it is not");
    String since = peer("unnumbered").path("since").asText();
    String before = peer("numbered").path("since").asText();
    Files.writeString(root.resolve("etc/catwalk/agent.yaml"), CONFIG.formatted(30, "", false));
    within(
        () -> isUp("numbered") && peer("numbered").path("holdTime").asInt() == 30,
        "the session with the changed hold time");
    assertTrue(!peer("numbered").path("since").asText().equals(before), "it was reset");
    assertEquals(since, peer("unnumbered").path("since").asText());
    assertTrue(route().contains("via inet6 fe80::"), this::route);
    within(() -> isTold("10.42.0.0/24"), "the block itself");
    within(() -> route("10.42.0.0/20").isEmpty(), "nothing is dropped for it any more");
    passesOnWhatTheKernelHas();
    resolvesNextHopsThatAreFar();
    oneOfTwoRoutersDies();
  }

  /** BFD notices, the kernel's route loses one of its two ways, and others hear of no withdrawal. */
  private void oneOfTwoRoutersDies() throws IOException {
    String both = "10.59.0.0/24";
    within(() -> route(both).contains("via inet6 fe80::"), "one way");
    within(() -> route(both).contains("via 10.9.0.1 "), "the other");
    within(() -> seen(both).contains("64601"), "it is passed on");
    within(
        () -> peer("numbered").at("/bfd/state").asText().equals("up"),
        "BFD watches: " + peer("numbered").path("bfd"));
    ok(node.here("iptables", "-I", "INPUT", "-s", "10.9.0.1", "-j", "DROP"));
    within(() -> !isUp("numbered"), "the session falls long before its hold time is over");
    within(() -> !route(both).contains("via 10.9.0.1 "), "one way is left");
    assertTrue(route(both).contains("via inet6 fe80::"), () -> route(both));
    assertTrue(seen(both).contains("64601"), () -> seen(both));
    List<String> removed = Files.readString(root.resolve("bird.log"))
        .lines()
        .filter(l -> l.contains("observer") && l.contains(both) && l.contains("removed"))
        .toList();
    assertEquals(List.of(), removed);
  }

  /** What the third session has heard of it. */
  private String seen(String prefix) {
    try {
      String socket = root.resolve("ctl").toString();
      return node.inPod(
              "peer", "birdc", "-s", socket, "show", "route", prefix, "table", "seen", "all")
          .out();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** One route's next hop is in another, then in one of somebody else's, then in none. */
  private void resolvesNextHopsThatAreFar() throws IOException {
    String third = "10.58.0.0/24";
    within(() -> route(third).startsWith(third + " via 10.9.0.1 "), "as the other route");
    bird("disable", "lead");
    within(() -> route(third).isEmpty(), "its next hop is gone");
    String why = node.verb("routes", third).all();
    assertTrue(why.contains("no link and no other route leads to its next hop"), why);
    assertEquals(
        0,
        JSON.readTree(node.verb("status", "-o", "json").out())
            .at("/dataplane/lastErrors")
            .size());
    ok(node.here("ip", "route", "add", "10.60.0.0/16", "via", "10.9.0.9"));
    within(() -> route(third).startsWith(third + " via 10.9.0.9 "), "as a route that is not ours");
    ok(node.here(
        "ip", "route", "replace", "10.60.0.0/16", "via", "10.77.0.1", "dev", "cable", "onlink"));
    within(() -> route(third).startsWith(third + " via 10.77.0.1 "), "as that one by now");
    assertTrue(route(third).contains("onlink"), () -> route(third));
    bird("enable", "lead");
    within(() -> route(third).startsWith(third + " via 10.9.0.1 "), "the longer one");
    ok(node.here("ip", "route", "del", "10.60.0.0/16"));
  }

  private void bird(String... command) throws IOException {
    List<String> words =
        new ArrayList<>(List.of("birdc", "-s", root.resolve("ctl").toString()));
    words.addAll(List.of(command));
    ok(node.inPod("peer", words.toArray(new String[0])));
  }

  /** A route of somebody else is in the way of one of the three that we learn from one and tell the other. */
  private void passesOnWhatTheKernelHas() throws IOException {
    String foreign = route("10.56.0.0/24");
    assertTrue(foreign.startsWith("unreachable"), foreign);
    Files.writeString(root.resolve("etc/catwalk/agent.yaml"), CONFIG.formatted(30, "", true));
    within(() -> master().contains("10.55.0.0/24 "), "what the kernel has is passed on");
    within(() -> master().contains("10.57.0.0/24 "), "all that it has");
    assertTrue(!master().contains("10.56.0.0/24 "), this::master);
    ok(node.here("ip", "route", "del", "unreachable", "10.56.0.0/24"));
    within(() -> master().contains("10.56.0.0/24 "), "the way is free");
    assertTrue(route("10.56.0.0/24").contains("via inet6 fe80::"), () -> route("10.56.0.0/24"));
  }

  private String master() {
    try {
      String socket = root.resolve("ctl").toString();
      return node.inPod("peer", "birdc", "-s", socket, "show", "route", "table", "master4")
          .out();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
