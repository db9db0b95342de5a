package dev.catwalk.bgp.speaker;

import static dev.catwalk.bgp.speaker.Hands.path;
import static dev.catwalk.bgp.speaker.Hands.peer;
import static dev.catwalk.bgp.speaker.Hands.session;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.wire.LargeCommunities;
import dev.catwalk.bgp.wire.Notification;
import java.util.Collections;
import org.junit.jupiter.api.Test;

/** Who takes more memory than there is for all. */
class MemoryTest {
  private static final long LIMIT = 1 << 20;

  private final Hands hands =
      new Hands(peer(2, 65002, session()), peer(3, 65003, session()), peer(4, 65004, session()));

  /** A route of some 4 KB that nobody else has. */
  private void large(Deed.Target from, int peer, int number) {
    hands.announce(
        from,
        path(peer, 65000 + peer)
            .with()
            .largeCommunities(new LargeCommunities(
                Collections.nCopies(330, new LargeCommunities.Large(peer, 2, number))))
            .build(),
        "100." + peer + "." + number + ".0/24");
  }

  @Test
  void whoHasMostGoesAndTheOthersStay() {
    hands.speaker.limitMemory(LIMIT);
    Deed.Target modest = hands.up(2, 65002);
    Deed.Target hoarder = hands.up(3, 65003);
    Deed.Target other = hands.up(4, 65004);
    for (int i = 0; i < 20; i++) {
      large(modest, 2, i);
    }
    hands.said(other);
    int told = 0;
    while (!hands.isClosed(hoarder) && told < 255) {
      large(hoarder, 3, told++);
    }
    assertTrue(told > 50 && told < 150, "routes of both sides are counted: " + told);
    Notification cease = (Notification) hands.said(hoarder).getLast();
    assertEquals("6/8 out of resources", cease.text());
    assertEquals(20, hands.selected.size());
    assertEquals("established", hands.view(0).state());
    assertEquals("established", hands.view(2).state());
    assertTrue(hands.view(1).hint().contains("prefixLimit"), hands.view(1).hint());
    assertTrue(hands.notes.toString().contains("no memory for more routes"));
    assertTrue(hands.isClosed(hands.call(3)), "not at once again");
    hands.due(hoarder.peer(), Deadline.PEER_PENANCE);
    Deed.Target again = hands.up(3, 65003);
    large(again, 3, 1);
    assertEquals(21, hands.selected.size());
  }

  /** Last to speak is not who has most. */
  @Test
  void itIsNotWhoSpokeLast() {
    hands.speaker.limitMemory(LIMIT);
    Deed.Target hoarder = hands.up(2, 65002);
    Deed.Target modest = hands.up(3, 65003);
    for (int i = 0; i < 90; i++) {
      large(hoarder, 2, i);
    }
    for (int i = 0; i < 80 && !hands.isClosed(hoarder); i++) {
      large(modest, 3, i);
    }
    assertTrue(hands.isClosed(hoarder));
    assertEquals("established", hands.view(1).state());
    int kept = hands.selected.size();
    hands.nowMs += Memory.RESPITE_MS;
    large(modest, 3, 200);
    assertEquals(kept + 1, hands.selected.size(), "there is room again");
  }
}
