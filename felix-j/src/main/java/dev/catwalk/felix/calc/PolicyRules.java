package dev.catwalk.felix.calc;

import dev.catwalk.acl.calc.Compiled;
import dev.catwalk.acl.model.WorkloadKey;
import dev.catwalk.acl.render.ChainMemo;
import dev.catwalk.acl.render.Iptables;
import dev.catwalk.acl.render.Rendered;
import dev.catwalk.felix.calc.Ruleset.AddressSet;
import dev.catwalk.felix.calc.Ruleset.Chain;
import dev.catwalk.felix.calc.Ruleset.ChainName;
import dev.catwalk.net.addr.Family;
import java.util.EnumMap;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/** Compiled policy in the form that the kernel's room takes. Not for several threads. */
final class PolicyRules {
  private static final String TABLE = "filter";

  private final EnumMap<Family, ChainMemo> memos = new EnumMap<>(Family.class);

  /** The rules for all endpoints that have a link, both families. */
  Ruleset of(Compiled compiled, SortedMap<WorkloadKey, SortedSet<String>> links) {
    TreeMap<ChainName, Chain> chains = new TreeMap<>();
    TreeMap<String, AddressSet> sets = new TreeMap<>();
    for (Family family : Family.values()) {
      Rendered rendered = Iptables.render(
          compiled, links, family, memos.computeIfAbsent(family, f -> new ChainMemo()));
      for (Rendered.Chain chain : rendered.chains().values()) {
        List<String> hooks = switch (chain.name()) {
          case Rendered.FORWARD -> List.of("FORWARD");
          case Rendered.INPUT -> List.of("INPUT");
          default -> List.of();
        };
        chains.put(new ChainName(family, TABLE, chain.name()), new Chain(chain.rules(), hooks));
      }
      for (Rendered.IpSet set : rendered.sets().values()) {
        sets.put(set.name(), new AddressSet(family, set.type(), set.members()));
      }
    }
    return Guard.SECURITY.in(new Ruleset(chains, sets));
  }
}
