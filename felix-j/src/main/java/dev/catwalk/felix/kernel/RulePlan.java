package dev.catwalk.felix.kernel;

import dev.catwalk.felix.calc.Ruleset;
import dev.catwalk.felix.calc.Ruleset.AddressSet;
import dev.catwalk.felix.calc.Ruleset.Chain;
import dev.catwalk.felix.calc.Ruleset.ChainName;
import dev.catwalk.felix.kernel.RuleState.Hook;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.diff.Delta;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What is to be written, in this order, so that no packet ever meets half of it: sets and members
 * that rules will need; then all changed chains of a table with their hooks, in one transaction;
 * then what no rule needs any more. An empty text means there is nothing to do.
 *
 * @param newSets for {@code ipset restore}, with all that is in them
 * @param newMembers of sets that are there
 * @param chains for {@code iptables-restore --noflush}, by family
 * @param chainRemovals the same
 * @param staleMembers of sets that stay
 * @param staleSets for {@code ipset restore}
 * @param changedRules how many chains, and jumps to them from built-in ones, are written or removed
 * @param changedSets how many sets are made, filled, emptied or removed
 */
record RulePlan(
    String newSets,
    List<Member> newMembers,
    SortedMap<Family, String> chains,
    SortedMap<Family, String> chainRemovals,
    List<Member> staleMembers,
    String staleSets,
    int changedRules,
    int changedSets) {

  /** Members of one set; ipset's own default, 65536, is too few for a large cluster's pods. */
  private static final int MAX_MEMBERS = 1 << 20;

  /**
   * A member of a set.
   *
   * @param type of the set
   * @param text as {@code ipset save} prints it
   */
  record Member(String set, String type, String text) {}

  RulePlan {
    newMembers = List.copyOf(newMembers);
    staleMembers = List.copyOf(staleMembers);
  }

  boolean isEmpty() {
    return newMembers.isEmpty() && staleMembers.isEmpty() && changesMembersAlone();
  }

  /** Whether chains and sets are as they shall be, whatever is in the sets. */
  boolean changesMembersAlone() {
    return newSets.isEmpty() && chains.isEmpty() && chainRemovals.isEmpty() && staleSets.isEmpty();
  }

  static RulePlan between(Ruleset desired, RuleState actual) {
    SortedMap<Table, Commands> changed = changed(desired, actual);
    SortedMap<Table, Commands> stale = stale(desired, actual);
    return plan(Sets.between(desired, actual), changed, stale);
  }

  /** The same where chains are known to be as desired. */
  static RulePlan ofSets(Ruleset desired, RuleState actual) {
    return plan(
        Sets.between(desired, actual), Collections.emptySortedMap(), Collections.emptySortedMap());
  }

  private static RulePlan plan(
      Sets sets, SortedMap<Table, Commands> changed, SortedMap<Table, Commands> stale) {
    return new RulePlan(
        sets.made.toString(),
        sets.added,
        texts(changed),
        texts(stale),
        sets.removed,
        sets.destroyed.toString(),
        count(changed) + count(stale),
        sets.changed);
  }

  /** What is to be done with sets. */
  private static final class Sets {
    final StringBuilder made = new StringBuilder();
    final StringBuilder destroyed = new StringBuilder();
    final List<Member> added = new ArrayList<>();
    final List<Member> removed = new ArrayList<>();
    int changed;

    static Sets between(Ruleset desired, RuleState actual) {
      Sets sets = new Sets();
      desired.sets().forEach((name, set) -> {
        AddressSet there = actual.sets().get(name);
        if (there == null) {
          sets.make(name, set);
        } else {
          sets.change(name, there, set);
        }
      });
      for (String name : actual.sets().keySet()) {
        if (!desired.sets().containsKey(name)) {
          sets.destroyed.append("destroy " + name + "\n");
          sets.changed++;
        }
      }
      return sets;
    }

    void make(String name, AddressSet set) {
      made.append(create(name, set));
      set.members().forEach(m -> made.append("add " + name + " " + m + "\n"));
      changed++;
    }

    void change(String name, AddressSet there, AddressSet set) {
      if (there.members().equals(set.members())) {
        return;
      }
      Delta<String> members = Delta.between(set.members(), there.members());
      members.missing().forEach(m -> added.add(new Member(name, set.type(), m)));
      members.stale().forEach(m -> removed.add(new Member(name, set.type(), m)));
      changed++;
    }
  }

  private static String create(String name, AddressSet set) {
    String family = set.family() == Family.IPV4 ? "inet" : "inet6";
    return "create " + name + " " + set.type() + " family " + family + " maxelem " + MAX_MEMBERS
        + "\n";
  }

  /** A table of a family. */
  private record Table(Family family, String name) implements Comparable<Table> {
    @Override
    public int compareTo(Table other) {
      int byFamily = family.compareTo(other.family);
      return byFamily != 0 ? byFamily : name.compareTo(other.name);
    }
  }

  /** Commands on a table: chains that are declared, which empties them, and what follows. */
  private static final class Commands {
    final List<String> declared = new ArrayList<>();
    final List<String> commands = new ArrayList<>();
  }

  private static SortedMap<Table, Commands> changed(Ruleset desired, RuleState actual) {
    TreeMap<Table, Commands> tables = new TreeMap<>();
    SortedSet<Hook> hooks = desiredHooks(desired);
    desired.chains().forEach((name, chain) -> {
      if (!RuleState.marks(chain).equals(actual.chains().get(name))) {
        Commands table = table(tables, name.family(), name.table());
        table.declared.add(name.name());
        chain.rules().forEach(r -> table.commands.add("-A " + name.name() + " " + r));
      }
    });
    for (Hook hook : hooks) {
      if (!actual.hooks().contains(hook)) {
        String[] fromAndRest = hook.rule().split(" ", 2);
        List<String> commands = table(tables, hook.family(), hook.table()).commands;
        if (actual.misplaced().contains(hook)) {
          commands.add("-D " + hook.rule());
        }
        commands.add("-I " + fromAndRest[0] + " 1 " + fromAndRest[1]);
      }
    }
    return tables;
  }

  private static SortedMap<Table, Commands> stale(Ruleset desired, RuleState actual) {
    TreeMap<Table, Commands> tables = new TreeMap<>();
    SortedSet<Hook> hooks = desiredHooks(desired);
    TreeSet<Hook> all = new TreeSet<>(actual.hooks());
    all.addAll(actual.misplaced());
    for (Hook hook : all) {
      if (!hooks.contains(hook)) {
        table(tables, hook.family(), hook.table()).commands.add("-D " + hook.rule());
      }
    }
    for (ChainName name : actual.chains().keySet()) {
      if (!desired.chains().containsKey(name)) {
        table(tables, name.family(), name.table()).declared.add(name.name());
      }
    }
    for (ChainName name : actual.chains().keySet()) {
      if (!desired.chains().containsKey(name)) {
        table(tables, name.family(), name.table()).commands.add("-X " + name.name());
      }
    }
    return tables;
  }

  private static SortedSet<Hook> desiredHooks(Ruleset desired) {
    TreeSet<Hook> hooks = new TreeSet<>();
    for (var entry : desired.chains().entrySet()) {
      Chain chain = entry.getValue();
      chain.hooks().forEach(from -> hooks.add(Hook.of(entry.getKey(), from)));
    }
    return hooks;
  }

  private static Commands table(TreeMap<Table, Commands> tables, Family family, String name) {
    return tables.computeIfAbsent(new Table(family, name), t -> new Commands());
  }

  private static int count(SortedMap<Table, Commands> tables) {
    int count = 0;
    for (Commands table : tables.values()) {
      long hooks = table.commands.stream()
          .filter(c -> c.startsWith("-I ") || c.startsWith("-D "))
          .count();
      count += table.declared.size() + (int) hooks;
    }
    return count;
  }

  private static SortedMap<Family, String> texts(SortedMap<Table, Commands> tables) {
    TreeMap<Family, String> texts = new TreeMap<>();
    tables.forEach((table, commands) -> {
      StringBuilder text = new StringBuilder("*" + table.name + "\n");
      commands.declared.forEach(c -> text.append(":" + c + " - [0:0]\n"));
      commands.commands.forEach(c -> text.append(c).append('\n'));
      text.append("COMMIT\n");
      texts.merge(table.family, text.toString(), String::concat);
    });
    return texts;
  }
}
