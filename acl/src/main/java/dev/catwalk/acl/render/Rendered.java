package dev.catwalk.acl.render;

import dev.catwalk.net.addr.Family;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * All chains of the filter table and all ipsets of ours that one address family must have, each
 * complete. What is named {@code cw-*} in the kernel and not here is stale.
 */
public record Rendered(
    Family family, SortedMap<String, Chain> chains, SortedMap<String, IpSet> sets) {

  /** The chain that FORWARD must jump to, before any rule of others. */
  public static final String FORWARD = "cw-forward";

  /**
   * Bit and mask of a packet's mark that says that the program of its sender has let it pass. Nothing
   * else sets it: a packet of a pod that comes without it from FORWARD was judged by nobody, since
   * chains were flushed or rules of others came first.
   */
  public static final String MAY_LEAVE = "0x1000000/0x1000000";

  /** The same of the program of the pod that gets the packet. */
  public static final String MAY_ENTER = "0x2000000/0x2000000";

  /** The chain that INPUT must jump to likewise, of IPv6 alone. */
  public static final String INPUT = "cw-input";

  /**
   * A chain.
   *
   * @param name at most 28 characters
   * @param rules what follows {@code -A name}, in order. Each carries a comment that begins with
   *     {@code cw:} and 12 hexadecimal digits: a hash of the rule and all before it in the chain.
   *     So the list of those hashes, read back, tells whether the chain is as it must be
   * @param hash of all rules: the last rule's
   */
  public record Chain(String name, List<String> rules, String hash) {
    public Chain {
      rules = List.copyOf(rules);
    }
  }

  /**
   * An ipset.
   *
   * @param name at most 31 characters
   * @param type as {@code ipset create} names it, such as {@code hash:ip}
   * @param members as {@code ipset add} takes them and {@code ipset save} prints them
   */
  public record IpSet(String name, String type, Family family, SortedSet<String> members) {
    public IpSet {
      members = Collections.unmodifiableSortedSet(new TreeSet<>(members));
    }
  }

  public Rendered {
    chains = Collections.unmodifiableSortedMap(new TreeMap<>(chains));
    sets = Collections.unmodifiableSortedMap(new TreeMap<>(sets));
  }
}
