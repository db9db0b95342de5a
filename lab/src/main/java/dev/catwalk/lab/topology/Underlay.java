package dev.catwalk.lab.topology;

import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;

/**
 * The addresses of everything that is no pod, out of one /18 that the seed picks: first the
 * loopbacks of routers and nodes, then the switch's subnet, then a /31 (RFC 3021) for each cable.
 */
final class Underlay {
  private static final int LENGTH = 18;
  private static final int NODES_FROM = 100;
  private static final int LAN_FROM = 1024;
  static final int LAN_LENGTH = 22;
  private static final int CABLES_FROM = 4096;

  private final Prefix all;

  private Underlay(Prefix all) {
    this.all = all;
  }

  /** The seed's choice, or the next one that leaves the pool alone. */
  static Underlay pick(Prefix within, Prefix pool, long seed) throws PlanException {
    if (!within.address().isV4() || within.length() > LENGTH) {
      throw new PlanException("underlay " + within + ": want an IPv4 prefix of /18 or shorter");
    }
    long choices = 1L << (LENGTH - within.length());
    long size = 1L << (32 - LENGTH);
    for (long i = 0; i < choices; i++) {
      Prefix one = Prefix.of(within.at(Math.floorMod(seed + i, choices) * size), LENGTH);
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

  /** @param index from 1 */
  IpAddress onLan(int index) {
    return all.at(LAN_FROM + 10 + index);
  }

  /** @param index from 0 */
  IpAddress cable(int index, boolean firstEnd) {
    return all.at(CABLES_FROM + 2L * index + (firstEnd ? 0 : 1));
  }
}
