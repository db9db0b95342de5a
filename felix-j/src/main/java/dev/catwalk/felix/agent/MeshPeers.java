package dev.catwalk.felix.agent;

import dev.catwalk.bgp.speaker.PeerConfig;
import dev.catwalk.bgp.speaker.SessionConfig;
import dev.catwalk.bgp.speaker.SpeakerConfig;
import dev.catwalk.felix.config.BgpSection;
import dev.catwalk.felix.model.NodeInfo;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** {@code bgp.mesh}: every other node of the cluster is a peer. */
final class MeshPeers {
  private MeshPeers() {}

  /** The speaker's configuration, with the other nodes added to those peers that it names. */
  static SpeakerConfig with(BgpSection section, String self, Iterable<NodeInfo> nodes) {
    SpeakerConfig named = section.speaker();
    if (!section.mesh()) {
      return named;
    }
    List<PeerConfig> peers = new ArrayList<>(named.peers());
    TreeSet<IpAddress> addresses = new TreeSet<>();
    peers.forEach(p -> addresses.add(p.address()));
    for (NodeInfo node : nodes) {
      boolean reachable = !node.addresses().isEmpty() && node.as() != 0;
      if (reachable
          && !node.name().equals(self)
          && addresses.add(node.addresses().getFirst())) {
        peers.add(new PeerConfig(
            node.name(),
            node.addresses().getFirst(),
            PeerConfig.PORT,
            node.as(),
            SessionConfig.DEFAULT.with(section.gracefulRestart()),
            section.bfd()));
      }
    }
    return named.with(peers);
  }
}
