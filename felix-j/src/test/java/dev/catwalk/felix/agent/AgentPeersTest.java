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
import java.util.Arrays;
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
          - {name: numbered, address: 10.9.0.1, as: 65001, connectRetry: 1, holdTime: %s}
          - {name: unnumbered, interface: cable, as: external, connectRetry: 1}
        aggregates: [%s]
        transit: %s
      """;
  private static final String BIRD = """
      router id 10.9.0.1;
      protocol device { scan time 1; }
      protocol radv { interface "cable" { default lifetime 0; max ra interval 4; }; }
      ipv4 table far;
      protocol static { ipv4 { table far; }; route 10.55.0.0/24 blackhole;
        route 10.56.0.0/24 blackhole; route 10.57.0.0/24 blackhole; }
      protocol bgp numbered { local 10.9.0.1 as 65001; neighbor 10.9.0.2 as 64601;
        connect retry time 1; error wait time 1,2; ipv4 { import all; export none; }; }
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
    ok(node.here("ip", "link", "set", "cable", "up"));
    ok(node.inPod("peer", "ip", "addr", "add", "10.9.0.1/24", "dev", "cable"));
    ok(node.inPod("peer", "ip", "link", "set", "cable", "up"));
    Path config = Files.writeString(root.resolve("bird.conf"), BIRD);
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
