package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.bfd.BfdSettings;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.Optional;

/**
 * Callers that are welcome without being named: whoever connects from {@code prefix}. We never dial
 * them, and forget them when their session ends.
 *
 * @param as the AS they must show, or {@link #ANY_AS}
 * @param bfd what watches the path to each as long as its session is up
 */
public record DynamicPeers(
    Prefix prefix, long as, SessionConfig session, Optional<BfdSettings> bfd) {

  /** Any AS will do. */
  public static final long ANY_AS = 0;

  /** Without BFD. */
  public DynamicPeers(Prefix prefix, long as, SessionConfig session) {
    this(prefix, as, session, Optional.empty());
  }

  /** Whoever calls from there. */
  PeerConfig peer(IpAddress address) {
    return new PeerConfig(
        address.toString(), address, PeerConfig.PORT, as, session.asPassive(), bfd);
  }

  /** At most so many at once over all of a speaker's ranges. */
  public static final int MAX_SESSIONS = 4096;
}
