package dev.catwalk.bgp.speaker;

import static dev.catwalk.bgp.speaker.Hands.IPV4;
import static dev.catwalk.bgp.speaker.Hands.path;
import static dev.catwalk.bgp.speaker.Hands.peer;
import static dev.catwalk.bgp.speaker.Hands.session;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.bgp.fsm.Event;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.RouteRefresh;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** RFC 2918 and RFC 7313, both ways. */
class RefreshTest {
  private static final RouteRefresh BEGIN = new RouteRefresh(IPV4, RouteRefresh.BEGIN);
  private static final RouteRefresh END = new RouteRefresh(IPV4, RouteRefresh.END);
  private static final SessionConfig LASTING = new SessionConfig(
      90,
      0,
      true,
      false,
      List.of(Family.IPV4),
      new GracefulRestart(true, 120, 360),
      Optional.empty());
  private final Hands hands = new Hands(peer(2, 65002, session()), peer(3, 65003, session()));
  private final Deed.Target from = hands.up(2, 65002, new Capability.EnhancedRefresh());

  private static Capability restart(boolean restarting) {
    return new Capability.GracefulRestart(
        restarting, false, 120, List.of(new Capability.Restarted(IPV4, true)));
  }

  @Test
  void allIsToldAgainBetweenMarkers() {
    Deed.Target to = hands.up(3, 65003, new Capability.EnhancedRefresh());
    hands.announce(from, path(2, 65002), "100.1.0.0/24");
    hands.announce(from, path(2, 65002), "100.2.0.0/24");
    hands.said(to);
    hands.hear(to, RouteRefresh.of(IPV4));
    assertEquals(
        List.of(
            BEGIN.toString(),
            "100.1.0.0/24 [65000 65002]",
            "100.2.0.0/24 [65000 65002]",
            END.toString()),
        hands.words(to));
    assertEquals(2, hands.view(1).messages().sent().get("routeRefresh"));
  }

  /** Thousands of requests are as good as one, until that is answered. */
  @Test
  void aFloodOfRequestsIsAnsweredOnce() {
    Deed.Target to = hands.up(3, 65003, new Capability.EnhancedRefresh());
    hands.announce(from, path(2, 65002), "100.1.0.0/24");
    hands.said(to);
    List<String> once = List.of(BEGIN.toString(), "100.1.0.0/24 [65000 65002]", END.toString());
    flood(to);
    hands.hear(to, RouteRefresh.of(IPV4));
    assertEquals(once, hands.words(to));
    hands.happen(new Happening.OfPeer(to.peer(), new Event.Blocked(to.connection())));
    for (int i = 0; i < 3; i++) {
      flood(to);
      hands.hear(to, RouteRefresh.of(IPV4));
    }
    assertEquals(List.of(), hands.words(to), "it does not read");
    hands.happen(new Happening.OfPeer(to.peer(), new Event.Writable(to.connection())));
    assertEquals(once, hands.words(to));
  }

  /** One who asks again each time that it was told gets a few answers, and one more later. */
  @Test
  void whoAsksWithoutEndIsAnsweredNowAndThen() {
    Deed.Target to = hands.up(3, 65003);
    hands.announce(from, path(2, 65002), "100.1.0.0/24");
    hands.said(to);
    List<String> once = List.of("100.1.0.0/24 [65000 65002]");
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < Refreshes.ANSWERS; i++) {
        hands.hear(to, RouteRefresh.of(IPV4));
        assertEquals(once, hands.words(to));
      }
      hands.hear(to, RouteRefresh.of(IPV4));
      hands.hear(to, RouteRefresh.of(IPV4));
      assertEquals(List.of(), hands.words(to), "not now");
      hands.announce(from, path(2, 65002, 7), "100.1.0.0/24");
      assertEquals(List.of("100.1.0.0/24 [65000 65002 7]"), hands.words(to), "news is told");
      hands.announce(from, path(2, 65002), "100.1.0.0/24");
      hands.said(to);
      hands.due(to.peer(), Deadline.PEER_ANSWERS);
      assertEquals(once, hands.words(to), "it was not forgotten");
      hands.due(to.peer(), Deadline.PEER_ANSWERS);
    }
  }

  private void flood(Deed.Target from) {
    for (int i = 0; i < 1_000; i++) {
      assertEquals(
          List.of(),
          hands.speaker.step(
              hands.nowMs,
              new Happening.OfPeer(
                  from.peer(), new Event.Received(from.connection(), RouteRefresh.of(IPV4)))));
    }
  }

  /** Each would walk the table, and a route between them makes it walk to its end. */
  @Test
  void aFloodOfMarkersIsHeededAFewTimes() {
    for (int i = 0; i < Refreshes.MARKS; i++) {
      hands.announce(from, path(2, 65002), "100.1.0.0/24");
      hands.hear(from, BEGIN);
    }
    hands.announce(from, path(2, 65002), "100.1.0.0/24");
    hands.hear(from, BEGIN);
    hands.hear(from, END);
    assertEquals(1, hands.selected.size(), "one too many marks nothing");
    hands.nowMs += Refreshes.MARKS_MS;
    hands.hear(from, BEGIN);
    hands.hear(from, END);
    assertEquals(0, hands.selected.size());
  }

  /** RFC 7313 §4: what a restarting peer has named again is not forgotten because of them. */
  @Test
  void markersBeforeEndOfRibMeanNothing() {
    Hands own = new Hands(peer(2, 65002, LASTING));
    Deed.Target to = own.up(2, 65002, new Capability.EnhancedRefresh(), restart(false));
    own.announce(to, path(2, 65002), "100.1.0.0/24");
    own.hear(to, BEGIN);
    own.hear(to, END);
    assertEquals(1, own.selected.size());
    own.hear(to, Update.endOfRib(IPV4));
    own.hear(to, BEGIN);
    own.hear(to, END);
    assertEquals(0, own.selected.size());
  }

  /** RFC 7313 §4: an end without its begin is no reason to forget what is kept over a restart. */
  @Test
  void anEndWithoutABeginMeansNothing() {
    Hands own = new Hands(peer(2, 65002, LASTING));
    Deed.Target first = own.up(2, 65002, new Capability.EnhancedRefresh(), restart(true));
    own.announce(first, path(2, 65002), "100.1.0.0/24");
    own.closed(first);
    Deed.Target second = own.up(2, 65002, new Capability.EnhancedRefresh(), restart(true));
    own.hear(second, END);
    assertEquals(1, own.selected.size());
    own.hear(second, Update.endOfRib(IPV4));
    assertEquals(0, own.selected.size());
  }

  @Test
  void aPeerWithoutMarkersGetsNone() {
    Deed.Target to = hands.up(3, 65003);
    hands.announce(from, path(2, 65002), "100.1.0.0/24");
    hands.said(to);
    hands.hear(to, RouteRefresh.of(IPV4));
    assertEquals(List.of("100.1.0.0/24 [65000 65002]"), hands.words(to));
  }

  @Test
  void whatIsNotNamedBetweenItsMarkersIsGone() {
    hands.announce(from, path(2, 65002), "100.1.0.0/24");
    hands.announce(from, path(2, 65002), "100.2.0.0/24");
    hands.announce(from, path(2, 65002), "100.3.0.0/24");
    hands.hear(from, BEGIN);
    assertEquals(3, hands.selected.size());
    hands.announce(from, path(2, 65002), "100.1.0.0/24");
    hands.hear(from, BEGIN); // RFC 7313 §4: anew
    hands.announce(from, path(2, 65002), "100.2.0.0/24");
    hands.announce(from, path(2, 65002), "100.4.0.0/24");
    assertEquals(4, hands.selected.size());
    hands.hear(from, END);
    assertEquals(
        List.of(Prefix.parse("100.2.0.0/24"), Prefix.parse("100.4.0.0/24")),
        List.copyOf(hands.selected.keySet()));
    hands.hear(from, END);
    assertEquals(2, hands.selected.size());
  }
}
