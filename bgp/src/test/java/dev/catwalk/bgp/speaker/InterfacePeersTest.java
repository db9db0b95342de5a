package dev.catwalk.bgp.speaker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.Keepalive;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Peers that are known by the interface that they are at. */
class InterfacePeersTest {
  private static final IpAddress THEIRS = IpAddress.parse("fe80::2");
  private static final IpAddress OURS = IpAddress.parse("fe80::1");
  private static final SessionConfig SESSION =
      Hands.session().with(Extensions.STANDARD.withExtendedNextHop());
  private static final InterfacePeer AT_ETH1 =
      new InterfacePeer("tor", "eth1", PeerConfig.OTHER_AS, SESSION, Optional.empty());

  private static SpeakerConfig config(InterfacePeer... peers) {
    PeerConfig inside = Hands.peer(3, Hands.AS, Hands.session());
    return Hands.config(inside).at(List.of(peers));
  }

  private static TreeMap<String, IpAddress> found(String link, IpAddress address) {
    return new TreeMap<>(Map.of(link, address));
  }

  private static Open open(long as) {
    List<Capability> capabilities = List.of(Capability.ExtendedNextHop.IPV4);
    return Open.offering(as, 90, 7, List.of(AfiSafi.IPV4_UNICAST), capabilities);
  }

  @Test
  void theyArePeersOnceTheirAddressIsKnown() {
    SpeakerConfig unknown = config(AT_ETH1);
    assertEquals(1, unknown.peers().size());
    assertTrue(unknown.isWaitingForNeighbours());
    SpeakerConfig known = unknown.located(found("eth1", THEIRS));
    assertEquals(2, known.peers().size());
    PeerConfig peer = known.peers().get(1);
    assertEquals(
        "tor " + THEIRS + " eth1",
        peer.name() + " " + peer.address() + " " + peer.session().tcp().link());
    assertFalse(known.isWaitingForNeighbours());
    assertEquals(unknown, unknown.located(found("eth9", THEIRS)));
  }

  @Test
  void anAddressAtTwoInterfacesIsTheFirstOnes() {
    InterfacePeer second = new InterfacePeer("tor2", "eth2", 65002, SESSION, Optional.empty());
    TreeMap<String, IpAddress> both = found("eth1", THEIRS);
    both.put("eth2", THEIRS);
    SpeakerConfig known = config(AT_ETH1, second).located(both);
    assertEquals(
        List.of("p3", "tor"), known.peers().stream().map(PeerConfig::name).toList());
    assertTrue(known.isWaitingForNeighbours());
  }

  private static Deed.Target call(Hands hands, String link) {
    return hands.call(THEIRS, new Locals(OURS, null, link));
  }

  @Test
  void ipv4ComesOverTheirLinkAndGoesOnWithANextHopOfOurs() {
    Hands hands = new Hands(config(AT_ETH1).located(found("eth1", THEIRS)));
    Deed.Target inside = hands.up(3, Hands.AS);
    Deed.Target tor = call(hands, "eth1");
    hands.hear(tor, open(65001));
    hands.hear(tor, new Keepalive());
    hands.said(inside);
    PathAttributes told =
        PathAttributes.builder(Origin.IGP, AsPath.sequence(65001), THEIRS).build();
    hands.announce(tor, told, "10.5.0.0/24");
    Prefix prefix = Prefix.parse("10.5.0.0/24");
    assertEquals("eth1", hands.selected.get(prefix).getFirst().source().link());
    assertEquals(Hands.SELF, hands.announced(inside).get(prefix).nextHop());
    TreeMap<Prefix, Origination> own =
        new TreeMap<>(Map.of(Prefix.parse("10.6.0.0/24"), Origination.PLAIN));
    hands.happen(new Happening.Originate(own));
    assertEquals(OURS, hands.announced(tor).get(Prefix.parse("10.6.0.0/24")).nextHop());
  }

  @Test
  void theSameAddressAtAnotherInterfaceIsAStranger() {
    Hands hands = new Hands(config(AT_ETH1).located(found("eth1", THEIRS)));
    assertThrows(AssertionError.class, () -> call(hands, "eth2"));
  }

  @Test
  void externalIsAnyAsButOurs() {
    Hands hands = new Hands(config(AT_ETH1).located(found("eth1", THEIRS)));
    Deed.Target tor = call(hands, "eth1");
    hands.hear(tor, open(Hands.AS));
    assertTrue(
        hands.said(tor).stream().anyMatch(m -> m instanceof Notification n && n.subcode() == 2));
    assertEquals(
        "peer says AS 65000, configured is any but 65000", hands.view(1).lastError());
    assertEquals(Family.IPV4, SESSION.families().getFirst());
  }

  @Test
  void whoeverStartsAgainWaitsForTheirRoutes() {
    SpeakerConfig unknown = new SpeakerConfig(
            Hands.AS,
            Hands.SELF,
            List.of(),
            SpeakerConfig.Multipath.OFF,
            List.of(Hands.peer(3, Hands.AS, Hands.session())),
            List.of())
        .at(List.of(AT_ETH1));
    Hands hands = new Hands(unknown);
    Deed.Target inside = hands.up(3, Hands.AS);
    hands.hear(inside, Update.endOfRib(AfiSafi.IPV4_UNICAST));
    assertFalse(hands.converged);
    hands.due(0, Deadline.ABSENCE);
    assertTrue(hands.converged);
  }
}
