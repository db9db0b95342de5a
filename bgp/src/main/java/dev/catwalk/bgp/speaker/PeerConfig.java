package dev.catwalk.bgp.speaker;

import dev.catwalk.net.addr.IpAddress;

/**
 * A peer known by address.
 *
 * @param name for people and logs; its address where nobody gave one
 * @param port where it listens, 179 as a rule
 * @param as the AS it must show in its OPEN; {@link DynamicPeers#ANY_AS} only for those that came by
 *     a range
 */
public record PeerConfig(String name, IpAddress address, int port, long as, SessionConfig session) {

  /** The BGP port, RFC 4271 §8. */
  public static final int PORT = 179;

  public PeerConfig {
    assert as >= 0 && as <= 0xffff_ffffL : as;
  }
}
