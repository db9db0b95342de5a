package dev.catwalk.bgp.speaker;

import static dev.catwalk.bgp.speaker.Hands.IPV4;
import static dev.catwalk.bgp.speaker.Hands.path;
import static dev.catwalk.bgp.speaker.Hands.peer;
import static dev.catwalk.bgp.speaker.Hands.session;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** RFC 7911 from the OPEN to the table and on. */
class AddPathTest {
  private static final Prefix PREFIX = Prefix.parse("100.1.0.0/24");
  private static final Capability BOTH =
      new Capability.AddPath(List.of(new Capability.Paths(IPV4, true, true)));

  private static SessionConfig with(boolean receive, int send) {
    Extensions s = Extensions.STANDARD;
    return session()
        .with(new Extensions(
            s.extendedMessages(),
            s.enhancedRefresh(),
            false,
            new Extensions.AddPath(receive, send),
            0,
            s.role(),
            false));
  }

  private static Update announce(int pathId, PathAttributes attributes) {
    return Update.announce(
        attributes,
        new Nlri.Builder(Family.IPV4).add(pathId, 0, 0x64010000L, 24).build());
  }

  @Test
  void twoPathsComeInAndGoOn() {
    Hands hands = new Hands(
        peer(2, 65002, with(true, 0)), peer(3, 65003, with(false, 4)), peer(4, 65004, session()));
    Deed.Target from = hands.up(2, 65002, BOTH);
    Deed.Target paths = hands.up(3, 65003, BOTH);
    Deed.Target plain = hands.up(4, 65004, BOTH);
    hands.said(paths);
    hands.said(plain);
    hands.hear(from, announce(7, path(2, 65002)));
    hands.hear(from, announce(8, path(2, 65002, 1)));
    assertEquals(2, hands.view(0).prefixesReceived());
    assertEquals(1, hands.selected.get(PREFIX).size());
    TreeSet<Integer> ids = new TreeSet<>();
    for (Message message : hands.said(paths)) {
      Nlri nlri = ((Update) message).announced().getFirst().prefixes();
      ids.add(nlri.pathId(0));
    }
    assertEquals(2, ids.size());
    assertTrue(!ids.contains(0));
    assertEquals(List.of("100.1.0.0/24 [65000 65002]"), hands.words(plain));
    hands.hear(
        from,
        Update.withdraw(new Nlri.Builder(Family.IPV4).add(7, 0, 0x64010000L, 24).build()));
    assertEquals(List.of("-100.1.0.0/24"), hands.words(paths));
    assertEquals(List.of("100.1.0.0/24 [65000 65002 1]"), hands.words(plain));
    hands.closed(from);
    assertEquals(List.of("-100.1.0.0/24"), hands.words(paths));
  }

  @Test
  void nobodySendsPathsToOneWhoWantsNone() {
    Hands hands = new Hands(peer(2, 65002, session()), peer(3, 65003, with(true, 4)));
    Deed.Target from = hands.up(2, 65002);
    Deed.Target sends = hands.up(
        3, 65003, new Capability.AddPath(List.of(new Capability.Paths(IPV4, false, true))));
    hands.said(sends);
    hands.hear(from, announce(0, path(2, 65002)));
    Nlri nlri = ((Update) hands.said(sends).getFirst()).announced().getFirst().prefixes();
    assertEquals(0, nlri.pathId(0));
  }
}
