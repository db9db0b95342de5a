package dev.catwalk.acl.render;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.catwalk.acl.calc.Compiled;
import dev.catwalk.acl.calc.Compiler;
import dev.catwalk.acl.manifest.ManifestObject;
import dev.catwalk.acl.manifest.Manifests;
import dev.catwalk.acl.manifest.Parsed;
import dev.catwalk.acl.model.Namespace;
import dev.catwalk.acl.model.Policy;
import dev.catwalk.acl.model.PolicyState;
import dev.catwalk.acl.model.Protocol;
import dev.catwalk.acl.model.Workload;
import dev.catwalk.acl.model.WorkloadKey;
import dev.catwalk.acl.verdict.Evaluator;
import dev.catwalk.acl.verdict.Packet;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The rendered texts in a real kernel with real packets: pods a, b, c, a pod d that has no program
 * yet, and a client outside.
 */
class KernelTest {
  private static final String MANIFESTS = """
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop, labels: {team: red}}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: a, namespace: shop, labels: {app: front}}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: b, namespace: shop, labels: {app: back}}
      spec:
        containers:
          - name: main
            ports: [{name: web, containerPort: 81}, {name: dns, containerPort: 53, protocol: UDP}]
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: c, namespace: other}
      spec: {containers: [{name: main, ports: [{name: web, containerPort: 80}]}]}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: d, namespace: other}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: back, namespace: shop}
      spec:
        podSelector: {matchLabels: {app: back}}
        ingress:
          - from: [{podSelector: {matchLabels: {app: front}}}]
            ports:
              - {port: web}
              - {port: dns, protocol: UDP}
              - {port: 7000, endPort: 7010, protocol: SCTP}
          - from:
              - ipBlock: {cidr: 192.0.2.0/24, except: [192.0.2.128/25]}
              - ipBlock: {cidr: "2001:db8::/32", except: ["2001:db8:1::/48"]}
            ports: [{port: 80}, {port: 53, protocol: UDP}]
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: front, namespace: shop}
      spec:
        podSelector: {matchLabels: {app: front}}
        policyTypes: [Egress]
        egress:
          - ports: [{port: web}, {port: 53, protocol: UDP}]
            to: [{namespaceSelector: {}}]
          - to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]
      """;
  private static final SortedMap<String, List<IpAddress>> ADDRESSES = new TreeMap<>();

  static {
    ADDRESSES.put("a", addresses("10.42.0.2", "fd00:42::2"));
    ADDRESSES.put("b", addresses("10.42.0.3", "fd00:42::3"));
    ADDRESSES.put("c", addresses("10.42.0.4", "fd00:42::4"));
    ADDRESSES.put("d", addresses("10.42.0.5", "fd00:42::5"));
    ADDRESSES.put("x", addresses("192.0.2.9", "2001:db8::9"));
  }

  private static NodeNamespace node;
  private static PolicyState state;
  private static Compiled compiled;
  private static final SortedMap<WorkloadKey, SortedSet<String>> INTERFACES = new TreeMap<>();

  @BeforeAll
  static void build() throws IOException, InterruptedException {
    assumeTrue(
        "root".equals(System.getProperty("user.name")),
        "skipped: namespaces and packet filters need root");
    for (String tool : List.of("iptables-nft-restore", "ip6tables-nft-restore", "ipset")) {
      assumeTrue(Files.isExecutable(Path.of("/usr/sbin", tool)), "skipped: no " + tool);
    }
    state = state();
    SortedSet<WorkloadKey> local = new TreeSet<>(state.workloads().keySet());
    local.removeIf(key -> key.name().equals("d"));
    compiled = Compiler.compile(state, local);
    local.forEach(
        key -> INTERFACES.put(key, new TreeSet<>(Set.of(NodeNamespace.device(key.name())))));
    node = new NodeNamespace();
    for (String member : ADDRESSES.keySet()) {
      String v4 = ADDRESSES.get(member).getFirst().toString();
      String v6 = ADDRESSES.get(member).getLast().toString();
      if (member.equals("x")) {
        node.outsider(member, v4, v6);
      } else {
        node.pod(member, v4, v6);
      }
    }
    program(Family.IPV4, "iptables-nft-restore");
    program(Family.IPV6, "ip6tables-nft-restore");
  }

  @AfterAll
  static void remove() throws IOException, InterruptedException {
    if (node != null) {
      node.remove();
    }
  }

  /** Sets, then {@code --test}, then for real with the jump that the kernel room makes. */
  private static void program(Family family, String restore)
      throws IOException, InterruptedException {
    Rendered rendered = Iptables.render(compiled, INTERFACES, family);
    StringBuilder sets = new StringBuilder();
    for (Rendered.IpSet set : rendered.sets().values()) {
      String type = set.type() + " family " + (family == Family.IPV4 ? "inet" : "inet6");
      sets.append("create " + set.name() + " " + type + "\n");
      set.members().forEach(m -> sets.append("add " + set.name() + " " + m + "\n"));
    }
    node.feed("node", sets.toString(), "ipset", "restore");
    StringBuilder rules = new StringBuilder("*filter\n");
    rendered.chains().keySet().forEach(name -> rules.append(":" + name + " - [0:0]\n"));
    rendered
        .chains()
        .values()
        .forEach(chain ->
            chain.rules().forEach(rule -> rules.append("-A " + chain.name() + " " + rule + "\n")));
    rules.append("-I FORWARD 1 -j " + Rendered.FORWARD + "\n");
    if (family == Family.IPV6) {
      rules.append("-I INPUT 1 -j " + Rendered.INPUT + "\n");
    }
    rules.append("COMMIT\n");
    node.feed("node", rules.toString(), restore, "--noflush", "--test");
    node.feed("node", rules.toString(), restore, "--noflush");
  }

  @Test
  void realPacketsAgreeWithTheEvaluator() throws IOException, InterruptedException {
    Evaluator evaluator = new Evaluator(state);
    SortedSet<String> expected = new TreeSet<>();
    TreeSet<String> seen = new TreeSet<>();
    SortedMap<String, String> scripts = new TreeMap<>();
    for (String from : ADDRESSES.keySet()) {
      StringBuilder script = new StringBuilder("""
          tcp() { timeout 2 bash -c "exec 3<>/dev/tcp/$2/$3" 2>&1 | said "tcp $*"; }
          udp() { timeout 2 bash -c "exec 3<>/dev/udp/$2/$3; echo >&3; read -u 3" 2>&1 | said "udp $*"; }
          said() { if grep -q refused; then echo "$1 reached"; else echo "$1 dropped"; fi; }
          """);
      for (String to : ADDRESSES.keySet()) {
        if (!from.equals(to)) {
          for (int i = 0; i < 2; i++) {
            IpAddress source = ADDRESSES.get(from).get(i);
            IpAddress target = ADDRESSES.get(to).get(i);
            for (String port : List.of("tcp 80", "tcp 81", "udp 53", "udp 54")) {
              String[] parts = port.split(" ");
              String probe = parts[0] + " " + from + " " + target + " " + parts[1];
              script.append(probe + " &\n");
              int protocol = (parts[0].equals("tcp") ? Protocol.TCP : Protocol.UDP).number();
              boolean passes = !from.equals("d")
                  && !to.equals("d")
                  && evaluator
                      .judge(new Packet(source, target, protocol, Integer.parseInt(parts[1])))
                      .allowed();
              expected.add(probe + (passes ? " reached" : " dropped"));
            }
          }
        }
      }
      scripts.put(from, script + "wait");
    }
    node.inEach(scripts).lines().forEach(seen::add);
    TreeSet<String> missing = new TreeSet<>(expected);
    missing.removeAll(seen);
    assertEquals(List.of(), List.copyOf(missing), "what was not seen");
    assertTrue(expected.stream().anyMatch(e -> e.endsWith("reached")));
  }

  @Test
  void aForgedSourceIsDropped() throws IOException, InterruptedException {
    node.in("a", "ip addr add 10.42.0.4/32 dev lo; ping -c 1 -W 1 -I 10.42.0.4 192.0.2.9 || true");
    String counters = node.in("node", "iptables-nft-save -c -t filter");
    String rule = counters
        .lines()
        .filter(line -> line.contains("from no address of that pod"))
        .findFirst()
        .orElseThrow();
    node.in("a", "ip addr del 10.42.0.4/32 dev lo");
    assertTrue(!rule.startsWith("[0:0]"), rule);
  }

  /** IPv6 has no reverse path filter; and no pod is cut off from its neighbour's discovery. */
  @Test
  void aForgedSourceDoesNotReachTheNodeAndDiscoveryDoes() throws Exception {
    node.in("node", "ip -6 addr add fd00:42::1/128 dev lo nodad");
    node.in("a", "ip -6 neigh flush dev eth0; ping -6 -c 1 -W 2 -I fd00:42::2 fd00:42::1");
    node.in(
        "a",
        "ip -6 addr add fd00:42::4/128 dev lo nodad;"
            + " ping -6 -c 1 -W 1 -I fd00:42::4 fd00:42::1 || true;"
            + " ip -6 addr del fd00:42::4/128 dev lo");
    node.in("node", "ip -6 addr del fd00:42::1/128 dev lo");
    List<String> counters =
        node.in("node", "ip6tables-nft-save -c -t filter").lines().toList();
    for (String words : List.of("a forged source", "neighbour discovery")) {
      assertTrue(
          counters.stream().anyMatch(l -> l.contains(words) && !l.startsWith("[0:0]")),
          counters::toString);
    }
  }

  @Test
  void hashesReadBackTellWhatIsThere() throws IOException, InterruptedException {
    Rendered rendered = Iptables.render(compiled, INTERFACES, Family.IPV4);
    String saved = node.in("node", "iptables-nft-save -t filter");
    for (Rendered.Chain chain : rendered.chains().values()) {
      List<String> wanted = new ArrayList<>();
      chain.rules().forEach(rule -> wanted.add(mark(rule)));
      List<String> there = new ArrayList<>();
      saved
          .lines()
          .filter(line -> line.startsWith("-A " + chain.name() + " "))
          .forEach(line -> there.add(mark(line)));
      assertEquals(wanted, there);
      assertEquals(chain.hash(), there.getLast());
    }
    String sets = node.in("node", "ipset save");
    for (Rendered.IpSet set : rendered.sets().values()) {
      SortedSet<String> there = new TreeSet<>();
      sets.lines()
          .filter(line -> line.startsWith("add " + set.name() + " "))
          .forEach(line -> there.add(line.split(" ")[2]));
      assertEquals(set.members(), there);
    }
  }

  private static String mark(String rule) {
    return rule.substring(rule.indexOf("cw:") + 3).split(" ", 2)[0];
  }

  private static PolicyState state() {
    Parsed parsed = Manifests.parse("test.yaml", MANIFESTS);
    assertEquals(List.of(), parsed.problems());
    List<Namespace> namespaces = new ArrayList<>();
    List<Workload> workloads = new ArrayList<>();
    List<Policy> policies = new ArrayList<>();
    for (ManifestObject object : parsed.objects()) {
      switch (object) {
        case ManifestObject.OfNamespace(Namespace namespace, String json) ->
          namespaces.add(namespace);
        case ManifestObject.OfPod(Workload pod, String json) ->
          workloads.add(pod.at(ADDRESSES.get(pod.key().name()), "node"));
        case ManifestObject.OfAddresses other -> throw new AssertionError(other);
        case ManifestObject.OfPolicy(Policy policy, String json) -> policies.add(policy);
      }
    }
    return PolicyState.of(namespaces, workloads, policies);
  }

  private static List<IpAddress> addresses(String v4, String v6) {
    return List.of(IpAddress.parse(v4), IpAddress.parse(v6));
  }
}
