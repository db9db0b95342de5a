package dev.catwalk.lab.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.acl.manifest.ManifestObject;
import dev.catwalk.acl.manifest.Manifests;
import dev.catwalk.acl.manifest.Parsed;
import dev.catwalk.acl.model.Workload;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From a file of cases to what is applied and what is judged. */
class CaseFileTest {
  private static final String CASE = """
      [{"id": "c1", "tags": ["own"], "namespaces": {"x": {"team": "red"}},
        "pods": [{"ns": "x", "name": "a", "ip": "10.65.1.2", "labels": {"app": "a"}, "phase": "Failed",
                  "ports": [{"name": "web", "port": 80, "protocol": "TCP"},
                            {"name": "hidden", "port": 81, "protocol": "TCP", "declared": false}]},
                 {"ns": "x", "name": "h", "ip": "10.0.0.1", "labels": {}, "hostNetwork": true}],
        "policies": ["{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy,\
       metadata: {name: p}, spec: {podSelector: {}}}"],
        "probes": [{"from": "x/h", "to": "x/a", "protocol": "TCP", "port": 80, "expected": "allow"},
                   {"from": "x/h", "to": "x/h", "protocol": "TCP", "port": 80, "expected": "allow"},
                   {"from": "x/h", "to": "x/a", "protocol": "SCTP", "port": 80}]}]
      """;

  @Test
  void itsObjectsAreWhatAnOrchestratorWouldHave() {
    PolicyCase one = CaseFile.parse("f.json", CASE).getFirst();
    TreeMap<String, String> nodes = new TreeMap<>();
    nodes.put("x/a", "node1");
    nodes.put("x/h", "node2");
    SortedMap<String, String> all = CaseManifests.of(one, nodes);
    assertEquals(
        "[Namespace//x, NetworkPolicy/default/p, Pod/x/a, Pod/x/h]",
        all.keySet().toString());
    Workload a = pod(all, "Pod/x/a");
    assertTrue(a.finished());
    assertEquals("node1", a.node());
    assertEquals("{app=a}", a.labels().toString());
    assertEquals(1, a.ports().size(), "what is not declared has no name");
    assertEquals("web", a.ports().getFirst().name());
    assertTrue(pod(all, "Pod/x/h").hostNetwork());
  }

  private static Workload pod(SortedMap<String, String> all, String key) {
    Parsed parsed = Manifests.parse(key, String.valueOf(all.get(key)));
    assertEquals("[]", parsed.problems().toString());
    return ((ManifestObject.OfPod) parsed.objects().getFirst()).value();
  }

  @Test
  void whatIsScored() {
    PolicyCase one = CaseFile.parse("f.json", CASE).getFirst();
    assertTrue(one.scores(one.probes().get(0)));
    assertFalse(one.scores(one.probes().get(1)), "to itself");
    assertFalse(one.scores(one.probes().get(2)), "nothing expected");
    String free = CASE.replace("\"own\"", "\"implementation-defined\"");
    PolicyCase other = CaseFile.parse("f.json", free).getFirst();
    assertFalse(other.scores(other.probes().get(0)));
  }

  @Test
  void aPacketThatPassedIsNotAskedAgain() {
    PolicyCase one = CaseFile.parse("f.json", CASE.replace("allow", "deny")).getFirst();
    PolicyCase.Probe probe = one.probes().getFirst();
    Played passed = Played.of(one, probe, "ok 120", 1);
    assertFalse(passed.agrees());
    assertFalse(passed.mayBeLate(), "what once passed stays a disagreement");
    assertFalse(Played.of(one, probe, "timeout", 1).mayBeLate());
    assertTrue(Played.of(one, probe, "timeout", 1).agrees());
    assertFalse(Played.of(one, probe, "refused", 1).agrees(), "a reject is no drop");
    PolicyCase open = CaseFile.parse("f.json", CASE).getFirst();
    assertTrue(Played.of(open, open.probes().getFirst(), "timeout", 1).mayBeLate());
    assertTrue(Played.of(open, open.probes().getFirst(), "ok 9", 2).late());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
      '"id": "c1"'     | '"id": 7'          | the member 'id'
      '"ns": "x", "name": "a"' | '"name": "a"' | the member 'ns'
      '"port": 80'     | '"port": 70000'    | the member 'port' is no number from 1 to 65535
      '"SCTP"'         | '"GRE"'            | the protocol GRE is not supported yet
      '"tags"'         | '"family": "cnp", "tags"' | the family cnp is not supported yet
      """)
  void whatIsWrongIsNamed(String good, String bad, String told) {
    IllegalArgumentException e = assertThrows(
        IllegalArgumentException.class,
        () ->
            CaseFile.parse("f.json", CASE.replaceFirst(java.util.regex.Pattern.quote(good), bad)));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.startsWith("f.json: case "), message);
    assertTrue(message.contains(told), message);
  }
}
