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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands of CNI 1.1, through the C client to a real agent on the real kernel. */
class CniTest {
  private static final String CONFIG = """
      node: {name: n1}
      pools: [{name: default, cidr: 10.42.0.0/16, blockSize: 24}]
      block: 10.42.7.0/24
      """;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int WITHIN_S = 40;

  @TempDir
  private static Path root;

  private static NodeUnderTest node;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root for network namespaces");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "needs gcc for the CNI client");
    node = new NodeUnderTest(root);
    node.startAgent(CONFIG);
    eventually("the agent is ready", () -> cni("STATUS", "", "", "", "").status() == 0);
  }

  @AfterAll
  static void stop() throws IOException {
    if (node != null) {
      node.close();
    }
  }

  @Test
  void aSecondInterfaceHasItsOwnAddressAndWay() throws Exception {
    String netns = node.podNamespace("two");
    String first = address(ok(cni("ADD", "two", "eth0", netns, "")));
    String second = address(ok(cni("ADD", "two", "net1", netns, "")));
    assertNotEquals(first, second);
    node.podNamespace("far");
    ok(cni("ADD", "far", "eth0", node.netns("far"), ""));
    for (String ip : new String[] {first, second}) {
      pings("far", ip);
    }
    eventually("both are shown", () -> endpoints("two").size() == 2);

    ok(cni("DEL", "two", "net1", netns, ""));
    pings("far", first);
    eventually("one is shown", () -> endpoints("two").size() == 1);
    ok(cni("DEL", "two", "eth0", netns, ""));
    ok(cni("DEL", "far", "eth0", node.netns("far"), ""));
  }

  @Test
  void checkFindsWhatIsNotAsAddLeftIt() throws Exception {
    String netns = node.podNamespace("checked");
    Said added = ok(cni("ADD", "checked", "eth0", netns, ""));
    String previous = ",\"prevResult\":" + added.out();
    eventually(
        "the store knows the pod",
        () -> cni("CHECK", "checked", "eth0", netns, previous).status() == 0);

    assertEquals(3, code(cni("CHECK", "unknown", "eth0", netns, previous)));
    assertEquals(3, code(cni("CHECK", "checked", "eth9", netns, previous)));
    String other = previous.replace("10.42.7.", "10.42.8.");
    assertEquals(111, code(cni("CHECK", "checked", "eth0", netns, other)));

    node.inPod("checked", "ip", "neigh", "del", "169.254.1.1", "dev", "eth0");
    assertEquals(115, code(cni("CHECK", "checked", "eth0", netns, previous)));
    ok(cni("ADD", "checked", "eth0", netns, ""));
    node.here("iptables", "-F", "cw-to");
    assertEquals(116, code(cni("CHECK", "checked", "eth0", netns, previous)));
    eventually(
        "the rules are repaired",
        () -> cni("CHECK", "checked", "eth0", netns, previous).status() == 0);
    ok(cni("DEL", "checked", "eth0", netns, ""));
  }

  @Test
  void garbageIsWhatItsNetworkHasAndNobodyNames() throws Exception {
    for (String container : new String[] {"stays", "goes"}) {
      ok(cni("ADD", container, "eth0", node.podNamespace(container), ""));
      ok(cni("ADD", container, "net1", node.netns(container), ""));
    }
    String others = node.podNamespace("others");
    String conf = conf("").replace("catwalk", "elsewhere");
    ok(node.cni(variables("ADD", "others", "eth0", others), conf));

    ok(cni(
        "GC",
        "",
        "",
        "",
        ",\"cni.dev/valid-attachments\":["
            + "{\"containerID\":\"stays\",\"ifname\":\"eth0\"},"
            + "{\"containerID\":\"unheard-of\",\"ifname\":\"eth0\"}]"));

    eventually(
        "the store knows",
        () -> endpoints("stays").size() == 1
            && endpoints("goes").isEmpty()
            && endpoints("others").size() == 1);
    assertEquals(0, node.inPod("stays", "ip", "link", "show", "eth0").status());
    eventually(
        "the links are gone",
        () -> node.inPod("stays", "ip", "link", "show", "net1").status() != 0
            && node.inPod("goes", "ip", "link", "show", "eth0").status() != 0);
    ok(cni("GC", "", "", "", ",\"cni.dev/valid-attachments\":[]"));
    ok(node.cni(variables("DEL", "others", "eth0", others), conf));
  }

  @Test
  void whatOnePodLacksIsNoReasonToStartNoOther() throws Exception {
    String netns = node.podNamespace("cut");
    Said added = ok(cni("ADD", "cut", "eth0", netns, ""));
    String host = JSON.readTree(added.out()).at("/interfaces/0/name").asText();
    node.here("ip", "link", "del", host);
    eventually("status names it", () -> {
      JsonNode status = JSON.readTree(node.verb("status", "-o", "json").out());
      return status.path("problems").toString().contains(host);
    });
    ok(cni("STATUS", "", "", "", ""));
    String other = node.podNamespace("other");
    ok(cni("ADD", "other", "eth0", other, ""));
    ok(cni("DEL", "other", "eth0", other, ""));
    ok(cni("DEL", "cut", "eth0", netns, ""));
    eventually(
        "all is well",
        () -> JSON.readTree(node.verb("status", "-o", "json").out())
            .path("problems")
            .isEmpty());
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      capability | "runtimeConfig":{"ips":["10.42.7.77"]}           | 10.42.7.77
      arguments  | "args":{"cni":{"ips":["10.42.7.78/24"]}}         | 10.42.7.78
      annotation | "runtimeConfig":{"io.kubernetes.cri.pod-annotations":{"cni.projectcalico.org/ipAddrs":"[\\"10.42.7.79\\"]"}} | 10.42.7.79
      """)
  void aFixedAddress(String container, String member, String address) throws Exception {
    String netns = node.podNamespace(container);
    for (int i = 0; i < 2; i++) {
      assertEquals(address, address(ok(cni("ADD", container, "eth0", netns, "," + member))));
    }
    node.podNamespace("other" + container);
    Said taken =
        cni("ADD", "other" + container, "eth0", node.netns("other" + container), "," + member);
    assertEquals(101, code(taken), taken.out());
    assertTrue(taken.out().contains(address), taken.out());
    ok(cni("DEL", container, "eth0", netns, ""));
  }

  /** DEL answers before the kernel has removed the link, which the address is held for. */
  @Test
  void aFixedAddressGoesFromPodToPodAtOnce() throws Exception {
    String member = ",\"runtimeConfig\":{\"ips\":[\"10.42.7.95\"]}";
    node.podNamespace("heir0");
    node.podNamespace("heir1");
    ok(cni("ADD", "heir0", "eth0", node.netns("heir0"), member));
    for (int i = 0; i < 10; i++) {
      String from = "heir" + i % 2;
      String to = "heir" + (i + 1) % 2;
      ok(cni("DEL", from, "eth0", node.netns(from), ""));
      assertEquals("10.42.7.95", address(ok(cni("ADD", to, "eth0", node.netns(to), member))));
    }
    ok(cni("DEL", "heir0", "eth0", node.netns("heir0"), ""));
  }

  @Test
  void aFixedAddressByThePodsManifest() throws Exception {
    Path manifest = Files.writeString(root.resolve("pod.yaml"), """
        apiVersion: v1
        kind: Pod
        metadata:
          name: annotated
          namespace: default
          annotations: {catwalk.dev/addresses: 10.42.7.85}
        spec: {containers: [{name: c, image: i}]}
        """);
    assertEquals(0, node.verb("apply", "-f", manifest.toString()).status());
    String netns = node.podNamespace("annotated");
    TreeMap<String, String> variables = new TreeMap<>(variables("ADD", "byname", "eth0", netns));
    variables.put("CNI_ARGS", "K8S_POD_NAMESPACE=default;K8S_POD_NAME=annotated");
    assertEquals("10.42.7.85", address(ok(node.cni(variables, conf("")))));
    ok(cni("DEL", "byname", "eth0", netns, ""));
  }

  @Test
  void aFixedAddressThatIsNotHandedOutIsRefused() throws Exception {
    String netns = node.podNamespace("elsewhere");
    for (String ip : new String[] {"10.42.8.0", "192.0.2.1", "10.42.7.0"}) {
      Said said =
          cni("ADD", "elsewhere", "eth0", netns, ",\"args\":{\"cni\":{\"ips\":[\"" + ip + "\"]}}");
      assertEquals(101, code(said), said.out());
      assertTrue(said.out().contains(ip), said.out());
    }
    ok(cni("ADD", "elsewhere", "eth0", netns, ",\"runtimeConfig\":{\"ips\":[\"10.42.7.90\"]}"));
    Said other =
        cni("ADD", "elsewhere", "eth0", netns, ",\"runtimeConfig\":{\"ips\":[\"10.42.7.91\"]}");
    assertEquals(101, code(other), other.out());
    ok(cni("DEL", "elsewhere", "eth0", netns, ""));
  }

  @Test
  void aWantedMac() throws Exception {
    String netns = node.podNamespace("mac");
    String mac = "0a:11:22:33:44:55";
    Said added =
        ok(cni("ADD", "mac", "eth0", netns, ",\"runtimeConfig\":{\"mac\":\"" + mac + "\"}"));
    assertEquals(mac, JSON.readTree(added.out()).at("/interfaces/1/mac").asText());
    assertTrue(node.inPod("mac", "ip", "link", "show", "eth0").out().contains(mac));
    ok(cni("DEL", "mac", "eth0", netns, ""));
  }

  @ParameterizedTest(name = "{0}={1} {2} is refused with {3}")
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      CNI_NETNS       | /dev/null            | ``  | 4
      CNI_NETNS       | /etc/passwd          | ``  | 4
      CNI_NETNS       | /proc/self/ns/net    | ``  | 4
      CNI_NETNS       | /proc/self/ns/uts    | ``  | 4
      CNI_NETNS       | /run/netns/none      | ``  | 4
      CNI_NETNS       | PIPE                 | ``  | 4
      CNI_NETNS       | /run/netns/../netns/x | ``  | 4
      CNI_CONTAINERID | ../../etc/passwd     | ``  | 4
      CNI_IFNAME      | ../eth0              | ``  | 4
      CNI_IFNAME      | lo                   | ``  | 4
      CNI_COMMAND     | NOTHING              | ``  | 4
      X               | x                    | {   | 6
      X               | x                    | DEEP | 6
      X               | x                    | HUGE | 6
      X               | x                    | {"cniVersion":"1.1.0"} | 7
      X               | x                    | {"cniVersion":"8","name":"n"} | 1
      """)
  void hostileRequestsChangeNothing(String name, String value, String stdin, int code)
      throws Exception {
    String netns = node.podNamespace("h" + Integer.toHexString((name + value + stdin).hashCode()));
    TreeMap<String, String> variables = new TreeMap<>(variables("ADD", "hostile", "eth0", netns));
    if (value.equals("PIPE")) {
      Path pipe = root.resolve("pipe");
      new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor();
      variables.put(name, pipe.toString());
    } else {
      variables.put(name, value);
    }
    String text = switch (stdin) {
      case "" -> conf("");
      case "DEEP" -> conf(",\"x\":" + "[".repeat(50_000) + "]".repeat(50_000));
      case "HUGE" -> conf(",\"x\":[" + "1,".repeat(3_000_000) + "1]");
      default -> stdin;
    };
    eventually("what others gave back is gone", () -> traces().equals(nothing()));
    Said said = node.cni(variables, text);
    assertEquals(1, said.status(), said.all());
    assertEquals(code, code(said), said.out());
    assertEquals(nothing(), traces());
  }

  /** Links of pods, how many addresses are taken, and who has them. */
  private static List<String> traces() throws IOException {
    return List.of(
        node.here("sh", "-c", "ip -o link | grep -o ': cw[^@]*'").out(),
        json("ipam", "show").at("/blocks/0/allocated").toString(),
        json("endpoints").toString());
  }

  private static List<String> nothing() {
    return List.of("", "0", "[]");
  }

  private static Said cni(
      String command, String container, String ifName, String netns, String member)
      throws IOException {
    return node.cni(variables(command, container, ifName, netns), conf(member));
  }

  private static Map<String, String> variables(
      String command, String container, String ifName, String netns) {
    TreeMap<String, String> variables = new TreeMap<>();
    variables.put("CNI_COMMAND", command);
    variables.put("CNI_CONTAINERID", container);
    variables.put("CNI_IFNAME", ifName);
    variables.put("CNI_NETNS", netns);
    return variables;
  }

  private static String conf(String member) {
    return "{\"cniVersion\":\"1.1.0\",\"name\":\"catwalk\",\"type\":\"catwalk\"" + member + "}";
  }

  private static Said ok(Said said) {
    assertEquals(0, said.status(), () -> said.all() + logged());
    return said;
  }

  private static int code(Said said) throws IOException {
    assertEquals(1, said.status(), said.all());
    return JSON.readTree(said.out()).path("code").asInt();
  }

  private static String address(Said added) throws IOException {
    String address = JSON.readTree(added.out()).at("/ips/0/address").asText();
    assertTrue(address.endsWith("/32"), added.out());
    return address.substring(0, address.indexOf('/'));
  }

  private static void pings(String pod, String ip) throws IOException {
    Said said = node.inPod(pod, "ping", "-c", "1", "-W", "3", ip);
    assertEquals(0, said.status(), () -> ip + "\n" + said.all() + logged());
  }

  private static JsonNode endpoints(String container) throws IOException {
    var found = JSON.createArrayNode();
    for (JsonNode endpoint : json("endpoints")) {
      if (endpoint.path("containerId").asText().equals(container)) {
        found.add(endpoint);
      }
    }
    return found;
  }

  private static JsonNode json(String... verb) throws IOException {
    String[] args = java.util.Arrays.copyOf(verb, verb.length + 2);
    args[verb.length] = "-o";
    args[verb.length + 1] = "json";
    Said said = node.verb(args);
    assertFalse(said.out().isEmpty(), said.all());
    return JSON.readTree(said.out());
  }

  private static String logged() {
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

  private static void eventually(String what, Condition condition) throws Exception {
    long deadline = System.nanoTime() + WITHIN_S * 1_000_000_000L;
    while (!condition.holds()) {
      assertTrue(
          System.nanoTime() < deadline, () -> "not within " + WITHIN_S + " s: " + what + logged());
      LockSupport.parkNanos(50_000_000); // between two looks
    }
  }
}
