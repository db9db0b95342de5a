package dev.catwalk.lab.topology;

import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;

/**
 * The addresses of everything that is no pod, out of 2 to the power of {@value #BITS} that the seed
 * picks: first the loopbacks of routers and nodes, then the switch's subnet, then two for each cable,
 * a /31 (RFC 3021) or a /127 (RFC 6164).
 */
final class Underlay {
  private static final int BITS = 14;

  /** The seed is a number of 63 bits: it has no more to choose from. */
  private static final int MAX_CHOICES = 62;

  private static final int NODES_FROM = 100;
  private static final int LAN_FROM = 1024;
  private static final int LAN_BITS = 10;
  private static final int CABLES_FROM = 4096;

  private final Prefix all;

  private Underlay(Prefix all) {
    this.all = all;
  }

  /** The seed's choice, or the next one that leaves the pool alone. */
  static Underlay pick(Prefix within, Prefix pool, long seed) throws PlanException {
    int length = within.family().bits() - BITS;
    if (within.length() > length || length - within.length() > MAX_CHOICES - BITS) {
      throw new PlanException("underlay " + within + ": want a prefix of /"
          + Math.max(0, length - MAX_CHOICES + BITS) + " to /" + length);
    }
    long choices = 1L << (length - within.length());
    long size = 1L << BITS;
    for (long i = 0; i < choices; i++) {
      Prefix one = Prefix.of(within.at(Math.floorMod(seed + i, choices) * size), length);
      if (!one.overlaps(pool)) {
        return new Underlay(one);
      }
    }
    throw new PlanException("the pool " + pool + " covers the whole underlay " + within
        + ": choose another pool, for example 10.42.0.0/16");
  }

  /** @param index from 1 */
  IpAddress router(int index) {
    return all.at(index);
  }

  /** @param index from 1 */
  IpAddress node(int index) {
    return all.at(NODES_FROM + index);
  }

  /** Of the switch's subnet. */
  int lanLength() {
    return all.family().bits() - LAN_BITS;
  }

  /** @param index from 1 */
  IpAddress onLan(int index) {
    return all.at(LAN_FROM + 10 + index);
  }

  /** @param index from 0 */
  IpAddress cable(int index, boolean firstEnd) {
    return all.at(CABLES_FROM + 2L * index + (firstEnd ? 0 : 1));
  }
}
