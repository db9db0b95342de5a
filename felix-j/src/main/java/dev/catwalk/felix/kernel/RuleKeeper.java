package dev.catwalk.felix.kernel;

import dev.catwalk.felix.calc.Ruleset;
import dev.catwalk.felix.kernel.Programs.Program;
import dev.catwalk.net.addr.Family;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Keeps rules and address sets as desired, by one of the two iptables and ipset. Reads what is there
 * on each pass and writes only what differs. What an earlier agent left in the other iptables goes
 * when ours are in. Without thread or clock of its own.
 */
final class RuleKeeper {
  private final Programs programs;
  private final Iptables iptables;

  private Optional<Ruleset> reconciled = Optional.empty();
  private boolean otherIsClean;
  private long writes;
  private long repairs;

  RuleKeeper(Programs programs, Iptables iptables) {
    this.programs = programs;
    this.iptables = iptables;
  }

  void reconcile(Ruleset desired) throws KernelException {
    boolean nothingThere = desired.equals(Ruleset.EMPTY)
        && (!iptables.isInstalled() || Program.IPSET.path().isEmpty());
    if (nothingThere) {
      return; // Without the programs none of it was ever ours.
    }
    RulePlan plan = RulePlan.between(desired, read());
    int done = 0;
    done += sets(plan.setAdditions());
    done += chains(iptables, plan.chains());
    done += chains(iptables, plan.chainRemovals());
    done += cleanOther();
    done += sets(plan.setRemovals());
    writes += done;
    repairs += reconciled.filter(desired::equals).isPresent() ? done : 0;
    reconciled = Optional.of(desired);
  }

  /** Whether the kernel has what was last written; false before the first time. Writes nothing. */
  boolean isKept() throws KernelException {
    return reconciled.isPresent() && RulePlan.between(reconciled.get(), read()).isEmpty();
  }

  private RuleState read() throws KernelException {
    return RuleState.parse(saved(iptables), programs.run(Program.IPSET, List.of("save"), ""));
  }

  private SortedMap<Family, String> saved(Iptables from) throws KernelException {
    TreeMap<Family, String> saved = new TreeMap<>();
    for (Family family : Family.values()) {
      saved.put(family, programs.run(from.save(family), List.of(), ""));
    }
    return saved;
  }

  private int cleanOther() throws KernelException {
    Iptables other = iptables.other();
    if (otherIsClean || !other.isInstalled()) {
      return 0;
    }
    SortedMap<Family, String> saved;
    try {
      saved = saved(other);
    } catch (KernelException e) {
      otherIsClean = true; // The kernel does not have it.
      return 0;
    }
    RulePlan plan = RulePlan.between(Ruleset.EMPTY, RuleState.parse(saved, ""));
    int done = chains(other, plan.chainRemovals());
    otherIsClean = true;
    return done;
  }

  private int sets(String text) throws KernelException {
    if (text.isEmpty()) {
      return 0;
    }
    // What is there already, and what is gone already, is as it shall be.
    programs.run(Program.IPSET, List.of("-exist", "restore"), text);
    return 1;
  }

  private int chains(Iptables to, SortedMap<Family, String> texts) throws KernelException {
    List<String> arguments = new ArrayList<>(to.waiting());
    arguments.add("--noflush");
    for (var text : texts.entrySet()) {
      programs.run(to.restore(text.getKey()), arguments, text.getValue());
    }
    return texts.size();
  }

  long writes() {
    return writes;
  }

  long repairs() {
    return repairs;
  }
}
