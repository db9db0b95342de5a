package dev.catwalk.lab.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SampleTest {

  /** A hundred of one file, a run of three among them; five of another; some tags are rare. */
  private static List<PolicyCase> cases() {
    StringBuilder many = new StringBuilder("[");
    for (int i = 0; i < 100; i++) {
      String sequence = i >= 40 && i < 43
          ? ", \"sequence\": {\"id\": \"s\", \"step\": " + (i - 39) + ", \"of\": 3}"
          : "";
      many.append(i == 0 ? "" : ",").append("{\"id\": \"m").append(i).append("\", \"tags\": [\"t");
      many.append(i % 7).append(i == 77 ? "\", \"rare" : "").append("\"]").append(sequence);
      many.append("}");
    }
    List<PolicyCase> cases = new ArrayList<>(CaseFile.parse("many.json", many + "]"));
    StringBuilder few = new StringBuilder("[");
    for (int i = 0; i < 5; i++) {
      few.append(i == 0 ? "" : ",").append("{\"id\": \"f").append(i).append("\"}");
    }
    cases.addAll(CaseFile.parse("few.json", few + "]"));
    return cases;
  }

  private static List<String> ids(List<PolicyCase> cases) {
    return cases.stream().map(PolicyCase::id).toList();
  }

  @Test
  void everyFileAndTagHasItsShare() {
    List<PolicyCase> picked = Sample.pick(cases(), 20, 1);
    assertEquals(20, picked.size());
    TreeSet<String> tags = new TreeSet<>();
    picked.forEach(c -> tags.addAll(c.tags()));
    assertEquals("[rare, t0, t1, t2, t3, t4, t5, t6]", tags.toString());
    assertTrue(
        ids(picked).stream().anyMatch(i -> i.startsWith("f")), () -> ids(picked).toString());
    assertTrue(ids(picked).contains("m77"), "the only one with its tag");
    assertTrue(
        ids(picked).containsAll(List.of("m40", "m41", "m42")), "a run of states is one whole");
  }

  @Test
  void theSeedAloneDecides() {
    assertEquals(ids(Sample.pick(cases(), 20, 1)), ids(Sample.pick(cases(), 20, 1)));
    assertNotEquals(ids(Sample.pick(cases(), 20, 1)), ids(Sample.pick(cases(), 20, 2)));
  }

  @Test
  void theOrderIsThatOfTheFiles() {
    List<String> all = ids(cases());
    List<String> picked = ids(Sample.pick(cases(), 20, 3));
    assertEquals(all.stream().filter(picked::contains).toList(), picked);
  }

  @Test
  void moreThanThereAreIsAll() {
    assertEquals(105, Sample.pick(cases(), 1000, 0).size());
    assertTrue(Sample.pick(cases(), 1, 0).size() <= 1);
  }
}
