package dev.catwalk.felix.kernel;

import dev.catwalk.felix.calc.Ruleset;
import dev.catwalk.felix.kernel.Programs.Program;
import dev.catwalk.net.addr.Family;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Keeps rules and address sets as desired, by iptables' nft variant and ipset. Reads what is there
 * on each pass and writes only what differs. Without thread or clock of its own.
 */
final class RuleKeeper {
  private final Programs programs;

  private Optional<Ruleset> reconciled = Optional.empty();
  private long writes;
  private long repairs;

  RuleKeeper(Programs programs) {
    this.programs = programs;
  }

  void reconcile(Ruleset desired) throws KernelException {
    boolean nothingThere = desired.equals(Ruleset.EMPTY)
        && Program.IPTABLES_SAVE.path().isEmpty()
        && Program.IPSET.path().isEmpty();
    if (nothingThere) {
      return; // Without the programs none of it was ever ours.
    }
    RulePlan plan = RulePlan.between(desired, read());
    int done = 0;
    done += sets(plan.setAdditions());
    for (var text : plan.chains().entrySet()) {
      done += chains(text.getKey(), text.getValue());
    }
    for (var text : plan.chainRemovals().entrySet()) {
      done += chains(text.getKey(), text.getValue());
    }
    done += sets(plan.setRemovals());
    writes += done;
    repairs += reconciled.filter(desired::equals).isPresent() ? done : 0;
    reconciled = Optional.of(desired);
  }

  private RuleState read() throws KernelException {
    TreeMap<Family, String> saved = new TreeMap<>();
    for (Family family : Family.values()) {
      Program save = family == Family.IPV4 ? Program.IPTABLES_SAVE : Program.IP6TABLES_SAVE;
      saved.put(family, programs.run(save, List.of(), ""));
    }
    return RuleState.parse(saved, programs.run(Program.IPSET, List.of("save"), ""));
  }

  private int sets(String text) throws KernelException {
    if (text.isEmpty()) {
      return 0;
    }
    // What is there already, and what is gone already, is as it shall be.
    programs.run(Program.IPSET, List.of("-exist", "restore"), text);
    return 1;
  }

  private int chains(Family family, String text) throws KernelException {
    Program restore = family == Family.IPV4 ? Program.IPTABLES_RESTORE : Program.IP6TABLES_RESTORE;
    programs.run(restore, List.of("--noflush"), text);
    return 1;
  }

  long writes() {
    return writes;
  }

  long repairs() {
    return repairs;
  }
}
