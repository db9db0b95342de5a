package dev.catwalk.felix.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.catwalk.felix.agent.NodeUnderTest.Said;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real agent as a process, a cluster of one, on the real kernel. */
class OneNodeTest {
  private static final String CONFIG = """
      node: {name: n1}
      pools: [{name: default, cidr: 10.42.0.0/16, blockSize: 24}]
      log: {level: debug}
      """;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int WITHIN_S = 40;

  @TempDir
  private Path root;

  private NodeUnderTest node;

  @BeforeEach
  void makeNode() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root for network namespaces");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "needs gcc for the CNI client");
    node = new NodeUnderTest(root);
  }

  @AfterEach
  void removeNode() throws IOException {
    if (node != null) {
      node.close();
    }
  }

  @Test
  void aPodLivesThroughTheDeathOfItsAgent() throws Exception {
    node.startAgent(CONFIG);
    ready();
    String netns = node.podNamespace("p1");
    String args = "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web-0";
    Said added = node.cni("ADD", "c0ffee01", netns, args);
    assertEquals(0, added.status(), () -> added.all() + logged());
    String address = JSON.readTree(added.out()).at("/ips/0/address").asText();
    assertTrue(address.matches("10\\.42\\.\\d+\\.\\d+/32"), added.out());
    String ip = address.substring(0, address.indexOf('/'));
    pings(ip);

    Said again = node.cni("ADD", "c0ffee01", netns, args);
    assertEquals(added.out(), again.out(), "ADD twice gives the same answer");

    eventually("its endpoint is shown", () -> json("endpoints").size() == 1);
    JsonNode endpoint = json("endpoints").get(0);
    assertEquals(
        "shop/web-0",
        endpoint.path("namespace").asText() + "/" + endpoint.path("name").asText());
    assertEquals(ip, endpoint.path("addresses").path(0).asText());

    node.killAgent();
    pings(ip);
    node.startAgent(CONFIG);
    ready();
    pings(ip);
    assertEquals(added.out(), node.cni("ADD", "c0ffee01", netns, args).out());
    eventually("it is shown once", () -> json("endpoints").size() == 1);

    for (int i = 0; i < 2; i++) {
      Said removed = node.cni("DEL", "c0ffee01", netns, args);
      assertEquals(0, removed.status(), () -> removed.all() + logged());
    }
    eventually(
        "the address is free again",
        () -> json("endpoints").isEmpty()
            && json("ipam", "show").at("/blocks/0/allocated").asInt(-1) == 0);
    assertFalse(node.here("ip", "-o", "link").out().contains(": cw"), "the pod's link is gone");
    assertEquals(143, node.stopAgent(), "ended by SIGTERM");
    assertTrue(node.here("iptables-save").out().contains("cw-forward"), "the kernel keeps it all");
  }

  /** As over a reboot: its network namespace went, and with it the link. */
  @Test
  void aPodThatWentWithoutADelKeepsItsAddressUntilThen() throws Exception {
    node.startAgent(CONFIG);
    ready();
    String netns = node.podNamespace("lost");
    String args = "K8S_POD_NAMESPACE=shop;K8S_POD_NAME=lost";
    Said added = node.cni("ADD", "lost1", netns, args);
    assertEquals(0, added.status(), added::all);
    eventually("it is ready", () -> stateOfFirst().equals("ready"));
    node.stopAgent();
    node.removePodNamespace("lost");
    eventually("its link is gone", () -> !node.here("ip", "-o", "link").out().contains(": cw"));

    node.startAgent(CONFIG);
    ready();
    assertEquals("gone", stateOfFirst());
    heldAndNothingIsMissing();
    Said removed = node.cni("DEL", "lost1", netns, args);
    assertEquals(0, removed.status(), removed::all);
    eventually(
        "its address is free",
        () -> json("endpoints").isEmpty()
            && json("ipam", "show").at("/blocks/0/allocated").asInt(-1) == 0);
    eventually("all is well", () -> json("status").path("problems").toString().equals("[]"));
  }

  @Test
  void aPodThatGoesWhileTheAgentRunsIsShownAsGone() throws Exception {
    node.startAgent(CONFIG);
    ready();
    String args = "K8S_POD_NAMESPACE=shop;K8S_POD_NAME=lost";
    Said added = node.cni("ADD", "lost1", node.podNamespace("lost"), args);
    assertEquals(0, added.status(), added::all);
    node.removePodNamespace("lost");
    eventually("it is gone", () -> stateOfFirst().equals("gone"));
    heldAndNothingIsMissing();

    Said again = node.cni("ADD", "lost1", node.podNamespace("found"), args);
    assertEquals(0, again.status(), again::all);
    assertEquals(ips(added), ips(again), "the address that was held for it");
    eventually("it is ready again", () -> stateOfFirst().equals("ready"));
    eventually("all is well", () -> json("status").path("problems").toString().equals("[]"));
  }

  private String stateOfFirst() throws IOException {
    return json("endpoints").at("/0/state").asText();
  }

  /** The store is told of an address after the pod has it. */
  private void heldAndNothingIsMissing() throws Exception {
    eventually("its address is held, and nothing is missing", () -> {
      JsonNode status = json("status");
      return status.at("/dataplane/inSync").asBoolean()
          && status.path("problems").toString().contains("held: shop/lost")
          && json("ipam", "show").at("/blocks/0/allocated").asInt() == 1;
    });
  }

  private static String ips(Said added) throws IOException {
    return JSON.readTree(added.out()).path("ips").toString();
  }

  /** As its supervisor and its terminal see it, the process goes on. */
  @Test
  void aRestartIsInPlace() throws Exception {
    node.startAgent(CONFIG);
    ready();
    String started = json("status").path("started").asText();
    Said said = node.program("restart", "--wait");
    assertEquals(0, said.status(), () -> said.all() + logged());
    assertEquals("restarting\nready\n", said.out());
    assertNotEquals(started, json("status").path("started").asText());
    assertTrue(node.agentRuns(), "the same process");
    assertEquals(143, node.stopAgent(), "ended by SIGTERM");
  }

  @Test
  void aPolicyCutsOffAndItsRemovalLetsThrough() throws Exception {
    node.startAgent(CONFIG);
    ready();
    for (String pod : List.of("a", "b")) {
      Said added = node.cni(
          "ADD", pod + "1", node.podNamespace(pod), "K8S_POD_NAMESPACE=shop;K8S_POD_NAME=" + pod);
      assertEquals(0, added.status(), added::all);
    }
    Path labels = Files.writeString(root.resolve("labels.yaml"), """
        apiVersion: v1
        kind: Pod
        metadata: {name: a, namespace: shop, labels: {app: web}}
        spec: {containers: [{name: c, image: i}]}
        """);
    assertEquals(0, node.verb("apply", "--wait", "-f", labels.toString()).status());
    JsonNode selected = json("selector", "match", "app == 'web'", "--endpoints");
    assertEquals(1, selected.size(), selected.toString());
    assertEquals("a", selected.at("/0/name").asText());
    assertEquals(1, json("selector", "match", "app != 'web'", "--endpoints").size());

    String b = addressOf("b");
    assertEquals(0, node.inPod("a", "ping", "-c", "1", "-W", "2", b).status());

    Path policy = Files.writeString(root.resolve("deny.yaml"), """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: deny, namespace: shop}
        spec: {podSelector: {}, policyTypes: [Ingress]}
        """);
    assertEquals(0, node.verb("apply", "-f", policy.toString()).status());
    eventually(
        "the policy holds",
        () -> node.inPod("a", "ping", "-c", "1", "-W", "1", b).status() != 0);
    eventually(
        "it is shown", () -> json("endpoints").at("/0/policies/0").asText().equals("shop/deny"));

    assertEquals(0, node.verb("delete", "-f", policy.toString()).status());
    eventually(
        "it is gone", () -> node.inPod("a", "ping", "-c", "1", "-W", "1", b).status() == 0);
  }

  /** Whatever is flushed in the filter table, and here nobody puts it back. */
  @Test
  void withoutRulesNothingPassesToOrFromAPod() throws Exception {
    node.startAgent(CONFIG);
    ready();
    for (String pod : List.of("a", "b")) {
      Said added = node.cni(
          "ADD", pod + "1", node.podNamespace(pod), "K8S_POD_NAMESPACE=shop;K8S_POD_NAME=" + pod);
      assertEquals(0, added.status(), added::all);
    }
    String b = addressOf("b");
    assertEquals("security", json("status").at("/dataplane/guard").asText());
    node.killAgent();
    Path rules =
        Files.writeString(root.resolve("rules"), node.here("iptables-save").out());
    Path sets =
        Files.writeString(root.resolve("sets"), node.here("ipset", "save").out());
    for (String harm : List.of(
        "iptables -F",
        "iptables -F FORWARD",
        "iptables -F cw-forward",
        "iptables -F cw-from",
        "iptables -F cw-to",
        "iptables -F cw-enter",
        "iptables -F cw-leave",
        "iptables -S | sed -n 's/^-N \\(cw-i-.*\\)/iptables -F \\1/p' | sh",
        "iptables -S | sed -n 's/^-N \\(cw-e-.*\\)/iptables -F \\1/p' | sh",
        "iptables -I FORWARD -j ACCEPT",
        "ipset flush")) {
      assertEquals(0, node.inPod("a", "ping", "-c", "1", "-W", "2", b).status(), "before " + harm);
      assertEquals(0, node.here("sh", "-c", harm).status(), harm);
      assertNotEquals(0, node.inPod("a", "ping", "-c", "1", "-W", "0.3", b).status(), harm);
      assertEquals(0, node.here("ping", "-c", "1", "-W", "2", b).status(), "its node, at " + harm);
      String back = "ipset -exist restore < " + sets + "; iptables-restore < " + rules;
      assertEquals(0, node.here("sh", "-c", back).status());
    }
    node.here("sh", "-c", "iptables -F; iptables -t security -F");
    assertEquals(0, node.inPod("a", "ping", "-c", "1", "-W", "2", b).status(), "the guard did it");

    node.startAgent(CONFIG);
    ready();
    assertEquals(0, node.inPod("a", "ping", "-c", "1", "-W", "2", b).status());
    String saved = node.here("iptables-save", "-t", "security").out();
    assertTrue(saved.contains("-A FORWARD -j cw-guard"), saved);
  }

  @Test
  void aWrongManifestChangesNothing() throws Exception {
    node.startAgent(CONFIG);
    ready();
    Path wrong = Files.writeString(root.resolve("wrong.yaml"), """
        apiVersion: v1
        kind: Namespace
        metadata: {name: good}
        ---
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: deny}
        spec: {podSelector: {}, ingres: []}
        """);
    Said said = node.verb("apply", "-f", wrong.toString());
    assertEquals(1, said.status(), said.all());
    assertTrue(said.err().contains("wrong.yaml:8: spec.ingres"), said.err());
    assertEquals(0, json("get").size());
  }

  private String addressOf(String pod) throws IOException {
    for (JsonNode endpoint : json("endpoints")) {
      if (endpoint.path("name").asText().equals(pod)) {
        return endpoint.at("/addresses/0").asText();
      }
    }
    throw new AssertionError("no endpoint " + pod);
  }

  @Test
  void whatTheClientIsToldWhenThereIsNoAgent() throws Exception {
    Said said = node.cni("ADD", "c0ffee01", node.podNamespace("p1"), "");
    assertEquals(1, said.status());
    assertEquals(11, JSON.readTree(said.out()).path("code").asInt(), said.out());
  }

  @Test
  void aSecondAgentOnTheDataDirectoryIsRefused() throws Exception {
    node.startAgent(CONFIG);
    ready();
    Said second = node.program("agent", "run", "--root", root.toString());
    assertEquals(5, second.status(), second.all());
    assertTrue(second.err().contains("another agent runs on the data directory"), second.err());
    assertEquals(1, second.err().lines().count(), second.err());
    assertTrue(node.agentRuns());
  }

  /** The store's files are gone and the node's own are not: the block may be another node's now. */
  @Test
  void anAgentWhoseStoreWasEmptiedHandsOutNothing() throws Exception {
    node.startAgent(CONFIG);
    ready();
    Said added =
        node.cni("ADD", "a1", node.podNamespace("a"), "K8S_POD_NAMESPACE=shop;K8S_POD_NAME=a");
    assertEquals(0, added.status(), added::all);
    node.stopAgent();
    removeTree(root.resolve("var/lib/catwalk/store"));

    node.startAgent(CONFIG);
    eventually(
        "the agent says so",
        () -> json("status").path("problems").toString().contains("and this is store"));
    String netns = node.podNamespace("b");
    eventually("ADD is refused, at first because the agent is not ready yet", () -> {
      Said refused = node.cni("ADD", "b1", netns, "K8S_POD_NAMESPACE=shop;K8S_POD_NAME=b");
      assertNotEquals(0, refused.status(), refused::all);
      return refused.out().contains("for a new life of the node");
    });
    Said removed = node.cni("DEL", "a1", "", "");
    assertEquals(0, removed.status(), removed::all);

    node.stopAgent();
    removeTree(root.resolve("var/lib/catwalk"));
    node.startAgent(CONFIG);
    ready();
    Said again = node.cni("ADD", "b1", netns, "K8S_POD_NAMESPACE=shop;K8S_POD_NAME=b");
    assertEquals(0, again.status(), () -> again.all() + logged());
  }

  private static void removeTree(Path directory) throws IOException {
    List<Path> all;
    try (Stream<Path> files = Files.walk(directory)) {
      all = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : all) {
      Files.delete(file);
    }
  }

  private void ready() throws Exception {
    eventually("the agent is ready", () -> json("status").path("ready").asBoolean());
  }

  private JsonNode json(String... verb) throws IOException {
    String[] args = new String[verb.length + 2];
    System.arraycopy(verb, 0, args, 0, verb.length);
    args[verb.length] = "-o";
    args[verb.length + 1] = "json";
    Said said = node.verb(args);
    return said.status() == 0 ? JSON.readTree(said.out()) : JSON.createObjectNode();
  }

  private void pings(String ip) throws IOException {
    Said said = node.here("ping", "-c", "2", "-i", "0.2", "-W", "2", ip);
    assertEquals(0, said.status(), () -> said.all() + logged());
  }

  private String logged() {
    try {
      return "\n" + Files.readString(node.log());
    } catch (IOException e) {
      return e.toString();
    }
  }

  @FunctionalInterface
  private interface Condition {
    boolean holds() throws Exception;
  }

  private void eventually(String what, Condition condition) throws Exception {
    long deadline = System.nanoTime() + WITHIN_S * 1_000_000_000L;
    while (!condition.holds()) {
      assertTrue(
          System.nanoTime() < deadline, () -> "not within " + WITHIN_S + " s: " + what + logged());
      LockSupport.parkNanos(50_000_000); // between two looks
    }
  }
}
