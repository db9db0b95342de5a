package dev.catwalk.acl.model;

import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.List;

/** Who may be at the other end. */
public sealed interface Peer {

  /** Selectable workloads by labels. */
  record Pods(Scope scope, Selector labels) implements Peer {
    @Override
    public String toString() {
      return "pods with " + labels + " in " + scope;
    }
  }

  /**
   * Addresses of a range, whosever they are.
   *
   * @param except parts of {@code cidr} that are left out
   */
  record Block(Prefix cidr, List<Prefix> except) implements Peer {
    public Block {
      except = except.stream().sorted().distinct().toList();
    }

    public boolean holds(IpAddress address) {
      return cidr.contains(address) && except.stream().noneMatch(e -> e.contains(address));
    }

    @Override
    public String toString() {
      return except.isEmpty() ? cidr.toString() : cidr + " except " + except;
    }
  }
}
