package dev.catwalk.ipam.model;

import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.net.tree.SortedTree;
import java.util.List;
import java.util.Map;

/**
 * What the owners of blocks have set apart, and what is asked of them.
 *
 * @param singles addresses that some node has for itself, as blocks of one address
 * @param names which address is kept for whom, whether a node has it or not
 * @param asks what is asked of the owners of blocks
 */
record Apart(
    SortedTree<Prefix, Block> singles,
    SortedTree<StickyName, IpAddress> names,
    SortedTree<Ask.Asker, Ask> asks) {
  static final Apart EMPTY = new Apart(SortedTree.empty(), SortedTree.empty(), SortedTree.empty());

  Apart with(Block single) {
    return new Apart(singles.put(single.cidr(), single), names, asks);
  }

  Apart without(Prefix single) {
    return new Apart(singles.remove(single), names, asks);
  }

  Apart with(StickyName name, IpAddress ip) {
    return new Apart(singles, names.put(name, ip), asks);
  }

  Apart without(StickyName name) {
    return new Apart(singles, names.remove(name), asks);
  }

  Apart with(Ask ask) {
    return new Apart(singles, names, asks.put(ask.asker(), ask));
  }

  Apart without(Ask.Asker asker) {
    return new Apart(singles, names, asks.remove(asker));
  }

  /** After a pool was cut into these parts. */
  Apart split(List<Pool> parts) {
    SortedTree<Prefix, Block> next = singles;
    for (Pool part : parts) {
      for (Map.Entry<Prefix, Block> single : singles.from(part.cidr())) {
        if (!part.cidr().contains(single.getKey())) {
          break;
        }
        next = next.put(single.getKey(), single.getValue().of(part.name()));
      }
    }
    return new Apart(next, names, asks);
  }
}
