package dev.catwalk.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.lab.policy.CaseFile;
import dev.catwalk.lab.policy.Played;
import dev.catwalk.lab.policy.PolicyCase;
import dev.catwalk.lab.policy.Sample;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.shell.Teardown;
import dev.catwalk.lab.shell.TestSites;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * Policy cases on the real kernel: ours, of which one is wrong on purpose, and where the shared data
 * is there, sixty of its.
 */
@TestInstance(Lifecycle.PER_CLASS)
class PolicyLabTest {
  private static final int SAMPLE = 60;
  private static final String WRONG = "wrong-on-purpose";

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private List<PolicyCase> shared = List.of();
  private Site site;
  private PolicyRun run;

  @BeforeAll
  void play() throws Exception {
    Site made = TestSites.make("policy");
    site = made;
    List<PolicyCase> cases = new ArrayList<>(own());
    shared = Sample.pick(shared(), SAMPLE, 0);
    cases.addAll(shared);
    run = PolicyRun.play(site, cases, 3, new PrintStream(printed, true, StandardCharsets.UTF_8));
  }

  @AfterAll
  void down() throws LabException {
    if (site != null) {
      Teardown.remove(site);
      assertEquals(List.of(), Teardown.leftovers(site));
    }
  }

  private static List<PolicyCase> own() throws IOException {
    try (InputStream in = PolicyLabTest.class.getResourceAsStream("/policy-cases.json")) {
      byte[] bytes = Objects.requireNonNull(in).readAllBytes();
      return CaseFile.parse("policy-cases.json", new String(bytes, StandardCharsets.UTF_8));
    }
  }

  private List<PolicyCase> shared() throws Exception {
    Path folder = site.home().resolve("../shared/data/netpol").normalize();
    List<PolicyCase> cases = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.sorted().toList()) {
          if (file.getFileName().toString().startsWith("k8s-")) {
            cases.addAll(PolicyVerb.read(file));
          }
        }
      }
    }
    return cases;
  }

  private String text() {
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Test
  void everyPacketWentAsItsCaseSays() {
    List<Played> disagreements =
        run.disagreements().stream().filter(p -> !p.id().equals(WRONG)).toList();
    assertEquals(List.of(), disagreements, this::text);
    assertEquals(15, run.played().stream().filter(this::isOurs).count(), this::text);
    assertEquals(5 + shared.size(), run.cases(), this::text);
  }

  private boolean isOurs(Played played) {
    return (played.id().startsWith("labels-") || played.id().startsWith("node-"))
        && played.agrees()
        && played.scored();
  }

  @Test
  void aWrongExpectationIsADisagreement() {
    List<String> found = run.disagreements().stream()
        .filter(p -> p.id().equals(WRONG))
        .map(Played::toString)
        .toList();
    assertEquals(
        List.of(
            WRONG + " x/b x/a TCP/80 deny, expected allow",
            WRONG + " x/a x/b SCTP/9000 allow, expected deny"),
        found);
    assertTrue(text().contains("DISAGREES: " + WRONG + " x/b x/a TCP/80 deny"), this::text);
  }

  @Test
  void whatCannotBePlayedIsSaid() {
    TreeMap<String, String> left = new TreeMap<>(run.leftOut());
    assertEquals(List.of("no-place"), List.copyOf(left.keySet()));
    assertTrue(text().contains("left out: no-place: the addresses of the pods on n1"), this::text);
  }
}
