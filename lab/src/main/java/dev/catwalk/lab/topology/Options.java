package dev.catwalk.lab.topology;

import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.Optional;

/**
 * What the caller changes of a topology.
 *
 * @param nodes how many, where not as the file says
 * @param pools the pods' addresses, where not as the file says: one of each family at most
 * @param seed picks the underlay's addresses and who gets which pod; not negative
 */
public record Options(Optional<Integer> nodes, List<Prefix> pools, long seed, Families families) {
  public static final Options NONE = new Options(Optional.empty(), Optional.empty(), 0);

  public Options {
    pools = List.copyOf(pools);
  }

  /** Of IPv4 alone. */
  public Options(Optional<Integer> nodes, Optional<Prefix> pool, long seed) {
    this(nodes, pool.stream().toList(), seed, Families.FOUR);
  }

  /** The pool of a family, where the caller has chosen one. */
  public Optional<Prefix> pool(Family family) {
    return pools.stream().filter(p -> p.family() == family).findFirst();
  }
}
