package dev.catwalk.bgp.speaker;

import static dev.catwalk.bgp.speaker.Hands.path;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.speaker.SpeakerConfig.Multipath;
import dev.catwalk.bgp.wire.Fault;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Callers from a range who mean no session. */
class GuestsTest {
  private static final int GUEST = 50_000;

  private final Hands hands = new Hands(new SpeakerConfig(
      Hands.AS,
      Hands.SELF,
      List.of(),
      Multipath.OFF,
      List.of(),
      List.of(new DynamicPeers(Prefix.parse("10.0.0.0/8"), DynamicPeers.ANY_AS, Hands.session()))));

  @Test
  void halfSessionsGiveWayToNewOnesAndSessionsStay() {
    Deed.Target up = hands.up(GUEST, 65002);
    hands.announce(up, path(GUEST, 65002), "100.1.0.0/24");
    Deed.Target first = hands.call(2);
    for (int i = 1; i < Guests.HALF_OPEN; i++) {
      hands.call(2 + i);
    }
    assertFalse(hands.isClosed(first));
    Deed.Target late = hands.up(GUEST + 1, 65003);
    assertTrue(hands.isClosed(first), "the oldest makes room");
    assertEquals(Notification.of(Fault.OUT_OF_RESOURCES), hands.said(first).getLast());
    for (int i = 0; i < 3 * Guests.HALF_OPEN; i++) {
      hands.call(10_000 + i);
    }
    assertEquals(2 + Guests.HALF_OPEN, hands.speaker.peers().size());
    assertFalse(hands.isClosed(up) || hands.isClosed(late));
    assertEquals(1, hands.selected.size());
    assertTrue(hands.notes.size() < 50, () -> hands.notes.size() + " lines are logged");
  }

  @Test
  void thereAreNoMoreSessionsFromRangesThanSoMany() {
    Deed.Target first = hands.up(2, 65002);
    for (int i = 1; i < DynamicPeers.MAX_SESSIONS; i++) {
      hands.up(2 + i, 65002);
    }
    assertThrows(AssertionError.class, () -> hands.call(GUEST), "it is hung up on");
    assertEquals(DynamicPeers.MAX_SESSIONS, hands.speaker.peers().size());
    assertFalse(hands.isClosed(first));
    hands.nowMs += Guests.STEADY_MS;
    hands.closed(first);
    hands.up(GUEST, 65003);
  }

  /** RFC 4271 §8.1.1: the back-off of one who is forgotten between its sessions. */
  @Test
  void whoComesAndGoesHasToWaitAndWhoStaysHasNot() {
    assertEquals(7, comesAndGoes(6_000), "of a minute's at 0, 0, 1, 3, 7, 15 and 31 s");
    assertEquals(0, hands.speaker.peers().size());
    hands.nowMs += 30_000;
    Deed.Target earnest = hands.up(2, 65002);
    hands.nowMs += Guests.STEADY_MS;
    hands.closed(earnest);
    assertEquals(2, comesAndGoes(50), "nothing is held against it any more");
  }

  @Test
  void onlySoManyAddressesAreRemembered() {
    for (int i = 0; i <= Guests.REMEMBERED; i++) {
      for (int twice = 0; twice < 2; twice++) {
        hands.closed(hands.call(2 + i));
      }
    }
    hands.closed(hands.call(2)); // let in: it is forgotten
    hands.nowMs += 1;
    assertFalse(lets(2 + Guests.REMEMBERED));
  }

  /** How often it is let in, of that many calls, one each 10 ms. */
  private int comesAndGoes(int calls) {
    int let = 0;
    for (int i = 0; i < calls; i++) {
      hands.nowMs += 10;
      let += lets(2) ? 1 : 0;
    }
    return let;
  }

  private boolean lets(int n) {
    try {
      hands.closed(hands.up(n, 65002));
      return true;
    } catch (AssertionError refused) {
      assertEquals("refused: " + Hands.address(n), refused.getMessage());
      return false;
    }
  }
}
