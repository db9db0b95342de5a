package dev.catwalk.bgp.speaker;

import static dev.catwalk.bgp.speaker.Hands.path;
import static dev.catwalk.bgp.speaker.Hands.peer;
import static dev.catwalk.bgp.speaker.Hands.session;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.policy.FilterRule;
import dev.catwalk.bgp.policy.FilterRule.Operator;
import dev.catwalk.bgp.policy.FilterRule.Prefixes;
import dev.catwalk.bgp.policy.RouteFilter;
import dev.catwalk.bgp.policy.RouteRules;
import dev.catwalk.bgp.policy.RouteRules.Exports;
import dev.catwalk.bgp.policy.RouteRules.Imports;
import dev.catwalk.bgp.policy.RouteRules.NextHops;
import dev.catwalk.bgp.policy.RouteRules.PrefixLimit;
import dev.catwalk.bgp.speaker.SpeakerConfig.Multipath;
import dev.catwalk.bgp.wire.Communities;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.bgp.wire.Relation;
import dev.catwalk.bgp.wire.RouteRefresh;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is configured for the routes of a peer, and what it comes to. */
class RulesTest {
  private static final Prefix P1 = Prefix.parse("100.1.0.0/24");
  private static final Prefix P2 = Prefix.parse("100.2.0.0/24");
  private static final RouteFilter NO_P1 = new RouteFilter(
      List.of(FilterRule.of(false, Optional.of(new Prefixes(Operator.EQUAL, P1, 0, 32)))),
      List.of());

  private static SessionConfig with(Imports imports, Exports exports) {
    return session().with(new RouteRules(0, imports, exports));
  }

  private static SessionConfig with(Imports imports) {
    return with(imports, Exports.STANDARD);
  }

  private static SessionConfig with(Exports exports) {
    return with(Imports.STANDARD, exports);
  }

  private static Imports imports(RouteFilter filter) {
    return new Imports(0, false, Optional.empty(), filter);
  }

  private static Exports exports(NextHops hops, boolean override, boolean removePrivate) {
    return new Exports(hops, override, removePrivate, false, RouteFilter.NONE);
  }

  private static SessionConfig role(Relation relation) {
    Extensions s = Extensions.STANDARD;
    return session()
        .with(new Extensions(true, true, false, s.addPath(), 0, Optional.of(relation), false));
  }

  private String why(Hands hands, Prefix prefix) {
    return hands
        .speaker
        .routes(Optional.of(prefix))
        .getFirst()
        .paths()
        .getFirst()
        .why();
  }

  /** What a plain eBGP peer's route becomes for peer 3. */
  private static PathAttributes told(SessionConfig session, long as, long... path) {
    Hands hands = new Hands(peer(2, 65002, session()), peer(3, as, session));
    Deed.Target from = hands.up(2, 65002);
    Deed.Target to = hands.up(3, as);
    hands.said(to);
    hands.announce(from, path(2, path), "100.1.0.0/24");
    return hands.announced(to).get(P1);
  }

  @Test
  void nextHopsAndPaths() {
    PathAttributes plain = told(session(), 65003, 65002, 65003);
    assertEquals(Hands.SELF, plain.nextHop());
    assertEquals("65000 65002 65003", plain.asPath().toString());
    PathAttributes kept = told(with(exports(NextHops.KEEP, false, false)), 65003, 65002);
    assertEquals(Hands.address(2), kept.nextHop());
    PathAttributes internal = told(session(), 65000, 65002);
    assertEquals(Hands.address(2), internal.nextHop());
    PathAttributes self = told(with(exports(NextHops.SELF, false, false)), 65000, 65002);
    assertEquals(Hands.SELF, self.nextHop());
    PathAttributes overridden =
        told(with(exports(NextHops.AUTO, true, false)), 65003, 65002, 65003, 1);
    assertEquals("65000 65002 65000 1", overridden.asPath().toString());
    PathAttributes stripped =
        told(with(exports(NextHops.AUTO, false, true)), 65003, 65002, 7, 4200000000L, 65535);
    assertEquals("65000 7 65535", stripped.asPath().toString());
  }

  @Test
  void toOnePeerWeAreAnotherAs() {
    SessionConfig other = session().with(new RouteRules(64999, Imports.STANDARD, Exports.STANDARD));
    Hands hands = new Hands(peer(2, 65002, session()), peer(3, 65003, other));
    Deed.Target from = hands.up(2, 65002);
    Deed.Target to = hands.call(3);
    assertEquals(64999, ((Open) hands.said(to).getFirst()).as());
    hands.closed(to);
    to = hands.up(3, 65003);
    hands.said(to);
    hands.announce(from, path(2, 65002), "100.1.0.0/24");
    assertEquals(List.of("100.1.0.0/24 [64999 65002]"), hands.words(to));
    for (long loop : new long[] {64999, 65000}) {
      hands.announce(to, path(3, 65003, loop), "100.2.0.0/24");
      assertEquals("refused: our own AS is in its AS_PATH", why(hands, P2));
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 1, false", "1, 1, true", "1, 2, false", "2, 2, true"})
  void howOftenOurAsMayBeInAPath(int allowed, int times, boolean taken) {
    Hands hands = new Hands(
        peer(2, 65002, with(new Imports(allowed, false, Optional.empty(), RouteFilter.NONE))));
    Deed.Target from = hands.up(2, 65002);
    long[] path = new long[times + 1];
    Arrays.fill(path, 65000);
    path[0] = 65002;
    hands.announce(from, path(2, path), "100.1.0.0/24");
    assertEquals(taken, hands.selected.containsKey(P1));
  }

  /** RFC 8212. */
  @Test
  void nothingWithoutAFilter() {
    Imports strict = new Imports(0, true, Optional.empty(), RouteFilter.NONE);
    Exports silent = new Exports(NextHops.AUTO, false, false, true, RouteFilter.NONE);
    Hands hands = new Hands(
        peer(2, 65002, with(strict)),
        peer(3, 65003, with(silent)),
        peer(4, 65000, with(strict, silent)),
        peer(5, 65005, with(new Exports(NextHops.AUTO, false, false, true, NO_P1))));
    Deed.Target ebgp = hands.up(2, 65002);
    Deed.Target unfiltered = hands.up(3, 65003);
    Deed.Target ibgp = hands.up(4, 65000);
    Deed.Target filtered = hands.up(5, 65005);
    hands.announce(ebgp, path(2, 65002), "100.1.0.0/24");
    assertTrue(why(hands, P1).contains("requireFilter"), why(hands, P1));
    hands.announce(ibgp, path(4).with().localPref(100).build(), "100.2.0.0/24");
    assertTrue(hands.selected.containsKey(P2));
    assertEquals(new TreeMap<>(), hands.announced(unfiltered));
    assertEquals(1, hands.announced(filtered).size());
  }

  /** RFC 9234 §5. What we are to 2, what it marked, and what we are to 3. */
  @ParameterizedTest
  @CsvSource({
    // who tells, its mark, whom it is told to, refused, mark that is told (- : not told)
    "PROVIDER, 0, PROVIDER, false, 65000",
    "PROVIDER, 0, CUSTOMER, false, 0",
    "PROVIDER, 0, PEER, false, 65000",
    "PROVIDER, 9, PROVIDER, true, -1",
    "CUSTOMER, 0, PROVIDER, false, 65002",
    "CUSTOMER, 9, PROVIDER, false, 9",
    "CUSTOMER, 0, CUSTOMER, false, -1",
    "CUSTOMER, 0, PEER, false, -1",
    "PEER, 0, PROVIDER, false, 65002",
    "PEER, 65002, PROVIDER, false, 65002",
    "PEER, 9, PROVIDER, true, -1",
    "PEER, 0, CUSTOMER, false, -1",
    "ROUTE_SERVER_CLIENT, 0, PEER, false, -1",
    "ROUTE_SERVER, 0, ROUTE_SERVER, false, 65000",
    "ROUTE_SERVER, 9, PROVIDER, true, -1",
  })
  void onlyToCustomers(Relation to2, long mark, Relation to3, boolean refused, long told) {
    Hands hands = new Hands(peer(2, 65002, role(to2)), peer(3, 65003, role(to3)));
    Deed.Target from = hands.up(2, 65002);
    Deed.Target to = hands.up(3, 65003);
    hands.said(to);
    PathAttributes route = path(2, 65002);
    hands.announce(
        from, mark == 0 ? route : route.with().onlyToCustomer(mark).build(), "100.1.0.0/24");
    assertEquals(!refused, hands.selected.containsKey(P1));
    PathAttributes heard = hands.announced(to).get(P1);
    assertEquals(told, heard == null ? -1 : heard.onlyToCustomer().orElse(0));
  }

  @Test
  void tooManyPrefixesEndTheSessionForAWhile() {
    Imports limited =
        new Imports(0, false, Optional.of(new PrefixLimit(2, 50, false, 60)), RouteFilter.NONE);
    Hands hands = new Hands(peer(2, 65002, with(limited)));
    Deed.Target from = hands.up(2, 65002);
    hands.notes.clear();
    hands.announce(from, path(2, 65002), "100.1.0.0/24");
    assertTrue(hands.notes.toString().contains("many prefixes"), hands.notes::toString);
    hands.announce(from, path(2, 65002), "100.2.0.0/24");
    assertEquals(2, hands.selected.size());
    hands.said(from);
    hands.announce(from, path(2, 65002), "100.3.0.0/24");
    Notification cease = (Notification) hands.said(from).getFirst();
    assertEquals("6/1 maximum prefixes", cease.text());
    assertEquals("00010100000002", cease.data().toString());
    assertEquals(0, hands.selected.size());
    assertEquals("idle", hands.view(0).state());
    assertTrue(
        hands.view(0).hint().contains("raise prefixLimit.maximum"),
        hands.view(0).hint());
    Deed.Target early = hands.call(2);
    assertTrue(hands.isClosed(early));
    hands.due(from.peer(), Deadline.PEER_PENANCE);
    hands.up(2, 65002);
    assertEquals("established", hands.view(0).state());
  }

  /** Each time for twice as long, until a session has stayed for a minute. */
  @Test
  void whoHasTooManyAgainAndAgainStaysAwayLonger() {
    Imports limited =
        new Imports(0, false, Optional.of(new PrefixLimit(1, 100, false, 5)), RouteFilter.NONE);
    Hands hands = new Hands(peer(2, 65002, with(limited)));
    List<Long> seconds = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      seconds.add(awayForMs(hands, 1_000) / 1000);
    }
    assertEquals(List.of(5L, 10L, 20L, 40L, 80L, 160L, 320L, 600L, 600L), seconds);
    assertEquals(5_000, awayForMs(hands, 60_000));
    assertEquals(10_000, awayForMs(hands, 59_000));
    exceed(hands);
    Imports other =
        new Imports(0, false, Optional.of(new PrefixLimit(1, 99, false, 5)), RouteFilter.NONE);
    hands.happen(new Happening.Reconfigure(Hands.config(peer(2, 65002, with(other)))));
    assertFalse(hands.isClosed(hands.call(2)), "somebody has seen to it");
  }

  private static void exceed(Hands hands) {
    Deed.Target from = hands.up(2, 65002);
    hands.announce(from, path(2, 65002), "100.1.0.0/24");
    hands.announce(from, path(2, 65002), "100.2.0.0/24");
  }

  /** How long it is sent away when it has too many after that time. */
  private static long awayForMs(Hands hands, long upMs) {
    Deed.Target from = hands.up(2, 65002);
    hands.announce(from, path(2, 65002), "100.1.0.0/24");
    hands.nowMs += upMs;
    hands.announce(from, path(2, 65002), "100.2.0.0/24");
    assertTrue(hands.isClosed(hands.call(2)), "who calls has to wait, too");
    long before = hands.nowMs;
    hands.due(from.peer(), Deadline.PEER_PENANCE);
    return hands.nowMs - before;
  }

  @Test
  void orAreOnlyTold() {
    Imports limited =
        new Imports(0, false, Optional.of(new PrefixLimit(1, 100, true, 0)), RouteFilter.NONE);
    Hands hands = new Hands(peer(2, 65002, with(limited)));
    Deed.Target from = hands.up(2, 65002);
    hands.announce(from, path(2, 65002), "100.1.0.0/24");
    hands.announce(from, path(2, 65002), "100.2.0.0/24");
    hands.announce(from, path(2, 65002), "100.3.0.0/24");
    assertEquals(3, hands.selected.size());
    assertEquals(
        1, hands.notes.stream().filter(n -> n.startsWith("too many prefixes")).count());
  }

  /** A range's peer that had too many cannot come back by calling again. */
  @Test
  void aStrangerIsBannedToo() {
    Imports limited =
        new Imports(0, false, Optional.of(new PrefixLimit(1, 100, false, 60)), RouteFilter.NONE);
    Hands hands = new Hands(new SpeakerConfig(
        65000,
        Hands.SELF,
        List.of(),
        Multipath.OFF,
        List.of(),
        List.of(new DynamicPeers(Prefix.parse("10.0.0.0/24"), 65002, with(limited)))));
    Deed.Target from = hands.up(2, 65002);
    hands.announce(from, path(2, 65002), "100.1.0.0/24");
    hands.announce(from, path(2, 65002), "100.2.0.0/24");
    assertTrue(hands.isClosed(hands.call(2)));
    hands.due(from.peer(), Deadline.PEER_PENANCE);
    assertEquals(0, hands.speaker.peers().size());
    hands.up(2, 65002);
    assertEquals("established", hands.view(0).state());
  }

  /** Other rules take effect on the session that there is. */
  @Test
  void aFilterChangesUnderASession() {
    Hands hands = new Hands(peer(2, 65002, session()), peer(3, 65003, session()));
    Deed.Target from = hands.up(2, 65002);
    Deed.Target to = hands.up(3, 65003);
    hands.announce(from, path(2, 65002), "100.1.0.0/24");
    hands.announce(from, path(2, 65002), "100.2.0.0/24");
    hands.said(from);
    hands.said(to);
    SpeakerConfig config =
        Hands.config(peer(2, 65002, with(imports(NO_P1))), peer(3, 65003, session()));
    hands.happen(new Happening.Reconfigure(config));
    List<Message> asked = hands.said(from);
    assertEquals(List.of(RouteRefresh.of(Hands.IPV4)), asked);
    hands.announce(from, path(2, 65002), "100.1.0.0/24");
    hands.announce(from, path(2, 65002), "100.2.0.0/24");
    assertEquals(List.of("-100.1.0.0/24"), hands.words(to));
    assertEquals("refused: a filter rejects it", why(hands, P1));
    SpeakerConfig both = Hands.config(
        peer(2, 65002, session()),
        peer(3, 65003, with(new Exports(NextHops.AUTO, false, false, false, NO_P1))));
    hands.happen(new Happening.Reconfigure(both));
    hands.announce(from, path(2, 65002), "100.1.0.0/24");
    assertTrue(hands.selected.containsKey(P1));
    assertFalse(hands.words(to).contains("100.1.0.0/24 [65000 65002]"));
    hands.happen(new Happening.Reconfigure(
        Hands.config(peer(2, 65002, session()), peer(3, 65003, session()))));
    assertTrue(hands.words(to).contains("100.1.0.0/24 [65000 65002]"));
    assertFalse(hands.isClosed(from) || hands.isClosed(to));
    hands.happen(new Happening.Reconfigure(
        Hands.config(peer(2, 65009, session()), peer(3, 65003, session()))));
    assertTrue(hands.isClosed(from));
    assertFalse(hands.isClosed(to), "another peer's session stays");
  }

  /** RFC 7999 §3.2. */
  @Test
  void whatIsToBeDroppedStaysInOurAs() {
    Hands hands =
        new Hands(peer(2, 65002, session()), peer(3, 65003, session()), peer(4, 65000, session()));
    Deed.Target from = hands.up(2, 65002);
    Deed.Target outside = hands.up(3, 65003);
    Deed.Target inside = hands.up(4, 65000);
    PathAttributes route =
        path(2, 65002).with().communities(Communities.of(Communities.BLACKHOLE)).build();
    hands.announce(from, route, "100.1.0.0/24");
    assertEquals(0, hands.announced(outside).size());
    assertEquals(1, hands.announced(inside).size());
  }

  @Test
  void transitEndsAndBeginsUnderTheSessions() {
    PeerConfig[] peers = {peer(2, 65002, session()), peer(3, 65003, session())};
    Hands hands = new Hands(peers);
    Deed.Target from = hands.up(2, 65002);
    Deed.Target to = hands.up(3, 65003);
    hands.announce(from, path(2, 65002), "100.1.0.0/24");
    hands.said(to);
    SpeakerConfig open = Hands.config(peers);
    hands.happen(new Happening.Reconfigure(new SpeakerConfig(
        open.as(),
        open.routerId(),
        open.listen(),
        open.multipath(),
        open.peers(),
        open.dynamic(),
        false,
        open.deferralTime())));
    assertEquals(List.of("-100.1.0.0/24"), hands.words(to));
    hands.happen(new Happening.Reconfigure(open));
    assertEquals(List.of("100.1.0.0/24 [65000 65002]"), hands.words(to));
  }

  @Test
  void aFilterOnTheWayOutChangesWhatIsTold() {
    FilterRule change = new FilterRule(
        true,
        Optional.of(new Prefixes(Operator.EQUAL, P1, 0, 32)),
        false,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        OptionalLong.empty(),
        List.of(
            new FilterRule.PrependAsPath(List.of(65000L, 65000L)),
            new FilterRule.SetPriority(5),
            new FilterRule.AddCommunity(new FilterRule.Standard(65000 << 16 | 1))));
    RouteFilter filter = new RouteFilter(List.of(change), List.of());
    Hands hands = new Hands(
        peer(2, 65002, session()),
        peer(3, 65003, with(new Exports(NextHops.AUTO, false, false, false, filter))));
    Deed.Target from = hands.up(2, 65002);
    Deed.Target to = hands.up(3, 65003);
    hands.said(to);
    for (String prefix : List.of("100.1.0.0/24", "100.2.0.0/24")) {
      hands.announce(from, path(2, 65002), prefix);
    }
    TreeMap<Prefix, PathAttributes> told = hands.announced(to);
    assertEquals("65000 65000 65000 65002", told.get(P1).asPath().toString());
    assertEquals(5, told.get(P1).med().orElseThrow());
    assertEquals("65000:1", told.get(P1).communities().orElseThrow().toString());
    assertEquals("65000 65002", told.get(P2).asPath().toString());
    assertNull(told.get(P2).communities().orElse(null));
  }
}
