package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.bfd.BfdSettings;
import dev.catwalk.net.addr.IpAddress;
import java.util.Optional;

/**
 * A peer known by the interface that it is at: its link-local address is the one that router
 * advertisements come from there (RFC 4861 §4.2).
 *
 * @param link the interface's name
 * @param as as {@link PeerConfig} has it
 */
public record InterfacePeer(
    String name, String link, long as, SessionConfig session, Optional<BfdSettings> bfd) {

  /** The same now that its address is known. */
  public PeerConfig at(IpAddress linkLocal) {
    assert linkLocal.isLinkLocal() && !linkLocal.isV4() : linkLocal;
    return new PeerConfig(name, linkLocal, PeerConfig.PORT, as, session.at(link), bfd);
  }
}
