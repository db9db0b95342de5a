package dev.catwalk.bgp.rib;

import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Peers that believe all they are told: the receiving end of a {@link Feed}. */
final class Listeners implements Feed {
  final TreeMap<Integer, TreeMap<Prefix, PathAttributes>> tables = new TreeMap<>();
  final List<Integer> endOfRib = new ArrayList<>();
  final List<Integer> endOfRefresh = new ArrayList<>();
  int needless;
  int messages;

  TreeMap<Prefix, PathAttributes> table(int slot) {
    return tables.computeIfAbsent(slot, s -> new TreeMap<>());
  }

  @Override
  public void announce(List<AdjRibOut> to, PathAttributes attributes, Nlri prefixes) {
    messages++;
    for (AdjRibOut member : to) {
      for (Prefix prefix : prefixes) {
        needless += attributes.equals(table(member.slot()).put(prefix, attributes)) ? 1 : 0;
      }
    }
  }

  @Override
  public void withdraw(List<AdjRibOut> to, Nlri prefixes) {
    messages++;
    for (AdjRibOut member : to) {
      for (Prefix prefix : prefixes) {
        needless += table(member.slot()).remove(prefix) == null ? 1 : 0;
      }
    }
  }

  @Override
  public void endOfRib(AdjRibOut to, Family family) {
    endOfRib.add(to.slot());
  }

  @Override
  public void endOfRefresh(AdjRibOut to, Family family) {
    endOfRefresh.add(to.slot());
  }
}
