package dev.catwalk.bgp.speaker;

import static dev.catwalk.bgp.speaker.Hands.path;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.speaker.SpeakerConfig.Multipath;
import dev.catwalk.bgp.wire.Fault;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A thousand peers, and somebody who looks while they come, go and speak. */
class PeerListTest {
  private static final int PEERS = 1_000;
  private static final int FIRST = 2;
  private static final int PAGE = 64;

  private final Hands hands = new Hands(new SpeakerConfig(
      Hands.AS,
      Hands.SELF,
      List.of(),
      Multipath.OFF,
      List.of(Hands.peer(60_000, 65_000, Hands.session())),
      List.of(new DynamicPeers(Prefix.parse("10.0.0.0/8"), DynamicPeers.ANY_AS, Hands.session()))));
  private final List<Deed.Target> targets = new ArrayList<>();

  private void bringUp() {
    for (int n = FIRST; n < FIRST + PEERS; n++) {
      targets.add(hands.up(n, 65_002));
    }
  }

  @Test
  void pagesHaveEverybodyOnceWhateverHappensBetweenThem() {
    bringUp();
    TreeSet<String> stay = new TreeSet<>();
    hands.speaker.peers().forEach(peer -> stay.add(peer.address()));
    List<String> seen = new ArrayList<>();
    int come = FIRST + PEERS;
    int gone = 0;
    long after = 0;
    do {
      PeerList.Page page = hands.speaker.peerList().page(after, PAGE, hands.nowMs);
      assertTrue(page.peers().size() <= PAGE);
      page.peers().forEach(peer -> seen.add(peer.address()));
      after = page.last();
      if (gone < 5) { // one that was shown leaves, and one that was not, and one comes
        hands.closed(targets.get(gone));
        hands.closed(targets.get(PEERS - 1 - gone));
        stay.remove(Hands.address(FIRST + gone).toString());
        stay.remove(Hands.address(FIRST + PEERS - 1 - gone).toString());
        gone++;
        targets.add(hands.up(come++, 65_002));
      }
      hands.announce(targets.get(500), path(FIRST + 500, 65_002), "100.1." + gone + ".0/24");
    } while (after != 0);
    assertEquals(seen.size(), new TreeSet<>(seen).size(), "nobody twice");
    assertTrue(seen.containsAll(stay), "nobody is missing");
  }

  @Test
  void totalsAreTheSumsOfAllViews() {
    bringUp();
    for (int i = 0; i < 20; i++) {
      hands.announce(targets.get(i), path(FIRST + i, 65_002), "100.1." + i + ".0/24");
    }
    PeerTotals totals = hands.speaker.peerList().totals(address -> null);
    List<PeerView> views = hands.speaker.peers();
    assertEquals(PEERS + 1, totals.peers());
    assertEquals(PEERS, totals.established());
    assertEquals(20, totals.routesIn());
    assertEquals(views.stream().mapToLong(PeerView::prefixesSent).sum(), totals.routesOut());
    assertTrue(totals.routesOut() > 0);
  }

  @Test
  void oneIsFoundByItsNameAndByItsAddress() {
    bringUp();
    PeerList list = hands.speaker.peerList();
    PeerView named = list.named("p60000", hands.nowMs).getFirst();
    assertEquals("10.0.234.96", named.address());
    assertEquals(List.of(named), list.named("10.0.234.96", hands.nowMs));
    assertEquals(1, list.named("10.0.0.2", hands.nowMs).size());
    assertEquals(List.of(), list.named("10.9.9.9", hands.nowMs));
    assertEquals(List.of(), list.named("nobody", hands.nowMs));
  }

  /** Those that are configured and down for a reason; whoever came by a range is forgotten then. */
  @Test
  void theAilingAreShownToANumberAndCountedBeyondIt() {
    PeerConfig[] peers = new PeerConfig[50];
    for (int i = 0; i < peers.length; i++) {
      peers[i] = Hands.peer(FIRST + i, 65_002, Hands.session());
    }
    Hands few = new Hands(peers);
    few.up(FIRST, 65_002);
    for (int n = FIRST + 1; n < FIRST + 30; n++) {
      few.hear(few.up(n, 65_002), Notification.of(Fault.ADMINISTRATIVE_SHUTDOWN));
    }
    PeerList list = few.speaker.peerList();
    assertEquals(29, list.ailingCount());
    List<PeerView> shown = list.ailing(20, few.nowMs);
    assertEquals(20, shown.size());
    assertEquals("10.0.0.3", shown.getFirst().address());
    assertTrue(shown.getFirst().hint().contains("switched it off"), shown.getFirst()::hint);
  }
}
