package dev.catwalk.acl.model;

import java.util.List;

/**
 * What happens to packets between the policy's subject and a peer.
 *
 * @param peers any one of them; none means everybody
 * @param ports any one of them, at the destination; none means every protocol and port
 */
public record Rule(Action action, List<Peer> peers, List<Port> ports) {
  public Rule {
    peers = List.copyOf(peers);
    ports = List.copyOf(ports);
  }
}
