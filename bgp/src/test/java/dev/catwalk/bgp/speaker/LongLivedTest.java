package dev.catwalk.bgp.speaker;

import static dev.catwalk.bgp.speaker.Hands.IPV4;
import static dev.catwalk.bgp.speaker.Hands.path;
import static dev.catwalk.bgp.speaker.Hands.peer;
import static dev.catwalk.bgp.speaker.Hands.session;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.Communities;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** RFC 9494: routes that outlive the restart time as the last choice. */
class LongLivedTest {
  private static final Prefix P1 = Prefix.parse("100.1.0.0/24");
  private static final Prefix P2 = Prefix.parse("100.2.0.0/24");
  private static final Capability RESTART = new Capability.GracefulRestart(
      false, true, 60, List.of(new Capability.Restarted(IPV4, true)));
  private static final Capability LONG =
      new Capability.LongLived(List.of(new Capability.Kept(IPV4, true, 3600)));

  private static SessionConfig config(int staleTime) {
    Extensions s = Extensions.STANDARD;
    return session()
        .with(new GracefulRestart(true, 60, 120))
        .with(new Extensions(true, true, false, s.addPath(), staleTime, Optional.empty(), false));
  }

  private final Hands hands = new Hands(
      peer(2, 65002, config(600)),
      peer(3, 65003, config(600)),
      peer(4, 65004, session()),
      peer(5, 65005, session()));
  private final Deed.Target from = hands.up(2, 65002, RESTART, LONG);
  private final Deed.Target knows = hands.up(3, 65003, RESTART, LONG);
  private final Deed.Target plain = hands.up(4, 65004);

  private void away() {
    hands.announce(from, path(2, 65002), "100.1.0.0/24");
    hands.announce(
        from,
        path(2, 65002).with().communities(Communities.of(Communities.NO_LLGR)).build(),
        "100.2.0.0/24");
    hands.closed(from);
    assertEquals(2, hands.selected.size());
    hands.said(knows);
    hands.said(plain);
    hands.due(from.peer(), Deadline.PEER_RESTART);
  }

  @Test
  void whatWeOffer() {
    Hands others = new Hands(peer(2, 65002, config(600)), peer(3, 65003, config(0)));
    assertTrue(others.view(0).capabilities().ours().contains("long-lived-graceful-restart"));
    assertFalse(others.view(1).capabilities().ours().contains("long-lived-graceful-restart"));
  }

  @Test
  void theyStayMarkedForThoseWhoKnowWhatThatMeans() {
    away();
    PathAttributes told = hands.announced(knows).get(P1);
    assertTrue(told.communities().orElseThrow().contains(Communities.LLGR_STALE));
    assertEquals(List.of("-100.1.0.0/24", "-100.2.0.0/24"), sorted(hands.words(plain)));
    assertEquals(List.of(P1), List.copyOf(hands.selected.keySet()));
    hands.due(from.peer(), Deadline.PEER_STALE);
    assertEquals(1, hands.selected.size(), "their life is long");
    hands.due(from.peer(), Deadline.PEER_LONG_LIVED);
    assertEquals(0, hands.selected.size());
  }

  private static List<String> sorted(List<String> words) {
    return words.stream().sorted().toList();
  }

  @Test
  void anyOtherWayIsBetter() {
    away();
    Deed.Target worse = hands.up(5, 65005);
    hands.announce(worse, path(5, 65005, 1, 2, 3), "100.1.0.0/24");
    assertEquals(5, hands.selected.get(P1).getFirst().source().bgpId());
    var paths = hands.speaker.routes(Optional.of(P1)).getFirst().paths();
    assertEquals("its peer has been away for long", paths.get(1).why());
  }

  @Test
  void thePeerComesBack() {
    away();
    Deed.Target again = hands.up(2, 65002, RESTART, LONG);
    assertEquals(1, hands.selected.size());
    hands.announce(again, path(2, 65002), "100.1.0.0/24");
    assertFalse(hands.selected.get(P1).getFirst().attributes().communities().isPresent());
    hands.hear(again, Update.endOfRib(IPV4));
    hands.due(from.peer(), Deadline.PEER_LONG_LIVED);
    assertEquals(1, hands.selected.size());
  }

  @Test
  void aPeerThatComesBackWithoutItLosesThem() {
    away();
    hands.up(2, 65002, RESTART);
    assertEquals(0, hands.selected.size());
  }

  @Test
  void aMarkThatComesFromFarIsTheLastChoiceToo() {
    PathAttributes marked = path(2, 65002)
        .with()
        .communities(Communities.of(Communities.LLGR_STALE))
        .build();
    hands.announce(from, marked, "100.2.0.0/24");
    Deed.Target worse = hands.up(5, 65005);
    hands.announce(worse, path(5, 65005, 1, 2, 3), "100.2.0.0/24");
    assertEquals(5, hands.selected.get(P2).getFirst().source().bgpId());
  }
}
