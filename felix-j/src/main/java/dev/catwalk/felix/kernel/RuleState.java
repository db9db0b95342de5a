package dev.catwalk.felix.kernel;

import dev.catwalk.felix.calc.Ruleset;
import dev.catwalk.felix.calc.Ruleset.AddressSet;
import dev.catwalk.felix.calc.Ruleset.ChainName;
import dev.catwalk.net.addr.Family;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What of ours the kernel has, as {@code iptables-save} and {@code ipset save} print it.
 *
 * @param chains our chains: the marks of their rules, in order; a rule without one has an empty one
 * @param hooks jumps from built-in chains to ours, before all rules of others
 * @param misplaced those that stand after a rule of others, which may keep packets from them
 * @param sets our address sets
 */
record RuleState(
    SortedMap<ChainName, List<String>> chains,
    SortedSet<Hook> hooks,
    SortedSet<Hook> misplaced,
    SortedMap<String, AddressSet> sets) {

  /**
   * A jump from a built-in chain.
   *
   * @param rule the whole rule as printed after {@code -A }
   */
  record Hook(Family family, String table, String rule) implements Comparable<Hook> {
    @Override
    public int compareTo(Hook other) {
      return (family + table + " " + rule).compareTo(other.family + other.table + " " + other.rule);
    }

    static Hook of(ChainName chain, String from) {
      return new Hook(chain.family(), chain.table(), from + " -j " + chain.name());
    }
  }

  private static final Pattern MARK = Pattern.compile("--comment \"?cw:([0-9a-f]{12})\\b");

  /** As we write it, and no other: a rule of others that uses our chains is theirs. */
  private static final Pattern HOOK = Pattern.compile("-A [A-Z]+ -j " + Ruleset.MARK + "[^ ]+");

  /** The mark of a rule, as {@code iptables-restore} reads it or {@code iptables-save} prints it. */
  static String mark(String rule) {
    Matcher matcher = MARK.matcher(rule);
    return matcher.find() ? matcher.group(1) : "";
  }

  /** The marks of rules that shall be. */
  static List<String> marks(Ruleset.Chain chain) {
    return chain.rules().stream().map(RuleState::mark).toList();
  }

  /** What the kernel has when all that is desired is in, and nothing else. */
  static RuleState of(Ruleset desired) {
    TreeMap<ChainName, List<String>> chains = new TreeMap<>();
    TreeSet<Hook> hooks = new TreeSet<>();
    desired.chains().forEach((name, chain) -> {
      chains.put(name, marks(chain));
      chain.hooks().forEach(from -> hooks.add(Hook.of(name, from)));
    });
    return new RuleState(chains, hooks, Collections.emptySortedSet(), desired.sets());
  }

  /** The same rules with other sets. */
  RuleState with(SortedMap<String, AddressSet> others) {
    return new RuleState(chains, hooks, misplaced, others);
  }

  /** Reads the output of {@code iptables-save} for each family and that of {@code ipset save}. */
  static RuleState parse(SortedMap<Family, String> saved, String sets) {
    TreeMap<ChainName, List<String>> chains = new TreeMap<>();
    TreeSet<Hook> hooks = new TreeSet<>();
    TreeSet<Hook> misplaced = new TreeSet<>();
    saved.forEach((family, text) -> parseChains(family, text, chains, hooks, misplaced));
    misplaced.removeAll(hooks); // A second one does no harm.
    return new RuleState(chains, hooks, misplaced, parseSets(sets));
  }

  private static void parseChains(
      Family family,
      String text,
      TreeMap<ChainName, List<String>> chains,
      TreeSet<Hook> hooks,
      TreeSet<Hook> misplaced) {
    String table = "";
    TreeSet<String> begun = new TreeSet<>(); // chains of this table with a rule of others
    for (String line : text.lines().toList()) {
      if (line.startsWith("*")) {
        table = line.substring(1);
        begun.clear();
      } else if (line.startsWith(":" + Ruleset.MARK)) {
        String name = line.substring(1, line.indexOf(' '));
        chains.putIfAbsent(new ChainName(family, table, name), new ArrayList<>());
      } else if (line.startsWith("-A " + Ruleset.MARK)) {
        String name = line.substring(3, line.indexOf(' ', 3));
        chains
            .computeIfAbsent(new ChainName(family, table, name), n -> new ArrayList<>())
            .add(mark(line));
      } else if (HOOK.matcher(line).matches()) {
        boolean isFirst = !begun.contains(line.split(" ", 3)[1]);
        (isFirst ? hooks : misplaced).add(new Hook(family, table, line.substring(3)));
      } else if (line.startsWith("-A ")) {
        begun.add(line.split(" ", 3)[1]);
      }
    }
  }

  private static SortedMap<String, AddressSet> parseSets(String text) {
    TreeMap<String, AddressSet> sets = new TreeMap<>();
    TreeMap<String, SortedSet<String>> members = new TreeMap<>();
    for (String line : text.lines().toList()) {
      String[] words = line.split(" ");
      if (words.length < 3 || !words[1].startsWith(Ruleset.MARK)) {
        continue;
      }
      if (words[0].equals("create")) {
        Family family = line.contains(" family inet6 ") ? Family.IPV6 : Family.IPV4;
        sets.put(words[1], new AddressSet(family, words[2], Collections.emptySortedSet()));
      } else if (words[0].equals("add")) {
        members.computeIfAbsent(words[1], n -> new TreeSet<>()).add(words[2]);
      }
    }
    members.forEach((name, all) ->
        sets.computeIfPresent(name, (n, s) -> new AddressSet(s.family(), s.type(), all)));
    return sets;
  }
}
