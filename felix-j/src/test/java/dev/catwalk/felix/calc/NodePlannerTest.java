package dev.catwalk.felix.calc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.acl.manifest.ManifestObject;
import dev.catwalk.acl.manifest.Manifests;
import dev.catwalk.acl.model.WorkloadKey;
import dev.catwalk.acl.verdict.Evaluator;
import dev.catwalk.acl.verdict.Packet;
import dev.catwalk.felix.calc.NodePlanner.Inputs;
import dev.catwalk.felix.calc.NodePlanner.Plan;
import dev.catwalk.felix.model.ClusterState;
import dev.catwalk.felix.model.Endpoint;
import dev.catwalk.felix.model.Keys;
import dev.catwalk.felix.model.Manifest;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.raftstore.machine.Change.Committed;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvTransaction;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class NodePlannerTest {
  private static final String DENY = """
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: deny, namespace: shop}
      spec: {podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress]}
      """;
  private static final String POD = """
      apiVersion: v1
      kind: Pod
      metadata: {name: db, namespace: shop, labels: {app: db}}
      spec: {containers: [{name: m, image: x}]}
      """;

  private final KvMachine kv = new KvMachine();
  private ClusterState cluster = ClusterState.empty();

  @Test
  void aPodIsIsolatedOnceItsManifestSaysWhatItIs() {
    put(manifest(DENY));
    Endpoint db = endpoint("n1", "db", "10.42.0.1");
    NodePlanner planner = new NodePlanner();
    Plan before = planner.plan(inputs(List.of(db)));
    put(manifest(POD));
    Plan after = planner.plan(inputs(List.of(db)));
    assertFalse(rules(before).contains("deny"), () -> rules(before));
    assertEquals(before.kernel().revision() + 1, after.kernel().revision());
    assertEquals("{app=db}", labels(after, "db"));
    assertFalse(before.kernel().rules().equals(after.kernel().rules()));
  }

  @Test
  void whatIsOfNoConcernHereIsNoNewRevision() {
    NodePlanner planner = new NodePlanner();
    Plan before = planner.plan(inputs(List.of(endpoint("n1", "db", "10.42.0.1"))));
    put(KvTransaction.put("other/key", new byte[] {1}));
    Plan after = planner.plan(inputs(List.of(endpoint("n1", "db", "10.42.0.1"))));
    assertEquals(before.kernel(), after.kernel());
  }

  @Test
  void theSameStateGivesTheSamePlanWhateverLedThere() {
    put(manifest(DENY));
    NodePlanner slow = new NodePlanner();
    slow.plan(inputs(List.of()));
    put(manifest(POD));
    slow.plan(inputs(List.of(endpoint("n1", "x", "10.42.0.9"))));
    Plan one = slow.plan(inputs(List.of(endpoint("n1", "db", "10.42.0.1"))));
    Plan other = new NodePlanner().plan(inputs(List.of(endpoint("n1", "db", "10.42.0.1"))));
    assertEquals(other.kernel().rules(), one.kernel().rules());
    assertEquals(other.kernel().routes(), one.kernel().routes());
    assertEquals(other.policy(), one.policy());
  }

  @Test
  void podsOfOtherNodesAreKnownAndOurOwnWordCountsForOurs() {
    Endpoint there = endpoint("n2", "web", "10.42.1.1");
    Endpoint stale = endpoint("n1", "gone", "10.42.0.7");
    put(KvTransaction.put(there.key(), there.encode()));
    put(KvTransaction.put(stale.key(), stale.encode()));
    Plan plan = new NodePlanner().plan(inputs(List.of(endpoint("n1", "db", "10.42.0.1"))));
    assertEquals("[shop/db, shop/web]", plan.policy().workloads().keySet().toString());
    assertFalse(plan.policy().namespaces().containsKey("shop"), "no object says that it is there");
  }

  @Test
  void theHookIsInForwardForBothFamilies() {
    SortedMap<Ruleset.ChainName, Ruleset.Chain> chains =
        new NodePlanner().plan(inputs(List.of())).kernel().rules().chains();
    for (Family family : Family.values()) {
      assertEquals(
          List.of("FORWARD"),
          chains.get(new Ruleset.ChainName(family, "filter", "cw-forward")).hooks());
    }
  }

  @Test
  void anUnreadablePolicyIsolatesItsNamespaceAndIsNamed() {
    Manifest odd = new Manifest("NetworkPolicy", "shop", "odd", 1, "{\"kind\":\"Strange\"}");
    put(KvTransaction.put(odd.key(), odd.encode()));
    put(KvTransaction.put("manifests/NetworkPolicy/shop/garbled", new byte[] {9, 9}));
    Plan plan = new NodePlanner().plan(inputs(List.of(endpoint("n1", "db", "10.42.0.1"))));
    assertEquals(
        List.of("manifests/NetworkPolicy/shop/garbled", odd.key()),
        List.copyOf(plan.unreadable().keySet()));
    plan.unreadable()
        .values()
        .forEach(why -> assertTrue(why.contains("isolates every pod of namespace shop"), why));
    IpAddress db = IpAddress.parse("10.42.0.1");
    IpAddress outside = IpAddress.parse("192.0.2.1");
    Evaluator evaluator = new Evaluator(plan.policy());
    assertFalse(evaluator.judge(new Packet(outside, db, 6, 80)).allowed());
    assertFalse(evaluator.judge(new Packet(db, outside, 6, 80)).allowed());
    Ruleset rules = plan.kernel().rules();
    for (String way : List.of("e", "i")) {
      for (var set : rules.sets().entrySet()) {
        if (set.getKey().startsWith("cw-4" + way + "-")
            && !set.getValue().members().isEmpty()) {
          String chain = set.getKey().replace("cw-4", "cw-");
          String last = rules
              .chains()
              .get(new Ruleset.ChainName(Family.IPV4, "filter", chain))
              .rules()
              .getLast();
          assertTrue(last.endsWith("-j DROP"), last);
        }
      }
    }
  }

  @Test
  void anUnreadablePodPassesNothingAndIsNobodysPeer() {
    put(manifest(POD));
    Manifest odd = new Manifest("Pod", "shop", "web", 1, "{\"kind\":\"Strange\"}");
    put(KvTransaction.put(odd.key(), odd.encode()));
    Endpoint web = endpoint("n1", "web", "10.42.0.2");
    Endpoint there = endpoint("n2", "web", "10.42.1.2");
    put(KvTransaction.put(there.key(), there.encode()));
    Plan plan = new NodePlanner().plan(inputs(List.of(endpoint("n1", "db", "10.42.0.1"), web)));
    assertEquals("[shop/db]", plan.policy().workloads().keySet().toString());
    assertFalse(rules(plan).contains(web.hostInterface()), () -> rules(plan));
    assertTrue(plan.kernel().podLinks().contains(web.hostInterface()), "its link stays");
    String why = plan.unreadable().get(odd.key());
    assertTrue(why != null && why.contains("nothing passes to or from this pod"), why);
  }

  private static String labels(Plan plan, String pod) {
    return plan.policy().workloads().get(new WorkloadKey("shop", pod)).labels().toString();
  }

  private static String rules(Plan plan) {
    return plan.kernel().rules().toString();
  }

  private Inputs inputs(List<Endpoint> local) {
    return new Inputs(cluster, "n1", local, new TreeSet<>(), new TreeSet<>(), new TreeMap<>());
  }

  private static KvTransaction manifest(String text) {
    ManifestObject o = Manifests.parse("test", text).objects().getFirst();
    Manifest manifest = new Manifest(o.kind(), o.namespace(), o.name(), 1, o.json());
    return KvTransaction.put(Keys.manifest(o.kind(), o.namespace(), o.name()), manifest.encode());
  }

  private void put(KvTransaction transaction) {
    long revision = cluster.revision() + 1;
    byte[] command = transaction.encode();
    cluster = cluster.apply(
        new Committed(revision, KvMachine.NAME, command, kv.apply(revision, command)));
  }

  private static Endpoint endpoint(String node, String pod, String address) {
    return new Endpoint(
        node,
        "c-" + pod,
        "eth0",
        "shop",
        pod,
        new TreeMap<>(),
        List.of(IpAddress.parse(address)),
        PodWiring.hostName("c-" + pod, "eth0"),
        "",
        List.of());
  }
}
