package dev.catwalk.acl.cases;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.acl.calc.Calculator;
import dev.catwalk.acl.calc.Compiled;
import dev.catwalk.acl.calc.Compiler;
import dev.catwalk.acl.model.Namespace;
import dev.catwalk.acl.model.Policy;
import dev.catwalk.acl.model.PolicyKey;
import dev.catwalk.acl.model.PolicyState;
import dev.catwalk.acl.model.Workload;
import dev.catwalk.acl.model.WorkloadKey;
import dev.catwalk.acl.verdict.Evaluator;
import dev.catwalk.acl.verdict.Packet;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
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
      wanted.add(Compiler.compile(state, some(state)));
    }
    assertEquals(wanted, run(states), "in order");
    Collections.reverse(states);
    Collections.reverse(wanted);
    assertEquals(wanted, run(states), "reversed");
    Calculator squashed = new Calculator();
    states.forEach(state -> squashed.become(state, some(state)));
    assertEquals(wanted.getLast(), squashed.compiled(), "squashed");
    squashed.become(PolicyState.of(List.of(), List.of(), List.of()), new TreeSet<>());
    assertEquals(Compiled.empty(), squashed.compiled(), "emptied");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void eachSingleChangeGivesWhatTheWholeStateGives(long seed) {
    RandomCluster cluster = new RandomCluster(seed);
    PolicyState first = cluster.state();
    PolicyState second = cluster.state();
    SortedSet<WorkloadKey> local = some(first);
    local.addAll(some(second));
    Calculator calculator = new Calculator();
    calculator.become(first, local);
    List<UnaryOperator<PolicyState>> changes = changes(calculator, first, second);
    Collections.shuffle(changes, new Random(seed));
    PolicyState state = first;
    for (UnaryOperator<PolicyState> change : changes) {
      state = change.apply(state);
      assertEquals(Compiler.compile(state, local), calculator.compiled());
    }
    assertEquals(second, state);
  }

  /** One for each object that differs; it tells the calculator, too. */
  private static List<UnaryOperator<PolicyState>> changes(
      Calculator calculator, PolicyState first, PolicyState second) {
    List<UnaryOperator<PolicyState>> changes = new ArrayList<>();
    for (String name : union(first.namespaces(), second.namespaces())) {
      Namespace after = second.namespaces().get(name);
      changes.add(s -> {
        if (after == null) {
          calculator.removeNamespace(name);
        } else {
          calculator.put(after);
        }
        return new PolicyState(
            with(s.namespaces(), name, after), s.workloads(), s.policies(), s.nodes());
      });
    }
    for (WorkloadKey key : union(first.workloads(), second.workloads())) {
      Workload after = second.workloads().get(key);
      changes.add(s -> {
        if (after == null) {
          calculator.remove(key);
        } else {
          calculator.put(after);
        }
        return new PolicyState(
            s.namespaces(), with(s.workloads(), key, after), s.policies(), s.nodes());
      });
    }
    for (PolicyKey key : union(first.policies(), second.policies())) {
      Policy after = second.policies().get(key);
      changes.add(s -> {
        if (after == null) {
          calculator.remove(key);
        } else {
          calculator.put(after);
        }
        return new PolicyState(
            s.namespaces(), s.workloads(), with(s.policies(), key, after), s.nodes());
      });
    }
    return changes;
  }

  private static <K> SortedSet<K> union(SortedMap<K, ?> one, SortedMap<K, ?> other) {
    SortedSet<K> keys = new TreeSet<>(one.keySet());
    keys.addAll(other.keySet());
    return keys;
  }

  private static <K, V> SortedMap<K, V> with(SortedMap<K, V> map, K key, V value) {
    SortedMap<K, V> copy = new TreeMap<>(map);
    if (value == null) {
      copy.remove(key);
    } else {
      copy.put(key, value);
    }
    return copy;
  }

  private static List<Compiled> run(List<PolicyState> states) {
    Calculator calculator = new Calculator();
    List<Compiled> all = new ArrayList<>();
    for (PolicyState state : states) {
      calculator.become(state, some(state));
      all.add(calculator.compiled());
    }
    return all;
  }

  private static SortedSet<WorkloadKey> keys(PolicyState state) {
    return new TreeSet<>(state.workloads().keySet());
  }

  /** Some of the pods are this node's. */
  private static SortedSet<WorkloadKey> some(PolicyState state) {
    SortedSet<WorkloadKey> keys = keys(state);
    keys.removeIf(key -> key.name().equals(state.workloads().size() % 2 == 0 ? "a" : "b"));
    return keys;
  }
}
