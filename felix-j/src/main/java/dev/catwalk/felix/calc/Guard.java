package dev.catwalk.felix.calc;

import dev.catwalk.acl.render.Rendered;
import dev.catwalk.felix.calc.Ruleset.Chain;
import dev.catwalk.felix.calc.Ruleset.ChainName;
import dev.catwalk.net.addr.Family;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/**
 * What drops packets from or to pods that no program has let pass, in a table that stays when
 * somebody flushes {@code filter}: whatever is missing there, nothing passes. The first that the
 * kernel has is used; {@link Ruleset}s ask for the first of all.
 */
public enum Guard {
  /** Its FORWARD comes after that of {@code filter}. Not every kernel has it. */
  SECURITY,

  /**
   * Its POSTROUTING comes after it too, and knows nothing of where a packet came from: a mark keeps
   * that from FORWARD, which comes before.
   */
  MANGLE;

  private static final String NAME = "cw-guard";

  /** Their chains, which never change: put together once, for their marks are hashes. */
  private static final class Made {
    private static final EnumMap<Guard, TreeMap<String, Chain>> CHAINS = new EnumMap<>(Guard.class);

    static {
      for (Guard guard : values()) {
        CHAINS.put(guard, guard.chains());
      }
    }
  }

  /** Bits of a packet's mark, with their masks. */
  private static final String LEAVES = "0x4000000/0x4000000";

  private static final String ENTERS = "0x8000000/0x8000000";

  /** It leaves, and nobody said that it may. */
  private static final String UNASKED_LEAVES = "0x4000000/0x5000000";

  private static final String UNASKED_ENTERS = "0x8000000/0xa000000";

  /** As iptables names it. */
  public String table() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether a ruleset asks for one. */
  public static boolean isIn(Ruleset rules) {
    return rules.chains().keySet().stream().anyMatch(Guard::isOne);
  }

  /** The same rules with this one, of both families, and with no other. */
  public Ruleset in(Ruleset rules) {
    TreeMap<ChainName, Chain> all = new TreeMap<>(without(rules).chains());
    for (Family family : Family.values()) {
      Made.CHAINS
          .getOrDefault(this, new TreeMap<>())
          .forEach((name, chain) -> all.put(new ChainName(family, table(), name), chain));
    }
    return new Ruleset(all, rules.sets());
  }

  /** The same rules with none. */
  public static Ruleset without(Ruleset rules) {
    TreeMap<ChainName, Chain> others = new TreeMap<>(rules.chains());
    others.keySet().removeIf(Guard::isOne);
    return new Ruleset(others, rules.sets());
  }

  private static boolean isOne(ChainName name) {
    return name.name().startsWith(NAME)
        && Arrays.stream(values()).anyMatch(g -> g.table().equals(name.table()));
  }

  private TreeMap<String, Chain> chains() {
    TreeMap<String, Chain> chains = new TreeMap<>();
    switch (this) {
      case SECURITY ->
        chains.put(
            NAME,
            new Chain(
                List.of(
                    drop("-i cw+ -m mark ! --mark " + Rendered.MAY_LEAVE),
                    drop("-o cw+ -m mark ! --mark " + Rendered.MAY_ENTER)),
                List.of("FORWARD")));
      case MANGLE -> {
        chains.put(
            NAME + "-in",
            new Chain(
                List.of(
                    Ruleset.marked("-i cw+", "a pod sends it", "-j MARK --set-xmark " + LEAVES),
                    Ruleset.marked("-o cw+", "a pod gets it", "-j MARK --set-xmark " + ENTERS)),
                List.of("FORWARD")));
        chains.put(
            NAME,
            new Chain(
                List.of(
                    drop("-m mark --mark " + UNASKED_LEAVES),
                    drop("-m mark --mark " + UNASKED_ENTERS)),
                List.of("POSTROUTING")));
      }
    }
    return chains;
  }

  private static String drop(String match) {
    return Ruleset.marked(match, "a pod's, and let through by nobody", "-j DROP");
  }
}
