package dev.catwalk.ipam.machine;

import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a node keeps to when it chooses addresses. The node's own affair: no safety hangs on it.
 *
 * @param reserved addresses that are handed out only to those who ask for them by name
 * @param coolDownMs so long an address rests after its release, milliseconds; 0: only by its order
 * @param maxBlocks how many blocks of one family a node claims at most, 1 or more
 * @param maxBlocksPerPool how many blocks of one pool it claims at most, 1 or more
 * @param idleMs so long a block must have been empty before it is given back; milliseconds
 * @param borrows whether addresses of other nodes' blocks may serve where no further block can
 * @param kept blocks that are never given back
 */
public record AllocationRules(
    List<Prefix> reserved,
    long coolDownMs,
    int maxBlocks,
    int maxBlocksPerPool,
    long idleMs,
    boolean borrows,
    SortedSet<Prefix> kept) {
  /** Nothing is reserved, nothing cools down, nothing is given back. */
  public static final AllocationRules NONE = new AllocationRules(
      List.of(),
      0,
      Integer.MAX_VALUE,
      Integer.MAX_VALUE,
      Long.MAX_VALUE,
      false,
      Collections.emptySortedSet());

  public AllocationRules {
    reserved = List.copyOf(reserved);
    kept = Collections.unmodifiableSortedSet(new TreeSet<>(kept));
    if (coolDownMs < 0 || maxBlocks < 1 || maxBlocksPerPool < 1 || idleMs < 0) {
      throw new IllegalArgumentException("a rule for addresses is out of its range");
    }
  }

  /** Without borrowing. */
  public AllocationRules(
      List<Prefix> reserved,
      long coolDownMs,
      int maxBlocks,
      int maxBlocksPerPool,
      long idleMs,
      SortedSet<Prefix> kept) {
    this(reserved, coolDownMs, maxBlocks, maxBlocksPerPool, idleMs, false, kept);
  }

  boolean reserves(IpAddress ip) {
    for (Prefix range : reserved) {
      if (range.contains(ip)) {
        return true;
      }
    }
    return false;
  }
}
