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
 * Keeps rules and address sets as desired, by one of the two iptables and ipset, and writes only
 * what differs; where only members of sets do, no program is run. What the kernel has is read by their save programs, at first and whenever the trace
 * is not the one that its own last write left. What an earlier agent left in the other iptables goes
 * when ours are in. Without thread or clock of its own.
 */
final class RuleKeeper {

  /** Asks the kernel for a trace. */
  interface Tracer {
    RuleTrace trace(Ruleset desired) throws KernelException;

    /** The part of it that is about rules; quick. */
    List<Integer> rules(Ruleset desired) throws KernelException;
  }

  /** Changes members of sets that are there. */
  interface Members {
    /** One that is there already is no error. */
    void add(List<RulePlan.Member> members) throws KernelException;

    /** One that is not there is no error. */
    void remove(List<RulePlan.Member> members) throws KernelException;
  }

  private record Known(RuleState state, RuleTrace trace) {}

  private final Programs programs;
  private final Iptables iptables;
  private final Tracer tracer;
  private final Members members;

  private Optional<Ruleset> reconciled = Optional.empty();
  private Optional<Known> known = Optional.empty();
  private boolean otherIsClean;
  private long writes;
  private long ruleRepairs;
  private long setRepairs;

  RuleKeeper(Programs programs, Iptables iptables, Tracer tracer, Members members) {
    this.programs = programs;
    this.iptables = iptables;
    this.tracer = tracer;
    this.members = members;
  }

  /** Reads all in the next pass, whatever the trace says. */
  void distrust() {
    known = Optional.empty();
  }

  /**
   * Makes the kernel so.
   *
   * @param trusting whether sets are taken to be as they were left: then a desired state that differs
   *     from the last in members of sets alone costs no look at them; a set that is gone shows itself
   */
  void reconcile(Ruleset desired, boolean trusting) throws KernelException {
    boolean nothingThere = desired.equals(Ruleset.EMPTY)
        && (!iptables.isInstalled() || Program.IPSET.path().isEmpty());
    if (nothingThere) {
      return; // Without the programs none of it was ever ours.
    }
    if (trusting && changeMembers(desired)) {
      return;
    }
    RuleTrace before = tracer.trace(desired);
    RuleState state = state(before);
    RulePlan plan = RulePlan.between(desired, state);
    known = Optional.empty(); // until all of it is in
    int done = sets(plan.newSets());
    if (!plan.newMembers().isEmpty()) {
      members.add(plan.newMembers());
      done++;
    }
    int commits = chains(iptables, plan.chains());
    commits += chains(iptables, plan.chainRemovals());
    done += commits;
    done += cleanOther();
    if (!plan.staleMembers().isEmpty()) {
      members.remove(plan.staleMembers());
      done++;
    }
    done += sets(plan.staleSets());
    writes += done;
    reconciled = Optional.of(desired);
    if (done == 0) {
      known = Optional.of(new Known(state, before));
    } else if (plan.changesMembersAlone()) {
      // What is now follows; should others have written meanwhile, the next trace is another.
      known = Optional.of(new Known(state.with(desired.sets()), expected(before, desired)));
    } else {
      RuleTrace after = tracer.trace(desired);
      if (isOurDoing(before, after, commits, desired)) {
        known = Optional.of(new Known(RuleState.of(desired), after));
      }
    }
  }

  /** Whether that was all there was to do. A pod's start waits for this. */
  private boolean changeMembers(Ruleset desired) throws KernelException {
    if (known.isEmpty()
        || reconciled.isEmpty()
        || reconciled.get().sets().equals(desired.sets())
        || !reconciled.get().chains().equals(desired.chains())
        || !tracer.rules(desired).equals(known.get().trace().rules())) {
      return false;
    }
    Known now = known.get();
    RulePlan plan = RulePlan.ofSets(desired, now.state());
    if (!plan.changesMembersAlone()) {
      return false;
    }
    known = Optional.empty();
    try {
      members.add(plan.newMembers());
      members.remove(plan.staleMembers());
    } catch (KernelException e) {
      return false; // somebody has changed the sets: all is read now
    }
    writes++;
    reconciled = Optional.of(desired);
    known =
        Optional.of(new Known(now.state().with(desired.sets()), expected(now.trace(), desired)));
    return true;
  }

  private static RuleTrace expected(RuleTrace before, Ruleset desired) {
    return new RuleTrace(before.rules(), sizes(desired));
  }

  private static SortedMap<String, Long> sizes(Ruleset desired) {
    TreeMap<String, Long> sizes = new TreeMap<>();
    desired.sets().forEach((name, set) -> sizes.put(name, (long) set.members().size()));
    return sizes;
  }

  /** Whether the kernel has what was last written; false before the first time. Writes nothing. */
  boolean isKept() throws KernelException {
    return reconciled.isPresent() && RulePlan.between(reconciled.get(), read()).isEmpty();
  }

  private RuleState read() throws KernelException {
    return RuleState.parse(saved(iptables), programs.run(Program.IPSET, List.of("save"), ""));
  }

  /** What the kernel has; where others have written, what they did is counted. */
  private RuleState state(RuleTrace now) throws KernelException {
    if (known.isPresent() && known.get().trace().equals(now)) {
      return known.get().state();
    }
    RuleState read = read();
    if (reconciled.isPresent()) {
      RulePlan drift = RulePlan.between(reconciled.get(), read);
      ruleRepairs += drift.changedRules();
      setRepairs += drift.changedSets();
    }
    return read;
  }

  /** Whether nobody else has written while we did. */
  private boolean isOurDoing(RuleTrace before, RuleTrace after, int commits, Ruleset desired) {
    boolean alone = switch (iptables) {
      case NFT -> after.rules().getFirst() == before.rules().getFirst() + commits;
      case LEGACY -> true; // No telling; the next look at all of it shows.
    };
    return alone && after.sets().equals(sizes(desired));
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

  /** Returns how many transactions that were: one for each table. */
  private int chains(Iptables to, SortedMap<Family, String> texts) throws KernelException {
    List<String> arguments = new ArrayList<>(to.waiting());
    arguments.add("--noflush");
    int commits = 0;
    for (var text : texts.entrySet()) {
      programs.run(to.restore(text.getKey()), arguments, text.getValue());
      commits += (int) text.getValue().lines().filter("COMMIT"::equals).count();
    }
    return commits;
  }

  /** Transactions of rules, restores of sets and changes of their members, since the start. */
  long writes() {
    return writes;
  }

  /** Chains, and jumps to them, that somebody else had changed and that were put right. */
  long ruleRepairs() {
    return ruleRepairs;
  }

  /** The same of sets. */
  long setRepairs() {
    return setRepairs;
  }
}
