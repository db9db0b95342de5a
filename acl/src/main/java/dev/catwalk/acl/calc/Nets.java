package dev.catwalk.acl.calc;

import dev.catwalk.acl.model.Peer;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Arithmetic of prefixes. "Except" is worked out here, so that a set holds only what matches:
 * exceptions of one block then cannot take away what another block grants.
 */
final class Nets {
  private Nets() {}

  /** The addresses that any of the blocks holds, as disjoint prefixes. */
  static SortedSet<Prefix> union(List<Peer.Block> blocks) {
    List<Prefix> all = new ArrayList<>();
    for (Peer.Block block : blocks) {
      subtract(block.cidr(), block.except(), all);
    }
    return disjoint(all);
  }

  /** What is left of {@code whole} goes to {@code out}, in order, as few prefixes as possible. */
  private static void subtract(Prefix whole, List<Prefix> except, List<Prefix> out) {
    List<Prefix> inside = new ArrayList<>();
    for (Prefix one : except) {
      if (one.contains(whole)) {
        return;
      }
      if (whole.contains(one)) {
        inside.add(one);
      }
    }
    if (inside.isEmpty()) {
      out.add(whole);
      return;
    }
    Prefix lower = new Prefix(whole.address(), whole.length() + 1);
    subtract(lower, inside, out);
    subtract(Prefix.of(upperHalf(whole), whole.length() + 1), inside, out);
  }

  /** Its last address is in the upper half. */
  private static IpAddress upperHalf(Prefix whole) {
    return whole.last();
  }

  /** Drops what another one covers, then joins halves into wholes. */
  private static SortedSet<Prefix> disjoint(List<Prefix> prefixes) {
    SortedSet<Prefix> sorted = new TreeSet<>(prefixes);
    List<Prefix> stack = new ArrayList<>();
    for (Prefix next : sorted) {
      if (!stack.isEmpty() && stack.getLast().contains(next)) {
        continue;
      }
      Prefix joined = next;
      while (!stack.isEmpty() && sibling(stack.getLast(), joined)) {
        joined = new Prefix(stack.removeLast().address(), joined.length() - 1);
      }
      stack.add(joined);
    }
    return new TreeSet<>(stack);
  }

  private static boolean sibling(Prefix a, Prefix b) {
    return a.length() == b.length()
        && a.length() > 0
        && a.family() == b.family()
        && !a.equals(b)
        && Prefix.of(b.address(), b.length() - 1).equals(Prefix.of(a.address(), a.length() - 1));
  }
}
