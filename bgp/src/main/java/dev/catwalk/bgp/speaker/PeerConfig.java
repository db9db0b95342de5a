package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.bfd.BfdSettings;
import dev.catwalk.bgp.fsm.Settings;
import dev.catwalk.net.addr.IpAddress;
import java.util.Optional;

/**
 * A peer known by address.
 *
 * @param name for people and logs; its address where nobody gave one
 * @param port where it listens, 179 as a rule
 * @param as the AS it must show in its OPEN; {@link DynamicPeers#ANY_AS} for those that came by a
 *     range, and {@link #OTHER_AS}
 * @param bfd what watches the path to it while a session is up
 */
public record PeerConfig(
    String name,
    IpAddress address,
    int port,
    long as,
    SessionConfig session,
    Optional<BfdSettings> bfd) {

  /** The BGP port, RFC 4271 §8. */
  public static final int PORT = 179;

  /** Any AS but the one that we are to the peer. */
  public static final long OTHER_AS = Settings.OTHER_AS;

  /** Without BFD. */
  public PeerConfig(String name, IpAddress address, int port, long as, SessionConfig session) {
    this(name, address, port, as, session, Optional.empty());
  }

  public PeerConfig {
    assert as >= OTHER_AS && as <= 0xffff_ffffL : as;
  }
}
