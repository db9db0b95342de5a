package dev.catwalk.acl.calc;

import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Addresses that rules refer to.
 *
 * @param id derived from what the set means, not from its members: ASCII letters and digits
 * @param meaning in words
 */
public record AddressSet(String id, Kind kind, String meaning, SortedSet<Member> members) {

  /** What the members are. */
  public enum Kind {
    /** Single addresses; they change with the cluster. */
    ADDRESSES,
    /** Disjoint prefixes; they never change, since the id is derived from them. */
    NETS,
    /** Single addresses each with a protocol and a port; they change with the cluster. */
    PORTS
  }

  public AddressSet {
    members = Collections.unmodifiableSortedSet(new TreeSet<>(members));
  }
}
