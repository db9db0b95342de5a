package dev.catwalk.bgp.speaker;

import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;

/**
 * Callers that are welcome without being named: whoever connects from {@code prefix}. We never dial
 * them, and forget them when their session ends.
 *
 * @param as the AS they must show, or {@link #ANY_AS}
 */
public record DynamicPeers(Prefix prefix, long as, SessionConfig session) {

  /** Any AS will do. */
  public static final long ANY_AS = 0;

  /** Whoever calls from there. */
  PeerConfig peer(IpAddress address) {
    return new PeerConfig(address.toString(), address, PeerConfig.PORT, as, session.asPassive());
  }

  /** At most so many at once over all of a speaker's ranges. */
  public static final int MAX_SESSIONS = 4096;
}
