package dev.catwalk.acl.cases;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.acl.calc.Calculator;
import dev.catwalk.acl.calc.Compiled;
import dev.catwalk.acl.calc.Compiler;
import dev.catwalk.acl.model.PolicyState;
import dev.catwalk.acl.model.WorkloadKey;
import dev.catwalk.acl.verdict.Evaluator;
import dev.catwalk.acl.verdict.Packet;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random clusters, each from its seed: the evaluator and the compiled programs, which share no
 * code, must agree, and what is compiled must depend on the state alone.
 */
class AgreementTest {
  private static final int SEEDS = 150;

  @Test
  void evaluatorAndProgramsAgree() {
    int allowed = 0;
    int denied = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      PolicyState state = new RandomCluster(seed).state();
      Evaluator evaluator = new Evaluator(state);
      Compiled compiled = Compiler.compile(state, keys(state));
      List<IpAddress> places = RandomCluster.places(state);
      for (IpAddress from : places) {
        for (IpAddress to : places) {
          if (from.family() == to.family() && !from.equals(to)) {
            for (int protocol : new int[] {1, 6, 17, 132}) {
              for (int port : protocol == 1 ? new int[] {0} : new int[] {53, 80, 120}) {
                boolean passes =
                    evaluator.judge(new Packet(from, to, protocol, port)).allowed();
                boolean compiledPasses =
                    ProgramInterpreter.passes(compiled, from, to, protocol, port);
                String packet =
                    "seed " + seed + ": " + from + " " + to + " " + protocol + "/" + port;
                assertEquals(passes, compiledPasses, packet);
                allowed += passes ? 1 : 0;
                denied += passes ? 0 : 1;
              }
            }
          }
        }
      }
    }
    assertTrue(allowed > 10_000 && denied > 10_000, allowed + " allowed, " + denied + " denied");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void whatIsCompiledDependsOnTheStateAlone(long seed) {
    List<PolicyState> states = new ArrayList<>();
    List<Compiled> wanted = new ArrayList<>();
    RandomCluster cluster = new RandomCluster(seed);
    for (int i = 0; i < 12; i++) {
      PolicyState state = cluster.state();
      states.add(state);
      wanted.add(Compiler.compile(state, keys(state)));
    }
    assertEquals(wanted, run(states), "in order");
    Collections.reverse(states);
    Collections.reverse(wanted);
    assertEquals(wanted, run(states), "reversed");
    Calculator squashed = new Calculator();
    states.forEach(state -> squashed.become(state, keys(state)));
    assertEquals(wanted.getLast(), squashed.compiled(), "squashed");
    squashed.become(PolicyState.of(List.of(), List.of(), List.of()), new TreeSet<>());
    assertEquals(Compiled.empty(), squashed.compiled(), "emptied");
  }

  private static List<Compiled> run(List<PolicyState> states) {
    Calculator calculator = new Calculator();
    List<Compiled> all = new ArrayList<>();
    for (PolicyState state : states) {
      calculator.become(state, keys(state));
      all.add(calculator.compiled());
    }
    return all;
  }

  private static SortedSet<WorkloadKey> keys(PolicyState state) {
    return new TreeSet<>(state.workloads().keySet());
  }
}
