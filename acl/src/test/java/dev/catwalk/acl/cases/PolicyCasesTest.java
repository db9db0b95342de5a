package dev.catwalk.acl.cases;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.catwalk.acl.calc.Compiled;
import dev.catwalk.acl.calc.Compiler;
import dev.catwalk.acl.cases.PolicyCase.Expectation;
import dev.catwalk.acl.verdict.Evaluator;
import dev.catwalk.acl.verdict.Packet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The truth tables of other projects, against the evaluator and against the compiled programs. */
class PolicyCasesTest {

  @BeforeAll
  static void data() {
    assumeTrue(
        Files.isDirectory(PolicyCase.folder()),
        "skipped: no policy cases at " + PolicyCase.folder());
  }

  @Test
  void theEvaluatorAgreesWithEveryCase() throws IOException {
    check(one -> {
      Evaluator evaluator = new Evaluator(one.state());
      return e -> evaluator
          .judge(new Packet(e.source(), e.destination(), e.protocol().number(), e.port()))
          .allowed();
    });
  }

  @Test
  void theCompiledProgramsAgreeWithEveryCase() throws IOException {
    check(one -> {
      Compiled compiled =
          Compiler.compile(one.state(), new TreeSet<>(one.state().workloads().keySet()));
      return e -> ProgramInterpreter.passes(
          compiled, e.source(), e.destination(), e.protocol().number(), e.port());
    });
  }

  private interface Judge {
    Predicate<Expectation> of(PolicyCase one);
  }

  private static void check(Judge judge) throws IOException {
    List<String> disagreements = new ArrayList<>();
    int checked = 0;
    for (Path file : PolicyCase.files()) {
      for (PolicyCase one : PolicyCase.read(file)) {
        Predicate<Expectation> judged = judge.of(one);
        for (Expectation expectation : one.expectations()) {
          checked++;
          if (judged.test(expectation) != expectation.allowed()) {
            disagreements.add(one.id() + " " + expectation);
          }
        }
      }
    }
    assertEquals(List.of(), disagreements);
    assertTrue(checked > 10_000, checked + " expectations");
  }
}
