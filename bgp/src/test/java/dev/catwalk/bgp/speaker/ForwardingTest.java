package dev.catwalk.bgp.speaker;

import static dev.catwalk.bgp.speaker.Hands.path;
import static dev.catwalk.bgp.speaker.Hands.peer;
import static dev.catwalk.bgp.speaker.Hands.session;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.policy.RouteRules;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.RouteRefresh;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** An owner says what he forwards: nobody is told to send packets to us before they find a way. */
class ForwardingTest {
  private static final String P1 = "100.1.0.0/24";
  private static final String P2 = "100.2.0.0/24";
  private static final SessionConfig ALL_PATHS = session()
      .with(new Extensions(
          true, true, false, new Extensions.AddPath(false, 4), 0, Optional.empty(), false));
  private static final SessionConfig AS_IT_CAME = session()
      .with(new RouteRules(
          0,
          RouteRules.Imports.STANDARD,
          new RouteRules.Exports(
              RouteRules.NextHops.KEEP,
              false,
              false,
              false,
              RouteRules.Exports.STANDARD.filter())));

  private final Hands hands = new Hands(
      peer(2, 65002, session()),
      peer(3, 65003, session()),
      peer(4, 65004, ALL_PATHS),
      peer(5, 65005, AS_IT_CAME));

  private void forward(String more, String fewer) {
    hands.happen(new Happening.Forwarding(set(more), set(fewer)));
  }

  private static SortedSet<Prefix> set(String prefixes) {
    TreeSet<Prefix> set = new TreeSet<>();
    for (String prefix : prefixes.isEmpty() ? new String[0] : prefixes.split(" ")) {
      set.add(Prefix.parse(prefix));
    }
    return set;
  }

  @Test
  void aRouteIsToldWhenPacketsForItFindTheirWay() {
    forward("", "");
    Deed.Target from = hands.up(2, 65002);
    Deed.Target to = hands.up(3, 65003);
    Deed.Target beside = hands.up(5, 65005);
    Capability.Paths paths = new Capability.Paths(AfiSafi.IPV4_UNICAST, true, false);
    Deed.Target every = hands.up(4, 65004, new Capability.AddPath(List.of(paths)));
    hands.words(to);
    hands.words(every);
    hands.words(beside);
    hands.announce(from, path(2, 65002), P1);
    hands.announce(from, path(2, 65002), P2);
    TreeMap<Prefix, Origination> own = new TreeMap<>();
    own.put(Prefix.parse("100.9.0.0/24"), Origination.PLAIN);
    hands.happen(new Happening.Originate(own));
    List<String> ownOnly = List.of("100.9.0.0/24 [65000]");
    assertEquals(ownOnly, hands.words(to));
    assertEquals(ownOnly, hands.words(every));
    assertEquals(3, hands.words(beside).size(), "these packets do not come to us");

    forward(P1, "");
    assertEquals(List.of(P1 + " [65000 65002]"), hands.words(to));
    assertEquals(List.of(P1 + " [65000 65002]"), hands.words(every));
    hands.hear(to, RouteRefresh.of(AfiSafi.IPV4_UNICAST));
    assertEquals(List.of("100.9.0.0/24 [65000]", P1 + " [65000 65002]"), hands.words(to));

    hands.announce(from, path(2, 65002, 65009), P1);
    assertEquals(List.of(P1 + " [65000 65002 65009]"), hands.words(to), "the way stays");
    hands.withdraw(from, P1);
    assertEquals(List.of("-" + P1), hands.words(to), "at once");
    hands.announce(from, path(2, 65002), P1);
    assertEquals(List.of(P1 + " [65000 65002]"), hands.words(to), "the kernel has it still");
    hands.words(every);
    forward("", P1);
    assertEquals(List.of("-" + P1), hands.words(to), "refused by now, or its link is gone");
    assertEquals(List.of("-" + P1), hands.words(every));
    assertTrue(hands.words(from).stream().noneMatch(w -> w.contains(P1)), "nothing of its own");
  }

  /** The way is there before the route, and a peer that comes later hears what there is. */
  @Test
  void thePeerThatComesLaterHearsWhatIsForwarded() {
    forward(P2, "");
    Deed.Target from = hands.up(2, 65002);
    hands.announce(from, path(2, 65002), P1);
    hands.announce(from, path(2, 65002), P2);
    Deed.Target to = hands.up(3, 65003);
    assertEquals(
        List.of(P2 + " [65000 65002]", "EoR"),
        hands.words(to).stream()
            .filter(w -> w.contains("100.") || w.equals("EoR"))
            .toList());
  }
}
