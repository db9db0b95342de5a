package dev.catwalk.acl.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.acl.model.Action;
import dev.catwalk.acl.model.Namespace;
import dev.catwalk.acl.model.Peer;
import dev.catwalk.acl.model.Policy;
import dev.catwalk.acl.model.Port;
import dev.catwalk.acl.model.Protocol;
import dev.catwalk.acl.model.Rule;
import dev.catwalk.acl.model.Scope;
import dev.catwalk.acl.model.Selector;
import dev.catwalk.acl.model.Workload;
import dev.catwalk.net.addr.Prefix;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What manifests mean, and what is said of wrong ones. */
class ManifestsTest {

  @Test
  void aWholePolicyInNormalForm() {
    Policy policy = policy("""
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: p, namespace: shop}
        spec:
          podSelector:
            matchLabels: {app: web}
            matchExpressions: [{key: tier, operator: NotIn, values: [b, a]}]
          ingress:
            - from:
                - podSelector: {}
                - namespaceSelector: {matchExpressions: [{key: team, operator: Exists}]}
                - ipBlock: {cidr: 10.0.0.7/8, except: [10.1.0.0/16]}
              ports:
                - {port: web}
                - {protocol: UDP, port: 53}
                - {protocol: SCTP, port: 7000, endPort: 7010}
                - {protocol: SCTP}
        """);
    Selector notAb = new Selector.Not(new Selector.In("tier", new TreeSet<>(List.of("a", "b"))));
    Selector web = new Selector.In("app", new TreeSet<>(List.of("web")));
    assertEquals(new Scope.Same("shop"), policy.scope());
    assertEquals(Selector.and(List.of(notAb, web)), policy.subject());
    assertEquals(
        List.of(new Rule(
            Action.ALLOW,
            List.of(
                new Peer.Pods(new Scope.Same("shop"), new Selector.All()),
                new Peer.Pods(new Scope.Matching(new Selector.Has("team")), new Selector.All()),
                new Peer.Block(Prefix.parse("10.0.0.0/8"), List.of(Prefix.parse("10.1.0.0/16")))),
            List.of(
                new Port.Named(Protocol.TCP, "web"),
                new Port.Range(Protocol.UDP, 53, 53),
                new Port.Range(Protocol.SCTP, 7000, 7010),
                new Port.Every(Protocol.SCTP)))),
        policy.ingressRules());
    assertTrue(policy.ingress() && !policy.egress());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      {}                                        | true  | false
      {ingress: [{}]}                           | true  | false
      {egress: []}                              | true  | false
      {egress: [{}]}                            | true  | true
      {policyTypes: [Egress]}                   | false | true
      {policyTypes: [Ingress], egress: [{}]}    | true  | false
      {policyTypes: [Ingress, Egress]}          | true  | true
      """)
  void whatAPolicyCovers(String spec, boolean ingress, boolean egress) {
    Policy policy = policy("{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy,"
        + " metadata: {name: p}, spec: " + spec + "}");
    assertEquals(ingress, policy.ingress());
    assertEquals(egress, policy.egress());
    assertEquals("default", policy.key().namespace());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      {direction: [Egress]}                                          | spec.direction: is no known field (known here
      {podselector: {}}                                              | spec.podselector: is no known field (did you mean podSelector?)
      {policyTypes: [Outgress]}                                      | spec.policyTypes[0]: 'Outgress' is no policy type
      {policyTypes: Egress}                                          | spec.policyTypes: is a text, want a list
      {podSelector: {matchLabels: {a: 1}}}                           | spec.podSelector.matchLabels.a: is a number, want a text (put it in quotes)
      {podSelector: {matchLabels: {a b: c}}}                         | spec.podSelector.matchLabels.a b: 'a b' is no label key
      {podSelector: {matchLabels: {a: -b}}}                          | spec.podSelector.matchLabels.a: '-b' is no label value
      {podSelector: {matchExpressions: [{key: a, operator: In}]}}    | spec.podSelector.matchExpressions[0].values: is missing
      {podSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}} | matchExpressions[0].values: Exists takes no values
      {podSelector: {matchExpressions: [{key: a, operator: Is}]}}    | matchExpressions[0].operator: 'Is' is no operator
      {ingress: [{to: []}]}                                          | spec.ingress[0].to: is no known field
      {ingress: [{from: [{}]}]}                                      | spec.ingress[0].from[0]: says nothing
      {ingress: [{from: [{podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}]}]} | spec.ingress[0].from[0]: has ipBlock beside a selector
      {ingress: [{from: [{ipBlock: {}}]}]}                           | from[0].ipBlock.cidr: is missing
      {ingress: [{from: [{ipBlock: {cidr: 10.0.0.0}}]}]}             | ipBlock.cidr: '10.0.0.0' is no range of addresses
      {ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/33}}]}]}          | ipBlock.cidr: '10.0.0.0/33' is no range
      {ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}}]}]} | ipBlock.except[0]: 11.0.0.0/16 is no part of 10.0.0.0/8
      {ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}]}]}  | ipBlock.except[0]: 10.0.0.0/8 is no part of
      {ingress: [{ports: [{port: 0}]}]}                              | ports[0].port: 0 is no port number
      {ingress: [{ports: [{port: 65536}]}]}                          | ports[0].port: 65536 is no port number
      {ingress: [{ports: [{port: '80'}]}]}                           | ports[0].port: '80' is no port name (a number must not be in quotes)
      {ingress: [{ports: [{port: Web}]}]}                            | ports[0].port: 'Web' is no port name
      {ingress: [{ports: [{port: 80, endPort: 79}]}]}                | ports[0].endPort: 79 is less than port 80
      {ingress: [{ports: [{port: web, endPort: 79}]}]}               | ports[0].endPort: needs a port that is a number
      {ingress: [{ports: [{endPort: 79}]}]}                          | ports[0].endPort: needs a port that is a number
      {ingress: [{ports: [{protocol: ICMP}]}]}                       | ports[0].protocol: 'ICMP' is no protocol that has ports
      """)
  void whatIsWrongWithAPolicy(String spec, String problem) {
    Parsed parsed = Manifests.parse(
        "f.yaml",
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: "
            + spec);
    assertEquals(List.of(), parsed.objects());
    assertEquals(1, parsed.problems().size(), parsed.problems().toString());
    String told = parsed.problems().getFirst().toString();
    assertTrue(told.startsWith("f.yaml:4: spec") && told.contains(problem), told);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      {kind: Pod, metadata: {name: p}}                        | f:1: apiVersion: is missing
      {apiVersion: v2, kind: Pod, metadata: {name: p}}        | f:1: apiVersion: is not known for Pod (want v1)
      {apiVersion: v1, metadata: {name: p}}                   | f:1: kind: is missing
      {apiVersion: v1, kind: Service, metadata: {name: p}}    | f:1: kind: kind Service is not supported yet
      {apiVersion: v1, kind: Pod}                             | f:1: metadata.name: is missing
      {apiVersion: v1, kind: Pod, metadata: {name: P}}        | f:1: metadata.name: 'P' is no name
      {apiVersion: v1, kind: Namespace, metadata: {name: a, namespace: b}} | f:1: metadata.namespace: this kind is in no namespace
      {apiVersion: v1, kind: Pod, metadata: {name: p, name: q}} | is here twice
      {apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {conatiners: []}} | f:1: spec.conatiners: is no known field
      {apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{ports: [{name: a}]}]}} | spec.containers[0].ports[0].containerPort: is missing
      {apiVersion: v1, kind: List, items: [{kind: List}]}     | f:1: items[0]: a List is in a List
      7                                                       | f:1: is a number, want an object
      {a: [}                                                  | f:1: this is not YAML
      {? [a] : b}                                             | f:1: a key must be a word
      !!binary aGk=                                           | has no place here
      """)
  void whatIsWrongWithAFile(String text, String problem) {
    Parsed parsed = Manifests.parse("f", text);
    assertEquals(List.of(), parsed.objects());
    assertTrue(parsed.problems().toString().contains(problem), parsed.problems().toString());
  }

  @Test
  void severalDocumentsAndListsInOrder() {
    Parsed parsed = Manifests.parse("f", """
        # nothing in the first one
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop, labels: {team: red}}
        ---
        apiVersion: v1
        kind: List
        items:
          - apiVersion: v1
            kind: Pod
            metadata: {name: a, namespace: shop}
            spec:
              hostNetwork: true
              nodeName: node1
              containers: [{name: c, ports: [{name: web, containerPort: 80}, {containerPort: 81}]}]
            status: {phase: Failed}
        """);
    assertEquals(List.of(), parsed.problems());
    Namespace shop = ((ManifestObject.OfNamespace) parsed.objects().getFirst()).value();
    assertEquals("red", shop.labels().get("team"));
    assertEquals("shop", shop.labels().get(Namespace.NAME_LABEL));
    Workload pod = ((ManifestObject.OfPod) parsed.objects().getLast()).value();
    assertTrue(pod.hostNetwork() && pod.finished());
    assertEquals("node1", pod.node());
    assertEquals(1, pod.ports().size());
  }

  @Test
  void goodOnesAreGivenBesideBadOnesAndDoublesAreNamed() {
    Parsed parsed = Manifests.parse("f", """
        {apiVersion: v1, kind: Namespace, metadata: {name: a}}
        ---
        {apiVersion: v1, kind: Namespace, metadata: {name: a}}
        """);
    assertEquals(1, parsed.objects().size());
    assertEquals(
        "f:3: Namespace /a is here twice (the other one begins at line 1)",
        parsed.problems().getFirst().toString());
  }

  @Test
  void theJsonOfAnObjectIsReadBackAsTheSame() {
    String text = """
        apiVersion: v1
        kind: Pod
        metadata: {name: p, labels: {a: "yes", b: "1"}, annotations: {note: "tab\\tline\\n\\"é\\""}}
        spec: {containers: [{name: c, args: [1.5, true, null, {}, []]}]}
        """;
    ManifestObject first = Manifests.parse("f", text).objects().getFirst();
    ManifestObject again = Manifests.parse("g", first.json()).objects().getFirst();
    assertEquals(first, again);
    assertTrue(first.json().contains("\"namespace\":\"default\""), first.json());
  }

  @Test
  void limitsHold() {
    refused("[".repeat(100_000), "nested deeper than " + Manifests.MAX_DEPTH);
    refused("a: &a [*a]", "nested deeper than " + Manifests.MAX_DEPTH);
    refused(" ".repeat(Manifests.MAX_TEXT + 1), "more than " + Manifests.MAX_TEXT);
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 10; i++) {
      String[] ten = new String[10];
      Arrays.fill(ten, "*a" + (i - 1));
      bomb.append("a" + i + ": &a" + i + " [" + String.join(", ", ten) + "]\n");
    }
    refused(bomb.toString(), "more than " + Manifests.MAX_VALUES + " values");
    String wrong = "---\nkind: X\n".repeat(Manifests.MAX_PROBLEMS * 2);
    assertEquals(Manifests.MAX_PROBLEMS, Manifests.parse("f", wrong).problems().size());
  }

  private static void refused(String text, String why) {
    Parsed parsed = Manifests.parse("f", text);
    assertEquals(List.of(), parsed.objects());
    assertTrue(
        parsed.problems().getFirst().toString().contains(why), parsed.problems().toString());
  }

  @Test
  void aNamespaceWithoutAnObjectIsKnownByNameAlone() {
    Scope byName =
        new Scope.Matching(new Selector.In(Namespace.NAME_LABEL, new TreeSet<>(List.of("shop"))));
    assertTrue(byName.holds("shop", null));
    assertTrue(!byName.holds("other", null));
    Scope byAbsence = new Scope.Matching(new Selector.Not(new Selector.Has("team")));
    assertTrue(!byAbsence.holds("shop", null));
    assertTrue(byAbsence.holds("shop", new Namespace("shop", new TreeMap<>())));
  }

  private static Policy policy(String text) {
    Parsed parsed = Manifests.parse("f", text);
    assertEquals(List.of(), parsed.problems());
    return ((ManifestObject.OfPolicy) parsed.objects().getFirst()).value();
  }
}
