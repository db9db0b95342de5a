package dev.catwalk.ipam.machine;

import java.util.ArrayList;
import java.util.List;

/** Which blocks a node needs no more. */
final class Tidying {
  /** So long an address that was asked for waits for its pod, milliseconds. */
  static final long UNUSED_MS = 3_000;

  private Tidying() {}

  /** Begins to give back blocks that have long been empty and that others can stand in for. */
  static List<LedgerEntry> begin(
      OwnBlocks blocks, AllocationRules rules, Growth growth, long nowMs) {
    List<LedgerEntry> entries = new ArrayList<>();
    for (OwnBlock own : blocks.all()) {
      if (own.isIdle(nowMs, idleMs(own, rules, growth))
          && !rules.kept().contains(own.cidr())
          && isSpare(blocks, own, nowMs)) {
        entries.add(own.give());
      }
    }
    return entries;
  }

  /** What was asked for one pod waits a little for it, and goes when the pod has gone. */
  private static long idleMs(OwnBlock own, AllocationRules rules, Growth growth) {
    return !own.cidr().isHost()
        ? rules.idleMs()
        : own.made() == 0 && growth.isApart(own) ? UNUSED_MS : 0;
  }

  /**
   * Whether another block serves who would be served by this one. A block of one address is of use
   * to nobody but who asks for that address, on whatever node.
   */
  private static boolean isSpare(OwnBlocks blocks, OwnBlock own, long nowMs) {
    if (own.closed || own.cidr().isHost()) {
      return true;
    }
    for (OwnBlock other : blocks.all()) {
      if (other != own
          && other.isOpen()
          && !other.cidr().isHost()
          && own.pool != null
          && own.pool.equals(other.pool)
          && other.addresses.hasFor(nowMs)) {
        return true;
      }
    }
    return false;
  }
}
