package dev.catwalk.felix.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.catwalk.felix.agent.NodeUnderTest.Said;
import dev.catwalk.felix.calc.PodWiring;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent whose disk is emptied while its pods go on, and what {@code ipam} says of addresses. */
class LostDiskTest {
  private static final String CONFIG = """
      node: {name: n1}
      pools: [{name: default, cidr: 10.42.0.0/24, blockSize: 28}]
      metrics: {listen: "off"}
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
  void podsKeepTheirAddressesAndNobodyElseGetsThem() throws Exception {
    node.startAgent(CONFIG);
    for (String pod : List.of("a", "b", "unknown")) {
      node.podNamespace(pod);
    }
    String a = added("a");
    String b = added("b");
    added("unknown");
    agrees();

    // The node's record is lost and the store's is not: the blocks are a past life's.
    node.killAgent();
    lose("identity.json", "allocations.journal", "allocations.store", "endpoints", "warm");
    node.here("ip", "link", "set", link("b"), "alias", "");
    node.here("ip", "link", "set", link("unknown"), "alias", "of another agent's");
    runtimeKnows("b");
    node.startAgent(CONFIG);
    node.podNamespace("c");
    TreeSet<String> used = new TreeSet<>(List.of(a, b, added("c")));
    assertEquals(3, used.size(), used::toString);
    assertEquals(a, added("a"), "told again");
    pings(a);
    pings(b);
    eventually("three pods are shown", () -> pods().equals("[a, b, c]"));
    eventually("the runtime's lack is named", () -> {
      Said named = node.verb("ipam", "check");
      return named.status() == 1
          && named.out().contains("a/eth0, and the container runtime knows no such one");
    });
    runtimeKnows("a");
    runtimeKnows("c");
    agrees();

    // All is lost, and the cluster with it.
    node.killAgent();
    lose("");
    node.startAgent(CONFIG);
    node.podNamespace("d");
    used.add(added("d"));
    assertEquals(4, used.size(), used::toString);
    pings(a);
    runtimeKnows("d");
    agrees();
    verbs(a);
    for (String pod : List.of("a", "b", "c", "d")) {
      assertEquals(0, node.cni("DEL", pod, "", "").status());
      Files.delete(runtimeFile(pod));
    }
    agrees();

    // Lost when no pod is left: nothing says here that the earlier life was on this machine.
    node.stopAgent();
    lose("identity.json", "allocations.journal", "allocations.store", "endpoints", "warm");
    node.startAgent(CONFIG);
    eventually("it is ready", () -> json("status").path("ready").asBoolean());
    eventually("the past life is named", () -> remedy().contains("ipam release --past n1"));
    String remedy = remedy();
    Said released = node.verb(remedy.substring(remedy.indexOf("ipam")).split(" "));
    assertEquals(0, released.status(), released::all);
    agrees();
  }

  private String remedy() throws IOException {
    Said said = node.verb("ipam", "check", "-o", "json");
    return said.status() == 1
        ? JSON.readTree(said.out()).at("/differences/0/remedy").asText()
        : "";
  }

  /** Of a service, from a pool that is for this, and of the node from one that a file has made. */
  private void assigned() throws Exception {
    String[] service = {"ipam", "assign", "--service", "shop/web"};
    assertEquals(4, node.verb(service).status(), "no pool is for it");
    Path file = Files.writeString(root.resolve("services.yaml"), """
        apiVersion: projectcalico.org/v3
        kind: IPPool
        metadata: {name: services}
        spec: {cidr: 10.44.0.0/29, blockSize: 30, allowedUses: [LoadBalancer]}
        """);
    assertEquals(0, node.verb("apply", "-f", file.toString()).status());
    eventually("the service has one", () -> node.verb(service).status() == 0);
    eventually(
        "it is shown",
        () -> json("ipam", "show", "--assigned").at("/0/address").asText().equals("10.44.0.1"));
    Said holder = node.verb("ipam", "show", "--ip", "10.44.0.1");
    assertTrue(holder.out().contains("shop/web"), holder::all);
    assertEquals(4, node.verb("ipam", "release", "--ip", "10.44.0.1").status());
    Said host = node.verb("ipam", "assign", "--host", "n1");
    assertTrue(host.out().contains("default-"), host::all);
    assertEquals(4, node.verb("ipam", "assign", "--host", "nobody").status());
    assertEquals(2, node.verb("ipam", "assign", "--service", "web").status());
    for (List<String> whose : List.of(List.of("--service", "shop/web"), List.of("--host", "n1"))) {
      String[] release = {"ipam", "release", whose.get(0), whose.get(1)};
      assertEquals(0, node.verb(release).status());
      assertEquals(1, node.verb(release).status());
    }
  }

  /** Of an address that a pod has, of one that nobody has, and of a pool. */
  private void verbs(String a) throws Exception {
    assertEquals(4, node.verb("ipam", "release", "--ip", a).status());
    assertEquals(1, node.verb("ipam", "release", "--ip", "10.42.0.250").status());
    assertEquals(0, node.verb("ipam", "split", "default", "2").status());
    eventually("the pool is two", () -> {
      JsonNode pools = json("ipam", "show").path("pools");
      return pools.at("/0/name").asText().equals("default-1")
          && pools.at("/1/cidr").asText().equals("10.42.0.128/25");
    });
    assertEquals(4, node.verb("ipam", "split", "default", "2").status());
    assigned();
    node.inPod("d", "ip", "addr", "flush", "dev", "eth0");
    Said check = node.verb("ipam", "check");
    assertEquals(1, check.status(), check::all);
    assertTrue(check.out().contains("eth0 in the container lacks"), check::all);
    assertEquals(0, node.cni("DEL", "d", "", "").status());
    node.removePodNamespace("d");
    node.podNamespace("d");
    added("d");
  }

  private void agrees() throws Exception {
    eventually("all agree", () -> {
      Said said = node.verb("ipam", "check", "-o", "json");
      return said.status() == 0 && JSON.readTree(said.out()).path("exact").asBoolean();
    });
  }

  /** As soon as it is served, as a runtime that tries again. */
  private String added(String pod) throws Exception {
    String[] answer = new String[1];
    eventually("an ADD of " + pod + " is served", () -> {
      Said said =
          node.cni("ADD", pod, node.netns(pod), "K8S_POD_NAMESPACE=shop;K8S_POD_NAME=" + pod);
      answer[0] = JSON.readTree(said.out()).at("/ips/0/address").asText().replace("/32", "");
      return said.status() == 0;
    });
    return answer[0];
  }

  private String link(String pod) throws IOException {
    for (JsonNode endpoint : json("endpoints")) {
      if (endpoint.path("name").asText().equals(pod)) {
        return endpoint.path("interface").asText();
      }
    }
    return PodWiring.hostName(pod, "eth0");
  }

  private String pods() throws IOException {
    TreeSet<String> names = new TreeSet<>();
    json("endpoints").forEach(e -> names.add(e.path("name").asText()));
    return names.toString();
  }

  private void pings(String ip) throws Exception {
    eventually(
        ip + " answers", () -> node.here("ping", "-c", "1", "-W", "1", ip).status() == 0);
  }

  private Path runtimeFile(String pod) {
    return root.resolve("var/lib/cni/results/catwalk-" + pod + "-eth0");
  }

  /** As the CNI project's library writes it when it has called the plugin. */
  private void runtimeKnows(String pod) throws IOException {
    String config = "{\"cniVersion\":\"1.0.0\",\"name\":\"catwalk\",\"type\":\"catwalk\"}";
    Files.createDirectories(runtimeFile(pod).getParent());
    Files.writeString(
        runtimeFile(pod),
        JSON.createObjectNode()
            .put("kind", "cniCacheV1")
            .put("containerId", pod)
            .put("ifName", "eth0")
            .put("networkName", "catwalk")
            .put("netns", node.netns(pod))
            .put(
                "config",
                Base64.getEncoder().encodeToString(config.getBytes(StandardCharsets.UTF_8)))
            .set(
                "cniArgs",
                JSON.readTree(
                    "[[\"K8S_POD_NAMESPACE\",\"shop\"],[\"K8S_POD_NAME\",\"" + pod + "\"]]"))
            .toString());
  }

  /** Removes these of the data directory; the empty name is all of it. */
  private void lose(String... names) throws IOException {
    for (String name : names) {
      Path lost = root.resolve("var/lib/catwalk").resolve(name);
      assertTrue(Files.exists(lost), () -> lost + " is not there");
      List<Path> all;
      try (Stream<Path> files = Files.walk(lost)) {
        all = files.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path file : all) {
        Files.delete(file);
      }
      assertFalse(Files.exists(lost));
    }
  }

  private JsonNode json(String... verb) throws IOException {
    String[] args = new String[verb.length + 2];
    System.arraycopy(verb, 0, args, 0, verb.length);
    args[verb.length] = "-o";
    args[verb.length + 1] = "json";
    Said said = node.verb(args);
    return said.status() == 0 ? JSON.readTree(said.out()) : JSON.createObjectNode();
  }

  @FunctionalInterface
  private interface Condition {
    boolean holds() throws Exception;
  }

  private void eventually(String what, Condition condition) throws Exception {
    long deadline = System.nanoTime() + WITHIN_S * 1_000_000_000L;
    while (!condition.holds()) {
      assertTrue(System.nanoTime() < deadline, () -> {
        try {
          return "not within " + WITHIN_S + " s: " + what + "\n"
              + node.verb("ipam", "check").all() + Files.readString(node.log());
        } catch (IOException e) {
          return e.toString();
        }
      });
      LockSupport.parkNanos(50_000_000); // between two looks
    }
  }
}
