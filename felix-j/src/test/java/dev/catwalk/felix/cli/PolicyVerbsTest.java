package dev.catwalk.felix.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code policy verify} and {@code validate}: what they print and their exit status. */
class PolicyVerbsTest {
  private static final String CASE = """
      [{"id": "c1", "family": "k8s", "tags": [], "namespaces": {"x": {}},
        "pods": [{"ns": "x", "name": "a", "ip": "10.0.0.1", "labels": {"app": "a"}},
                 {"ns": "x", "name": "b", "ip": "10.0.0.2", "labels": {}}],
        "policies": ["{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy,\
       metadata: {name: p, namespace: x}, spec: {podSelector: {matchLabels: {app: a}}}}"],
        "probes": [{"from": "x/b", "to": "x/a", "protocol": "TCP", "port": 80 EXPECTED},
                   {"from": "x/a", "to": "x/b", "protocol": "SCTP", "port": 9 EXPECTED},
                   {"from": "x/a", "to": "x/a", "protocol": "ICMP" EXPECTED}]}]
      """;

  @TempDir
  private Path dir;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void verdictsArePrintedWithoutExpectations() throws IOException {
    Path file = file("case.json", CASE.replace(" EXPECTED", ""));
    assertEquals(0, run("policy", "verify", "--print", file.toString()));
    assertEquals("""
        c1 x/b x/a TCP/80 deny
        c1 x/a x/b SCTP/9 allow
        c1 x/a x/a ICMP/0 allow
        """, out.toString(StandardCharsets.UTF_8));
  }

  @Test
  void aDisagreementIsExplainedAndIsStatusOne() throws IOException {
    Path file = file("case.json", CASE.replace(" EXPECTED", ", \"expected\": \"allow\""));
    assertEquals(1, run("policy", "verify", file.toString()));
    String told = out.toString(StandardCharsets.UTF_8);
    assertTrue(told.contains("c1 x/b x/a TCP/80 deny, expected allow"), told);
    assertTrue(told.contains("isolated by [NetworkPolicy x/p]"), told);
    assertTrue(told.contains("1 cases, 2 verdicts, 1 disagreements"), told);
  }

  @Test
  void jsonHasTheDisagreements() throws IOException {
    Path file = file("case.json", CASE.replace(" EXPECTED", ", \"expected\": \"deny\""));
    assertEquals(1, run("-o", "json", "policy", "verify", file.toString()));
    String told = out.toString(StandardCharsets.UTF_8);
    assertTrue(told.contains("\"case\" : \"c1\""), told);
    assertTrue(told.contains("\"verdict\" : \"allow\""), told);
  }

  @Test
  void whatIsNoListOfCasesIsNamedWithItsPlace() throws IOException {
    Path file = file("case.json", "[\n{\"id\": }]");
    assertEquals(1, run("policy", "verify", file.toString()));
    assertEquals(1, run("policy", "verify", dir.resolve("none.json").toString()));
    String told = err.toString(StandardCharsets.UTF_8);
    assertTrue(told.contains("case.json, line 2: this is no JSON: Unexpected character"), told);
    assertTrue(told.contains("none.json: there is no such file"), told);
  }

  @Test
  void aBrokenCaseNamesFileCaseAndMember() throws IOException {
    Path file = file("case.json", CASE.replace("\"x/b\"", "\"x/nobody\"").replace(" EXPECTED", ""));
    assertEquals(1, run("policy", "verify", file.toString()));
    String told = err.toString(StandardCharsets.UTF_8);
    assertTrue(told.contains("case.json: case c1: nothing is called 'x/nobody'"), told);
  }

  @Test
  void everyCaseOfTheSharedDataAgrees() throws IOException {
    List<String> line = new ArrayList<>(List.of("policy", "verify"));
    sharedCases().forEach(file -> line.add(file.toString()));
    assertEquals(0, run(line.toArray(String[]::new)), () -> out.toString(StandardCharsets.UTF_8));
  }

  @Test
  void verdictsOfTheSharedDataComeFromThePoliciesAlone() throws IOException {
    ObjectMapper json = new ObjectMapper();
    List<String> expected = new ArrayList<>();
    List<String> line = new ArrayList<>(List.of("policy", "verify", "--print"));
    for (Path file : sharedCases()) {
      JsonNode cases = json.readTree(file.toFile());
      for (JsonNode one : cases) {
        ((ObjectNode) one).remove("matrix");
        for (JsonNode probe : one.path("probes")) {
          String words = one.path("id").asText() + " " + probe.path("from").asText() + " "
              + probe.path("to").asText() + " " + probe.path("protocol").asText() + "/"
              + probe.path("port").asText() + " ";
          boolean scored = !one.path("tags").toString().contains("\"implementation-defined\"");
          expected.add(words + (scored ? probe.path("expected").asText() : ""));
          ((ObjectNode) probe).remove(List.of("expected", "ingress", "egress"));
        }
      }
      Path stripped = dir.resolve(file.getFileName());
      json.writeValue(stripped.toFile(), cases);
      line.add(stripped.toString());
    }
    assertEquals(0, run(line.toArray(String[]::new)), () -> err.toString(StandardCharsets.UTF_8));
    List<String> printed = out.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals(expected.size(), printed.size());
    for (int i = 0; i < expected.size(); i++) {
      assertTrue(printed.get(i).startsWith(expected.get(i)), printed.get(i));
    }
    assertTrue(printed.stream().anyMatch(l -> l.endsWith(" allow")), "some pass");
    assertTrue(printed.stream().anyMatch(l -> l.endsWith(" deny")), "some do not");
  }

  private static List<Path> sharedCases() throws IOException {
    Path folder = shared().resolve("data/netpol");
    assumeTrue(Files.isDirectory(folder), "skipped: no policy cases at " + folder);
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(f -> f.getFileName().toString().matches("k8s-[^/]*\\.json"))
          .sorted()
          .toList();
    }
  }

  @Test
  void validateNamesFileLineAndField() throws IOException {
    Path file = file("policy.yaml", """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: p}
        spec:
          ingress:
            - from: [{ipBlock: {cidr: 10.0.0.0/33}}]
        """);
    assertEquals(1, run("validate", "-f", file.toString()));
    String told = out.toString(StandardCharsets.UTF_8);
    assertTrue(told.contains("policy.yaml:6: spec.ingress[0].from[0].ipBlock.cidr: "), told);
  }

  @Test
  void validateIsContentWithAGoodFile() throws IOException {
    Path file = file("ns.yaml", "{apiVersion: v1, kind: Namespace, metadata: {name: shop}}");
    assertEquals(0, run("-o", "json", "validate", "-f", file.toString()));
    String told = out.toString(StandardCharsets.UTF_8);
    assertTrue(told.contains("\"name\" : \"shop\""), told);
  }

  private static Path shared() {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(root.resolve(".ci")) && root.getParent() != null) {
      root = root.getParent();
    }
    return root.resolve("../shared").normalize();
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(dir.resolve(name), text);
  }

  private int run(String... args) {
    return Catwalk.run(
        Map.of(),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        args);
  }
}
