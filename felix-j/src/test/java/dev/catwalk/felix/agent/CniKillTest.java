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
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Agent and client are killed at every call that they make to the kernel, one after the other, and
 * each time the runtime asks again. The n-th call is found by strace, so nothing in the program
 * knows of it.
 */
class CniKillTest {
  private static final String CONFIG = """
      node: {name: n1}
      pools: [{name: default, cidr: 10.42.0.0/16, blockSize: 24}]
      block: 10.42.7.0/24
      """;

  /**
   * The calls by which a pod is recorded and wired: files written, requests to the kernel, namespaces
   * entered, switches; and by which the client is answered.
   */
  private static final String CALLS = "sendto,setns,write";

  /** All that the client makes; strace counts each kind by itself. */
  private static final List<String> CLIENT_CALLS =
      List.of("read", "socket", "setsockopt", "connect", "sendto", "write");

  private static final String CONF =
      "{\"cniVersion\":\"1.1.0\",\"name\":\"catwalk\",\"type\":\"catwalk\"}";
  private static final String STRACE = "/usr/bin/strace";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int WITHIN_S = 60;

  /** Beyond any number of calls that an ADD makes. */
  private static final int MAX_CALLS = 60;

  @TempDir
  private Path root;

  private NodeUnderTest node;

  @BeforeEach
  void makeNode() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root for network namespaces");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "needs gcc for the CNI client");
    assumeTrue(Files.isExecutable(Path.of(STRACE)), "needs strace to kill at the n-th call");
    node = new NodeUnderTest(root);
  }

  @AfterEach
  void removeNode() throws IOException {
    if (node != null) {
      node.close();
    }
  }

  @Test
  void theAgentDiesAtEveryCallToTheKernel() throws Exception {
    String netns = node.podNamespace("p");
    TreeSet<String> addresses = new TreeSet<>();
    int killed = 0;
    boolean done = false;
    for (int n = 1; n < MAX_CALLS && !done; n++) {
      start();
      recorded(addresses);
      Process strace = traced(node.threads("cw-request"), n);
      Said said = node.cni(variables("ADD", netns), CONF);
      end(strace);
      done = said.status() == 0; // it makes fewer calls than n
      if (done) {
        addresses.add(address(said));
      } else {
        killed++;
        assertEquals(11, JSON.readTree(said.out()).path("code").asInt(), said.out());
        node.killAgent();
      }
    }
    assertTrue(done && killed >= 5, "killed " + killed + " times");
    assertEquals(1, addresses.size(), addresses::toString);
    Said removed = node.cni(variables("DEL", netns), CONF);
    assertEquals(0, removed.status(), removed::all);
    nothingIsLeft();
  }

  @Test
  void theClientDiesAtEveryCallToTheKernel() throws Exception {
    String netns = node.podNamespace("p");
    start();
    TreeSet<String> addresses = new TreeSet<>();
    for (String command : List.of("ADD", "DEL")) {
      int killed = 0;
      for (String call : CLIENT_CALLS) {
        boolean done = false;
        for (int n = 1; n < MAX_CALLS && !done; n++) {
          done = node.cni(variables(command, netns), CONF, dyingAt(call, n)).status() == 0;
          killed += done ? 0 : 1;
          if (command.equals("ADD")) {
            Said again = node.cni(variables("ADD", netns), CONF);
            assertEquals(0, again.status(), again::all);
            addresses.add(address(again));
          }
        }
        assertTrue(done, call);
      }
      assertTrue(killed >= CLIENT_CALLS.size(), "killed " + killed + " times");
    }
    assertEquals(1, addresses.size(), addresses::toString);
    nothingIsLeft();
  }

  private String[] dyingAt(String call, int n) {
    return new String[] {
      STRACE,
      "-o",
      root.resolve("strace.out").toString(),
      "-e",
      "inject=" + call + ":signal=KILL:when=" + n
    };
  }

  /** What a restarted agent holds for the pod whose ADD broke off. */
  private void recorded(TreeSet<String> addresses) throws IOException {
    for (JsonNode pod : JSON.readTree(node.verb("endpoints", "-o", "json").out())) {
      addresses.add(pod.at("/addresses/0").asText() + "/32");
    }
  }

  private static Map<String, String> variables(String command, String netns) {
    return Map.of(
        "CNI_COMMAND",
        command,
        "CNI_CONTAINERID",
        "c0ffee",
        "CNI_IFNAME",
        "eth0",
        "CNI_NETNS",
        netns);
  }

  private void start() throws Exception {
    node.startAgent(CONFIG);
    // Also where the link of an ADD that was killed is not there: that is no other pod's trouble.
    eventually(
        "the agent is ready",
        () -> node.cni(Map.of("CNI_COMMAND", "STATUS"), CONF).status() == 0);
  }

  /** Kills the process when one of these threads makes its n-th call from now on. */
  private Process traced(List<String> threads, int n) throws Exception {
    Path out = Files.createTempFile(root, "strace", ".out");
    List<String> command = new ArrayList<>(List.of(
        STRACE, "-e", "trace=" + CALLS, "-e", "inject=" + CALLS + ":signal=KILL:when=" + n));
    threads.forEach(t -> command.addAll(List.of("-p", t)));
    Process strace = new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(out.toFile())
        .start();
    eventually(
        "strace is attached",
        () -> Files.readString(out).split("attached", -1).length > threads.size());
    return strace;
  }

  private static void end(Process strace) throws InterruptedException {
    strace.destroy();
    if (!strace.waitFor(10, TimeUnit.SECONDS)) {
      strace.destroyForcibly();
    }
  }

  private void nothingIsLeft() throws Exception {
    eventually(
        "nothing is left",
        () -> !node.here("ip", "-o", "link").out().contains(": cw")
            && !node.here("ip", "route").out().contains("/32")
            && JSON.readTree(node.verb("ipam", "show", "-o", "json").out())
                    .at("/blocks/0/allocated")
                    .asInt(-1)
                == 0);
    assertEquals("", node.inPod("p", "ip", "-o", "-4", "addr").out());
  }

  private static String address(Said added) throws IOException {
    return JSON.readTree(added.out()).at("/ips/0/address").asText();
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
      LockSupport.parkNanos(20_000_000); // between two looks
    }
  }

  private String logged() {
    try {
      return "\n" + Files.readString(node.log());
    } catch (IOException e) {
      return e.toString();
    }
  }
}
