package dev.catwalk.felix.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.felix.calc.Ruleset;
import dev.catwalk.felix.calc.Ruleset.AddressSet;
import dev.catwalk.felix.kernel.RulePlan.Member;
import dev.catwalk.net.addr.Family;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What a change of members costs in looks at the kernel, and what comes of a kernel that differs. */
class RuleKeeperTest {
  private static final String SETS = "create cw-4a hash:ip family inet\nadd cw-4a 10.0.0.1\n";

  private final List<String> done = new ArrayList<>();
  private List<Integer> rules = List.of(7);
  private boolean refusing;

  private final RuleKeeper keeper =
      new RuleKeeper(new ReadKernel(), Iptables.NFT, new Traced(), new Written());

  private final class ReadKernel extends Programs {
    @Override
    String run(Program program, List<String> arguments, String input) {
      if (program != Program.IPSET) {
        return "";
      }
      done.add("read");
      return SETS;
    }
  }

  private final class Traced implements RuleKeeper.Tracer {
    @Override
    public RuleTrace trace(Ruleset desired) {
      done.add("trace");
      TreeMap<String, Long> sizes = new TreeMap<>();
      sizes.put("cw-4a", 1L);
      return new RuleTrace(rules, sizes);
    }

    @Override
    public List<Integer> rules(Ruleset desired) {
      return rules;
    }
  }

  private final class Written implements RuleKeeper.Members {
    @Override
    public void add(List<Member> members) throws KernelException {
      if (refusing) {
        refusing = false;
        throw new KernelException("no such set");
      }
      members.forEach(m -> done.add("+" + m.text()));
    }

    @Override
    public void remove(List<Member> members) {
      members.forEach(m -> done.add("-" + m.text()));
    }
  }

  @Test
  void aChangeOfMembersAloneIsWrittenWithoutALook() throws KernelException {
    keeper.reconcile(members("10.0.0.1"), false);
    done.clear();
    keeper.reconcile(members("10.0.0.1 10.0.0.2"), true);
    keeper.reconcile(members("10.0.0.2"), true);
    assertEquals(List.of("+10.0.0.2", "-10.0.0.1"), done);
    done.clear();
    keeper.reconcile(members("10.0.0.2"), true);
    assertEquals("trace", done.getFirst(), "nothing new is the time for a look");
  }

  @Test
  void whereNobodyTrustsAllIsLookedAt() throws KernelException {
    keeper.reconcile(members("10.0.0.1"), false);
    done.clear();
    keeper.reconcile(members("10.0.0.1 10.0.0.2"), false);
    assertEquals(List.of("trace", "+10.0.0.2"), done);
  }

  @Test
  void otherRulesOrASetThatIsGoneMakeItReadAll() throws KernelException {
    keeper.reconcile(members("10.0.0.1"), false);
    done.clear();
    rules = List.of(8);
    keeper.reconcile(members("10.0.0.1 10.0.0.2"), true);
    assertEquals(List.of("trace", "read", "+10.0.0.2"), done);
    done.clear();
    refusing = true;
    keeper.reconcile(members("10.0.0.1 10.0.0.2 10.0.0.3"), true);
    assertEquals(List.of("trace", "read", "+10.0.0.2", "+10.0.0.3"), done);
  }

  private static Ruleset members(String members) {
    TreeMap<String, AddressSet> sets = new TreeMap<>();
    sets.put(
        "cw-4a",
        new AddressSet(Family.IPV4, "hash:ip", new TreeSet<>(Arrays.asList(members.split(" ")))));
    return new Ruleset(new TreeMap<>(), sets);
  }
}
