package dev.catwalk.bgp.bmp;

import dev.catwalk.net.addr.IpAddress;

/**
 * Whom a message is about: the per-peer header of RFC 7854 §4.2, without its time.
 *
 * @param locRib the Loc-RIB's peer of RFC 9069 §4.1, whose {@code address} is unspecified
 * @param postPolicy whether it is about the Adj-RIB-In after import rules (the L flag)
 */
public record BmpPeer(boolean locRib, IpAddress address, long as, int bgpId, boolean postPolicy) {

  /** Before import rules. */
  public BmpPeer(boolean locRib, IpAddress address, long as, int bgpId) {
    this(locRib, address, as, bgpId, false);
  }

  /** The same after import rules. */
  public BmpPeer afterPolicy() {
    return new BmpPeer(locRib, address, as, bgpId, true);
  }

  /** The Loc-RIB of a speaker. */
  public static BmpPeer locRib(long as, int bgpId) {
    return new BmpPeer(true, IpAddress.v4(0), as, bgpId);
  }
}
