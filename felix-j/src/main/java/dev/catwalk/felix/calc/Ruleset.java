package dev.catwalk.felix.calc;

import dev.catwalk.net.addr.Family;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Packet filter rules and address sets as iptables and ipset write them. All names of chains and
 * sets begin with {@value #MARK}; nothing else is ours.
 *
 * @param sets by name
 */
public record Ruleset(SortedMap<ChainName, Chain> chains, SortedMap<String, AddressSet> sets) {

  public static final String MARK = "cw-";

  public static final Ruleset EMPTY = new Ruleset(new TreeMap<>(), new TreeMap<>());

  /**
   * A chain's place.
   *
   * @param table {@code filter}, {@code nat}, or that of a {@link Guard}
   */
  public record ChainName(Family family, String table, String name)
      implements Comparable<ChainName> {
    public ChainName {
      requireMark(name);
    }

    @Override
    public int compareTo(ChainName other) {
      int byFamily = family.compareTo(other.family);
      int byTable = byFamily != 0 ? byFamily : table.compareTo(other.table);
      return byTable != 0 ? byTable : name.compareTo(other.name);
    }
  }

  /**
   * What a chain holds.
   *
   * @param rules in order, as {@code iptables-restore} reads them after {@code -A CHAIN }. Each has
   *     a comment that begins with {@code cw:} and 12 hexadecimal digits, which stand for what it
   *     says: by these, read back, the kernel's rules are compared.
   * @param hooks built-in chains of the table whose first rule jumps here while it is there
   */
  public record Chain(List<String> rules, List<String> hooks) {
    public Chain {
      rules = List.copyOf(rules);
      hooks = List.copyOf(hooks);
    }
  }

  /**
   * A set of addresses.
   *
   * @param type as ipset names it: {@code hash:net}, {@code hash:ip}
   * @param members as {@code ipset save} prints them: a single address without its length
   */
  public record AddressSet(Family family, String type, SortedSet<String> members) {
    public AddressSet {
      members = Collections.unmodifiableSortedSet(new TreeSet<>(members));
    }
  }

  public Ruleset {
    chains = Collections.unmodifiableSortedMap(new TreeMap<>(chains));
    sets = Collections.unmodifiableSortedMap(new TreeMap<>(sets));
    sets.keySet().forEach(Ruleset::requireMark);
  }

  /** A rule with the comment that it is recognised by. */
  static String marked(String match, String words, String target) {
    String hash = Digest.hex(match + '\n' + target).substring(0, 12);
    return match + " -m comment --comment \"cw:" + hash + " " + words + "\" " + target;
  }

  private static void requireMark(String name) {
    if (!name.startsWith(MARK)) {
      throw new IllegalArgumentException("'" + name + "' does not begin with " + MARK);
    }
  }
}
