package dev.catwalk.bgp.speaker;

import static dev.catwalk.bgp.speaker.Hands.address;
import static dev.catwalk.bgp.speaker.Hands.peer;
import static dev.catwalk.bgp.speaker.Hands.session;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.rib.Path;
import dev.catwalk.bgp.rib.Underlay;
import dev.catwalk.bgp.rib.Via;
import dev.catwalk.bgp.speaker.SpeakerConfig.Multipath;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** RFC 4271 §9.1.2.1: which next hops are reached, by whom, and what becomes of the others. */
class NextHopsTest {
  private static final String LINK = "10.0.0.0/24";
  private static final String P = "100.1.0.0/24";
  private static final IpAddress FAR = IpAddress.parse("192.0.2.1");

  private final Hands hands = new Hands(new SpeakerConfig(
      Hands.AS,
      Hands.SELF,
      List.of(),
      new Multipath(4, false),
      List.of(
          peer(2, 65002, session()),
          peer(3, 65003, session()),
          peer(4, Hands.AS, session()),
          peer(5, Hands.AS, session())),
      List.of()));

  /** Links, and routes as {@code prefix>neighbour}, or {@code prefix>} where packets are dropped. */
  private void reach(String... words) {
    TreeSet<Prefix> links = new TreeSet<>();
    TreeMap<Prefix, List<Via>> routes = new TreeMap<>();
    for (String word : words) {
      int arrow = word.indexOf('>');
      if (arrow < 0) {
        links.add(Prefix.parse(word));
      } else {
        String to = word.substring(arrow + 1);
        routes.put(
            Prefix.parse(word.substring(0, arrow)),
            to.isEmpty() ? List.of() : List.of(new Via(IpAddress.parse(to), "")));
      }
    }
    hands.happen(new Happening.Reaches(new Underlay(links, routes)));
  }

  private static PathAttributes by(IpAddress nextHop, long localPref, long... as) {
    return PathAttributes.builder(Origin.IGP, AsPath.sequence(as), nextHop)
        .localPref(localPref)
        .build();
  }

  /** Where packets for it go; empty: nowhere. */
  private String ways(String prefix) {
    return hands.selected.getOrDefault(Prefix.parse(prefix), List.of()).stream()
        .map(Path::via)
        .flatMap(List::stream)
        .map(Via::toString)
        .collect(Collectors.joining(" "));
  }

  private String why(String prefix) {
    return hands.speaker.routes(Optional.of(Prefix.parse(prefix))).getFirst().paths().stream()
        .map(RouteView.PathView::why)
        .collect(Collectors.joining(" | "));
  }

  @Test
  void aFarNextHopIsWhereTheLongestOtherRouteLeads() {
    reach(LINK);
    Deed.Target inside = hands.up(4, Hands.AS);
    Deed.Target edge = hands.up(5, Hands.AS);
    Deed.Target to = hands.up(2, 65002);
    hands.words(to);
    hands.announce(inside, by(FAR, 100, 65009), P);
    assertEquals("", ways(P));
    assertEquals("refused: no link and no other route leads to its next hop", why(P));
    assertEquals(List.of(), hands.words(to));
    assertEquals(0, hands.speaker.peers().get(2).prefixesAccepted());

    hands.announce(inside, by(address(7), 100), "192.0.0.0/16");
    assertEquals("10.0.0.7", ways(P));
    assertEquals("only path; its next hop is reached by 10.0.0.7", why(P));
    assertEquals(
        List.of("192.0.0.0/16 [65000]", P + " [65000 65009]"),
        hands.words(to).stream().sorted(Comparator.reverseOrder()).toList());

    hands.announce(inside, by(address(8), 100), "192.0.2.0/24");
    assertEquals("10.0.0.8", ways(P), "a longer one");
    hands.announce(edge, by(address(9), 100), "192.0.2.0/24");
    assertEquals("10.0.0.8 10.0.0.9", ways(P), "two that are as good");
    hands.withdraw(inside, "192.0.2.0/24");
    assertEquals("10.0.0.9", ways(P));
    assertEquals(List.of("192.0.2.0/24 [65000]"), hands.words(to), "the route itself is no news");

    hands.announce(edge, by(IpAddress.parse("198.51.100.1"), 100), "192.0.2.0/24");
    assertEquals("10.0.0.7", ways(P), "one that leads nowhere is none");
    hands.announce(inside, by(address(6), 100), "198.51.100.0/24");
    assertEquals("10.0.0.6", ways(P), "one by way of another");
    hands.closed(inside);
    assertEquals(List.of(), hands.selected.getOrDefault(Prefix.parse(P), List.of()));
  }

  @Test
  void whatIsNotReachedGivesWayToWhatIs() {
    reach(LINK, "192.0.2.0/24>10.0.0.7");
    Deed.Target inside = hands.up(4, Hands.AS);
    Deed.Target edge = hands.up(5, Hands.AS);
    hands.announce(inside, by(FAR, 200, 65009), P);
    hands.announce(edge, by(address(5), 100, 65009), P);
    assertEquals("10.0.0.7", ways(P));
    reach(LINK, "192.0.2.0/24>");
    assertEquals("10.0.0.5", ways(P), "somebody else drops its packets");
    assertTrue(why(P).endsWith("| refused: no link and no other route leads to its next hop"));
    reach(LINK, "192.0.2.0/24>10.0.0.7");
    assertEquals("10.0.0.7", ways(P));
    reach(LINK, "0.0.0.0/0>10.0.0.8");
    assertEquals("10.0.0.8", ways(P), "another way, without BGP");
    reach(LINK, "192.0.2.0/31");
    assertEquals("192.0.2.1", ways(P), "a neighbour now");
    reach(LINK, "0.0.0.0/0>10.0.0.8");
    assertEquals("10.0.0.8", ways(P), "no longer");
    TreeMap<Prefix, Origination> own = new TreeMap<>();
    own.put(Prefix.parse("192.0.0.0/20"), Origination.PLAIN);
    hands.happen(new Happening.Originate(own));
    assertEquals("10.0.0.5", ways(P), "our own block ends here");
  }

  /** A route never leads to its own next hop, however many others are between. */
  @Test
  void nothingIsReachedThroughItself() {
    reach(LINK);
    Deed.Target inside = hands.up(4, Hands.AS);
    hands.announce(inside, by(FAR, 100), "192.0.0.0/16");
    hands.announce(inside, by(IpAddress.parse("203.0.113.1"), 100), "198.51.100.0/24");
    hands.announce(inside, by(IpAddress.parse("198.51.100.1"), 100), "203.0.113.0/24");
    assertEquals(new TreeMap<>(), hands.selected);
    reach(LINK, "0.0.0.0/0>10.0.0.9");
    for (String prefix : List.of("192.0.0.0/16", "198.51.100.0/24", "203.0.113.0/24")) {
      assertEquals("10.0.0.9", ways(prefix));
    }
    reach(LINK);
    assertEquals(new TreeMap<>(), hands.selected);
    hands.announce(inside, by(address(7), 100), "203.0.113.0/24");
    assertEquals("10.0.0.7", ways("198.51.100.0/24"));
    hands.announce(inside, by(IpAddress.parse("198.51.100.1"), 100), "203.0.113.0/24");
    assertEquals(new TreeMap<>(), hands.selected, "what they leant on is gone");
  }

  /** Its best path rests on a route that rests on it: neither is taken away again and again. */
  @Test
  void aSelectionThatRestsOnItselfStays() {
    reach(LINK);
    Deed.Target first = hands.up(4, Hands.AS);
    Deed.Target second = hands.up(5, Hands.AS);
    hands.announce(second, by(address(8), 100), "198.51.100.0/24");
    hands.announce(second, by(address(9), 100), "203.0.113.0/24");
    hands.announce(first, by(IpAddress.parse("203.0.113.1"), 200), "198.51.100.0/24");
    hands.announce(first, by(IpAddress.parse("198.51.100.1"), 200), "203.0.113.0/24");
    assertEquals("10.0.0.8", ways("198.51.100.0/24"), "what leads back is passed over");
    assertEquals("10.0.0.9", ways("203.0.113.0/24"));
    hands.withdraw(second, "198.51.100.0/24");
    assertEquals("10.0.0.9", ways("198.51.100.0/24"));
    assertEquals("10.0.0.9", ways("203.0.113.0/24"));
    hands.withdraw(second, "203.0.113.0/24");
    assertEquals(new TreeMap<>(), hands.selected);
  }

  @Test
  void aChainAndTheirNumberHaveAnEnd() {
    reach(LINK);
    Deed.Target inside = hands.up(4, Hands.AS);
    for (int i = 1; i <= 9; i++) {
      IpAddress nextHop = i == 1 ? address(7) : IpAddress.parse("192.0." + (i - 1) + ".1");
      hands.announce(inside, by(nextHop, 100), "192.0." + i + ".0/24");
    }
    assertEquals("10.0.0.7", ways("192.0.9.0/24"), "eight lean on each other");
    hands.announce(inside, by(IpAddress.parse("192.0.9.1"), 100), P);
    assertEquals("", ways(P), "nine do not");
    for (int i = 0; i < 4096 - 9; i++) {
      hands.announce(inside, by(IpAddress.v4(0xc6000000 + i), 100), "100.2.0.0/24");
    }
    assertEquals("10.0.0.7", ways("192.0.9.0/24"));
    hands.announce(inside, by(IpAddress.parse("192.0.8.7"), 100), P);
    assertEquals("10.0.0.7", ways(P), "those that no path has any more are forgotten");
  }

  @Test
  void oneThatIsBeyondThoseThatAreLookedAfterIsNotReached() {
    reach(LINK);
    Deed.Target inside = hands.up(4, Hands.AS);
    hands.announce(inside, by(address(7), 100), "192.0.2.0/24");
    hands.announce(inside, by(IpAddress.parse("192.0.2.9"), 100), "100.3.0.0/24");
    for (int i = 0; i < 4096 - 1; i++) {
      String prefix = IpAddress.v4(0x65000000 + (i << 8)) + "/24";
      hands.announce(inside, by(IpAddress.v4(0xc6000000 + i), 100), prefix);
    }
    hands.announce(inside, by(FAR, 100, 65009), P);
    assertEquals("", ways(P));
    assertEquals("10.0.0.7", ways("100.3.0.0/24"), "those that were there before stay");
  }

  @Test
  void anIpv4RouteMayHaveAFarIpv6NextHop() {
    SessionConfig both = new SessionConfig(90, 0, true, false, List.of(Family.values()))
        .with(new Extensions(
            true, true, true, Extensions.STANDARD.addPath(), 0, Optional.empty(), false));
    Hands mixed = new Hands(peer(2, Hands.AS, both));
    mixed.happen(new Happening.Reaches(
        new Underlay(new TreeSet<>(List.of(Prefix.parse("fd00::/64"))), new TreeMap<>())));
    Deed.Target from = mixed.up(
        2,
        Open.offering(
            Hands.AS,
            90,
            2,
            List.of(Hands.IPV4, AfiSafi.IPV6_UNICAST),
            List.of(Capability.ExtendedNextHop.IPV4)));
    mixed.announce(from, by(IpAddress.parse("2001:db8::1"), 100), P);
    assertEquals(new TreeMap<>(), mixed.selected);
    mixed.announce(from, by(IpAddress.parse("fd00::7"), 100), "2001:db8::/32");
    assertEquals(
        List.of(new Via(IpAddress.parse("fd00::7"), "")),
        mixed.selected.get(Prefix.parse(P)).getFirst().via());
  }

  /** Whatever order things come in, what is selected is the same as if it had come at once. */
  @Test
  void onlyTheStateCounts() {
    for (int seed = 0; seed < 40; seed++) {
      Random random = new Random(seed);
      NextHopsTest one = new NextHopsTest();
      one.reach(LINK);
      List<Deed.Target> peers = List.of(one.hands.up(4, Hands.AS), one.hands.up(5, Hands.AS));
      List<TreeMap<String, PathAttributes>> held = List.of(new TreeMap<>(), new TreeMap<>());
      String[] underlay = {LINK};
      for (int step = 0; step < 60; step++) {
        int who = random.nextInt(2);
        String prefix = "100.64." + random.nextInt(4) * 64 + ".0/" + (16 + 2 * random.nextInt(5));
        prefix = Prefix.of(
                IpAddress.parse(prefix.substring(0, prefix.indexOf('/'))),
                Integer.parseInt(prefix.substring(prefix.indexOf('/') + 1)))
            .toString();
        if (random.nextInt(12) == 0) {
          underlay = random.nextBoolean()
              ? new String[] {LINK}
              : new String[] {LINK, "100.64." + random.nextInt(4) * 64 + ".0/20>10.0.0.77"};
          one.reach(underlay);
        } else if (random.nextInt(3) == 0) {
          held.get(who).remove(prefix);
          one.hands.withdraw(peers.get(who), prefix);
        } else {
          IpAddress nextHop = random.nextInt(3) == 0
              ? address(20 + random.nextInt(5))
              : IpAddress.parse("100.64." + random.nextInt(4) * 64 + ".1");
          PathAttributes attributes = by(nextHop, 100 + random.nextInt(3));
          held.get(who).put(prefix, attributes);
          one.hands.announce(peers.get(who), attributes, prefix);
        }
      }
      NextHopsTest other = new NextHopsTest();
      List<Deed.Target> again = List.of(other.hands.up(4, Hands.AS), other.hands.up(5, Hands.AS));
      for (int who : new int[] {1, 0}) {
        held.get(who)
            .descendingMap()
            .forEach((prefix, a) -> other.hands.announce(again.get(who), a, prefix));
      }
      other.reach(underlay);
      assertEquals(texts(other.hands), texts(one.hands), "seed " + seed);
    }
  }

  private static List<String> texts(Hands hands) {
    List<String> texts = new ArrayList<>();
    hands.selected.forEach((prefix, paths) ->
        paths.forEach(p -> texts.add(prefix + " " + p.attributes().nextHop() + " " + p.via())));
    return texts;
  }
}
