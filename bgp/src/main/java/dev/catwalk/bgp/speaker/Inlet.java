package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.policy.RouteFilter;
import dev.catwalk.bgp.rib.Exporter;
import dev.catwalk.bgp.rib.Refusal;
import dev.catwalk.bgp.rib.Rib;
import dev.catwalk.bgp.rib.Source;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.PathAttributes;
import org.jspecify.annotations.Nullable;

/** Routes on their way through a peer's import filter into a table. */
final class Inlet {
  private Inlet() {}

  /**
   * Prefixes that share attributes: one entry for all on which the filter says the same.
   *
   * @param flaw keeps out of the decision what the filter accepts
   */
  static void announce(
      Rib rib,
      Source from,
      Nlri prefixes,
      PathAttributes attributes,
      RouteFilter filter,
      @Nullable Refusal flaw) {
    int[] verdicts = new int[prefixes.size()];
    boolean same = true;
    for (int i = 0; i < verdicts.length; i++) {
      verdicts[i] = filter.verdict(
          attributes,
          from,
          from.kind().isIbgp(),
          prefixes.family(),
          prefixes.high(i),
          prefixes.low(i),
          prefixes.length(i));
      same &= verdicts[i] == verdicts[0];
    }
    if (same) {
      announce(rib, from, prefixes, attributes, filter, flaw, verdicts[0]);
      return;
    }
    boolean[] done = new boolean[verdicts.length];
    for (int i = 0; i < verdicts.length; i++) {
      if (!done[i]) {
        Nlri.Builder some = new Nlri.Builder(prefixes.family());
        for (int k = i; k < verdicts.length; k++) {
          if (verdicts[k] == verdicts[i]) {
            done[k] = true;
            some.add(prefixes.pathId(k), prefixes.high(k), prefixes.low(k), prefixes.length(k));
          }
        }
        announce(rib, from, some.build(), attributes, filter, flaw, verdicts[i]);
      }
    }
  }

  private static void announce(
      Rib rib,
      Source from,
      Nlri prefixes,
      PathAttributes attributes,
      RouteFilter filter,
      @Nullable Refusal flaw,
      int verdict) {
    if (verdict == Exporter.REJECTED) {
      rib.announce(from, prefixes, attributes, Refusal.FILTERED);
    } else {
      rib.announce(from, prefixes, filter.apply(attributes, prefixes.family(), verdict), flaw);
    }
  }
}
