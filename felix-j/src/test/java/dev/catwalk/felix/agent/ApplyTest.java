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
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code apply} and {@code delete} promise, of the real agent on the real kernel. */
class ApplyTest {
  private static final String CONFIG = """
      node: {name: n1}
      pools: [{name: default, cidr: 10.42.0.0/16, blockSize: 24}]
      """;
  private static final String DENY = """
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: deny, namespace: shop}
      spec: {podSelector: {}, policyTypes: [Ingress]}
      """;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int WITHIN_S = 40;

  @TempDir
  private Path root;

  private NodeUnderTest node;

  @BeforeEach
  void startNode() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root for network namespaces");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "needs gcc for the CNI client");
    node = new NodeUnderTest(root);
    node.startAgent(CONFIG);
    eventually("the agent is ready", () -> json("status").path("ready").asBoolean());
  }

  @AfterEach
  void removeNode() throws IOException {
    if (node != null) {
      node.close();
    }
  }

  @Test
  void whenItHasWaitedTheKernelEnforcesIt() throws Exception {
    for (String pod : List.of("a", "b")) {
      Said added = node.cni(
          "ADD", pod + "1", node.podNamespace(pod), "K8S_POD_NAMESPACE=shop;K8S_POD_NAME=" + pod);
      assertEquals(0, added.status(), added::all);
    }
    String b = "";
    eventually("both are ready", () -> {
      JsonNode both = json("endpoints");
      return both.size() == 2
          && both.at("/0/state").asText().equals("ready")
          && both.at("/1/state").asText().equals("ready");
    });
    for (JsonNode endpoint : json("endpoints")) {
      b = endpoint.path("name").asText().equals("b")
          ? endpoint.at("/addresses/0").asText()
          : b;
    }
    String file = Files.writeString(root.resolve("deny.yaml"), DENY).toString();
    for (int round = 0; round < 3; round++) {
      Said applied = node.verb("apply", "--wait", "-o", "json", "-f", file);
      assertTrue(pingFails(b), "in force when apply returns");
      assertEquals(0, applied.status(), applied::all);
      JsonNode said = JSON.readTree(applied.out());
      assertEquals("n1", said.at("/enforced/by/0").asText(), applied::all);
      long revision = said.path("revision").asLong();
      assertTrue(json("status").at("/dataplane/storeRevision").asLong() >= revision);
      assertTrue(json("nodes").at("/0/enforced").asLong() >= revision);
      Said deleted = node.verb("delete", "--wait", "-f", file);
      assertEquals(0, node.inPod("a", "ping", "-c", "1", "-W", "2", b).status());
      assertEquals(0, deleted.status(), deleted::all);
    }
    Said unchanged = node.verb("apply", "-f", file);
    assertTrue(unchanged.out().startsWith("created NetworkPolicy/shop/deny\n"), unchanged::all);
    Said again = node.verb("apply", "--wait", "--timeout", "30", "-f", file);
    assertTrue(again.out().startsWith("unchanged "), again::all);
    assertTrue(again.out().endsWith(" is enforced by n1\n"), again::all);

    node.killAgent();
    Said nobody = node.verb("apply", "--wait", "-f", file);
    assertEquals(3, nobody.status(), nobody::all);
  }

  private boolean pingFails(String to) throws IOException {
    return node.inPod("a", "ping", "-c", "1", "-W", "1", to).status() != 0;
  }

  @Test
  void manyManifestsGoInPartByPartAndOneThatIsTooLongStopsAll() throws Exception {
    Path folder = Files.createDirectory(root.resolve("all"));
    StringBuilder many = new StringBuilder();
    for (int i = 199; i >= 0; i--) {
      many.append(namespace("ns-" + i, 1000));
    }
    Files.writeString(folder.resolve("1.yaml"), many);
    Said applied = node.verb("apply", "-f", folder.toString());
    assertEquals(0, applied.status(), applied::all);
    List<String> lines = applied.out().lines().toList();
    assertEquals(201, lines.size(), applied::all);
    assertEquals("created Namespace//ns-199", lines.getFirst(), "in the order of the file");
    eventually("all are there", () -> json("get", "Namespace").size() == 200);

    Files.writeString(folder.resolve("0.yaml"), namespace("new", 10));
    Files.writeString(folder.resolve("2.yaml"), namespace("long", 60_000));
    Said refused = node.verb("apply", "-f", folder.toString());
    assertEquals(1, refused.status(), refused::all);
    assertTrue(refused.err().contains("Namespace /long has "), refused::all);
    assertEquals(200, json("get", "Namespace").size(), "nothing is applied");

    Files.delete(folder.resolve("2.yaml"));
    assertEquals(0, node.verb("delete", "-f", folder.toString()).status());
    eventually("all are gone", () -> json("get").isEmpty());
  }

  @Test
  void theLogIsShown() throws Exception {
    Said said = node.verb("logs", "-n", "1000", "--level", "info");
    assertEquals(0, said.status(), said::all);
    assertTrue(said.out().contains("rules go into iptables-"), said::all);
    assertEquals("", node.verb("logs", "--level", "error").out());
  }

  private static String namespace(String name, int length) {
    return """
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: %s, annotations: {long: %s}}
        """.formatted(name, "x".repeat(length));
  }

  @FunctionalInterface
  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void eventually(String what, Condition condition) throws Exception {
    long deadline = System.nanoTime() + WITHIN_S * 1_000_000_000L;
    while (!condition.holds()) {
      assertTrue(System.nanoTime() < deadline, () -> "not within " + WITHIN_S + " s: " + what);
      LockSupport.parkNanos(50_000_000); // between two looks
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
}
