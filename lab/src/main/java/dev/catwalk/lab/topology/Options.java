package dev.catwalk.lab.topology;

import dev.catwalk.net.addr.Prefix;
import java.util.Optional;

/**
 * What the caller changes of a topology.
 *
 * @param nodes how many, where not as the file says
 * @param pool the pods' addresses, where not as the file says
 * @param seed picks the underlay's addresses and who gets which pod; not negative
 */
public record Options(Optional<Integer> nodes, Optional<Prefix> pool, long seed) {
  public static final Options NONE = new Options(Optional.empty(), Optional.empty(), 0);
}
