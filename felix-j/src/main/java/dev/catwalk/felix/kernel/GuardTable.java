package dev.catwalk.felix.kernel;

import dev.catwalk.felix.calc.Ruleset;
import dev.catwalk.net.addr.Family;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the kernel has the table of the second guard. It is looked for when it is wanted for the
 * first time, which makes the kernel load it; without it policy rests on the first guard alone.
 */
final class GuardTable {
  private static final Logger LOG = LoggerFactory.getLogger(GuardTable.class);

  private final Programs programs;
  private final Iptables iptables;
  private @Nullable Boolean there;

  GuardTable(Programs programs, Iptables iptables) {
    this.programs = programs;
    this.iptables = iptables;
  }

  /** What of it this kernel can have. */
  Ruleset possible(Ruleset desired) {
    boolean wanted =
        desired.chains().keySet().stream().anyMatch(c -> c.table().equals(Ruleset.GUARD_TABLE));
    return wanted && !isThere() ? desired.without(Ruleset.GUARD_TABLE) : desired;
  }

  private boolean isThere() {
    Boolean known = there;
    if (known == null) {
      known = look();
      there = known;
    }
    return known;
  }

  private boolean look() {
    try {
      for (Family family : Family.values()) {
        programs.run(iptables.save(family), List.of("-t", Ruleset.GUARD_TABLE), "");
      }
      return true;
    } catch (KernelException e) {
      LOG.info(
          "no second guard, which would stay closed while rules are flushed: {}", e.getMessage());
      return false;
    }
  }
}
