package dev.catwalk.bgp.speaker;

import org.jspecify.annotations.Nullable;

/** What another configuration means for the peers that there are. */
final class Reconfiguration {
  private Reconfiguration() {}

  /** What it has for that peer; null: nothing. One that came by a range belongs to the first. */
  static @Nullable PeerConfig wanted(Peer peer, SpeakerConfig next) {
    for (PeerConfig wanted : next.peers()) {
      if (wanted.address().equals(peer.config.address())) {
        return wanted;
      }
    }
    if (peer.dynamic) {
      for (DynamicPeers range : next.dynamic()) {
        if (range.prefix().contains(peer.config.address())) {
          return range.peer(peer.config.address());
        }
      }
    }
    return null;
  }

  /** Whether a session may stay: nothing but rules for routes differs. */
  static boolean isSoft(PeerConfig before, PeerConfig after) {
    return before.name().equals(after.name())
        && before.port() == after.port()
        && before.as() == after.as()
        && before.session().rules().localAs() == after.session().rules().localAs()
        && before.session().with(after.session().rules()).equals(after.session());
  }
}
