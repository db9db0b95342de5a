package dev.catwalk.felix.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.catwalk.bgp.bfd.BfdSettings;
import dev.catwalk.bgp.speaker.PeerConfig;
import dev.catwalk.felix.config.BgpSection;
import dev.catwalk.felix.model.NodeInfo;
import dev.catwalk.net.addr.IpAddress;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class MeshPeersTest {
  private static final List<NodeInfo> NODES = List.of(
      node("n1", "192.0.2.1", 64512),
      node("n2", "192.0.2.2", 64512),
      node("n3", "192.0.2.3", 64513),
      node("quiet", "192.0.2.4", 0),
      new NodeInfo("lost", List.of(), 64512, new TreeMap<>(), 1, "x"));

  @Test
  void everyOtherNodeThatSpeaksIsAPeer() throws Exception {
    assertEquals(
        List.of("n2 192.0.2.2 64512", "n3 192.0.2.3 64513"),
        peers("as: 64512\nrouterId: 192.0.2.1\nmesh: true\n"));
  }

  @Test
  void onlyOncePerAddress() throws Exception {
    assertEquals(List.of("tor 192.0.2.2 65001", "n3 192.0.2.3 64513"), peers("""
            as: 64512
            routerId: 192.0.2.1
            mesh: true
            peers: [{name: tor, address: 192.0.2.2, as: 65001}]
            """));
  }

  @Test
  void theirPathsAreWatchedWhereTheSectionSaysSo() throws Exception {
    String section = "as: 64512\nrouterId: 192.0.2.1\nmesh: true\nbfd: {interval: 100}\n";
    List<PeerConfig> peers =
        MeshPeers.with(BgpSection.parseFile("f", section), "n1", NODES).peers();
    assertEquals(2, peers.size());
    for (PeerConfig peer : peers) {
      assertEquals(Optional.of(new BfdSettings(100, 3, false)), peer.bfd());
    }
  }

  @Test
  void withoutMeshNothingIsAdded() throws Exception {
    BgpSection section = BgpSection.parseFile("f", "as: 64512\nrouterId: 192.0.2.1\n");
    assertSame(section.speaker(), MeshPeers.with(section, "n1", NODES));
  }

  private static List<String> peers(String section) throws Exception {
    List<PeerConfig> peers =
        MeshPeers.with(BgpSection.parseFile("f", section), "n1", NODES).peers();
    return peers.stream().map(p -> p.name() + " " + p.address() + " " + p.as()).toList();
  }

  private static NodeInfo node(String name, String address, long as) {
    return new NodeInfo(name, List.of(IpAddress.parse(address)), as, new TreeMap<>(), 1, "0.1.0");
  }
}
