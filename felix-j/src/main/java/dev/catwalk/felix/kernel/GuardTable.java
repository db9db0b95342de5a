package dev.catwalk.felix.kernel;

import dev.catwalk.felix.calc.Guard;
import dev.catwalk.felix.calc.Ruleset;
import dev.catwalk.net.addr.Family;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which guard the kernel can have. Its table is looked for when one is wanted for the first time,
 * which makes the kernel load it.
 */
final class GuardTable {
  private static final Logger LOG = LoggerFactory.getLogger(GuardTable.class);

  /** Looks at a table of the kernel. */
  interface Look {
    /** Whether iptables can have it, of both families. */
    boolean has(String table);
  }

  private final Look look;
  private boolean looked;
  private Optional<Guard> found = Optional.empty();

  GuardTable(Look look) {
    this.look = look;
  }

  GuardTable(Programs programs, Iptables iptables) {
    this(table -> isThere(programs, iptables, table));
  }

  /** What is desired, with the guard that this kernel can have. */
  Ruleset possible(Ruleset desired) {
    if (!Guard.isIn(desired)) {
      return desired;
    }
    if (!looked) {
      find();
      looked = true;
    }
    return found.map(g -> g.in(desired)).orElseGet(() -> Guard.without(desired));
  }

  private void find() {
    for (Guard guard : Guard.values()) {
      if (look.has(guard.table())) {
        found = Optional.of(guard);
        return;
      }
    }
  }

  /** The table that it is in; empty where the kernel has none for it; unknown before it is wanted. */
  String text() {
    return looked ? found.map(Guard::table).orElse(KernelStatus.NO_GUARD) : "";
  }

  private static boolean isThere(Programs programs, Iptables iptables, String table) {
    try {
      for (Family family : Family.values()) {
        programs.run(iptables.save(family), List.of("-t", table), "");
      }
      return true;
    } catch (KernelException e) {
      LOG.warn("no guard in the table {}: {}", table, e.getMessage());
      return false;
    }
  }
}
