package dev.catwalk.bgp.speaker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.rib.Path;
import dev.catwalk.bgp.speaker.SpeakerConfig.ListenAddress;
import dev.catwalk.bgp.speaker.SpeakerConfig.Multipath;
import dev.catwalk.bgp.speaker.World.Node;
import dev.catwalk.bgp.wire.Communities;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Speakers that go and come back, in virtual time: RFC 4724, RFC 8538, RFC 8326. */
class RestartStoryTest {
  private static final int HOLD = 9;
  private static final int RESTART_TIME = 60;
  private static final int STALE_TIME = 90;
  private static final GracefulRestart GRACEFUL =
      new GracefulRestart(true, RESTART_TIME, STALE_TIME);
  private static final Restart PRESERVED = new Restart(true, List.of(Family.IPV4), false);
  private static final Restart LOST = new Restart(true, List.of(), false);
  private static final long SECOND = 1000;

  private static IpAddress address(int n) {
    return IpAddress.v4(0x0a000000 + n);
  }

  private static Prefix prefix(int n, int k) {
    return new Prefix(IpAddress.v4(0x64000000 | n << 16 | k << 8), 24);
  }

  private static SessionConfig session(GracefulRestart restart) {
    return new SessionConfig(
        HOLD, 0, false, false, List.of(Family.IPV4), restart, Optional.empty());
  }

  /** Node {@code n}, AS 64600 + n, with those peers; nothing is carried for others. */
  private static SpeakerConfig config(int n, GracefulRestart restart, int... peers) {
    return new SpeakerConfig(
        64600 + n,
        address(n),
        List.of(new ListenAddress(address(n), PeerConfig.PORT)),
        new Multipath(4, true),
        IntStream.of(peers)
            .mapToObj(p ->
                new PeerConfig("n" + p, address(p), PeerConfig.PORT, 64600 + p, session(restart)))
            .toList(),
        List.of(),
        false,
        SpeakerConfig.DEFERRAL_TIME);
  }

  private static void originate(Node node, int n, int count) {
    TreeMap<Prefix, Origination> routes = new TreeMap<>();
    for (int k = 0; k < count; k++) {
      routes.put(prefix(n, k), Origination.PLAIN);
    }
    node.happen(new Happening.Originate(routes));
  }

  /** Two nodes that know three routes of each other. */
  private static final class Pair {
    final World world;
    final Node left;
    final Node right;

    Pair(long seed, GracefulRestart restart) {
      world = new World(seed);
      left = world.add(config(1, restart, 2));
      right = world.add(config(2, restart, 1));
      originate(left, 1, 3);
      originate(right, 2, 3);
      world.start();
      world.time.run(30 * SECOND);
      assertEquals(3, learned());
    }

    /** How many of the right one's routes the left one uses. */
    int learned() {
      return (int) IntStream.range(0, 3)
          .filter(k -> left.selected.containsKey(prefix(2, k)))
          .count();
    }

    void run(long seconds, int least) {
      for (long i = 0; i < seconds * 20; i++) {
        world.time.run(50);
        assertTrue(learned() >= least, () -> "a route is lost at " + world.time.nowMs());
      }
    }

    PeerView view() {
      return left.speaker.peers().getFirst();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void aPeersRoutesStayOverItsRestartUntilItHasNamedThemAgain(long seed) {
    Pair pair = new Pair(seed, GRACEFUL);
    pair.right.kill();
    pair.run(3, 3);
    assertEquals("active", pair.view().state());
    pair.right.revive(config(2, GRACEFUL, 1), PRESERVED);
    pair.run(7, 3);
    assertEquals("established", pair.view().state());
    assertTrue(pair.right.selected.containsKey(prefix(1, 0)), "told before End-of-RIB");
    originate(pair.right, 2, 2);
    pair.run(1, 2);
    assertEquals(2, pair.learned(), "what it has no more went with End-of-RIB");
  }

  @Test
  void routesGoWhenThePeerComesBackWithoutItsForwardingState() {
    Pair pair = new Pair(1, GRACEFUL);
    pair.right.kill();
    pair.run(3, 3);
    pair.right.revive(config(2, GRACEFUL, 1), LOST);
    pair.world.time.run(7 * SECOND);
    assertEquals("established", pair.view().state());
    assertEquals(0, pair.learned());
  }

  @Test
  void routesGoWhenThePeerComesBackWithoutGracefulRestart() {
    Pair pair = new Pair(1, GRACEFUL);
    pair.right.kill();
    pair.run(3, 3);
    pair.right.revive(config(2, GracefulRestart.OFF, 1), Restart.NONE);
    pair.world.time.run(7 * SECOND);
    assertEquals("established", pair.view().state());
    assertEquals(0, pair.learned());
  }

  @Test
  void routesGoAfterTheRestartTime() {
    Pair pair = new Pair(2, GRACEFUL);
    pair.right.kill();
    pair.run(RESTART_TIME - 1, 3);
    pair.world.time.run(2 * SECOND);
    assertEquals(0, pair.learned());
  }

  @Test
  void routesGoAfterTheStaleTimeWhereEndOfRibDoesNotCome() {
    SpeakerConfig slow = new SpeakerConfig(
        64602,
        address(2),
        List.of(new ListenAddress(address(2), PeerConfig.PORT)),
        Multipath.OFF,
        config(2, GRACEFUL, 1).peers(),
        List.of(),
        false,
        SpeakerConfig.MAX_DEFERRAL_TIME);
    Pair pair = new Pair(2, GRACEFUL);
    pair.right.kill();
    pair.right.revive(slow, PRESERVED);
    pair.run(STALE_TIME - 1, 3);
    pair.world.time.run(2 * SECOND);
    assertEquals(0, pair.learned());
    assertEquals("established", pair.view().state());
  }

  @Test
  void aSecondFallBeforeEndOfRibTakesWhatWasStaleAlready() {
    Pair pair = new Pair(3, GRACEFUL);
    pair.right.kill();
    pair.right.revive(config(2, GRACEFUL, 1), PRESERVED);
    pair.run(7, 3);
    assertEquals("established", pair.view().state());
    pair.right.kill();
    pair.world.time.run(SECOND);
    assertEquals(0, pair.learned());
  }

  @Test
  void withoutItRoutesGoWithTheSession() {
    Pair pair = new Pair(4, GracefulRestart.OFF);
    pair.right.kill();
    pair.world.time.run(SECOND);
    assertEquals(0, pair.learned());
  }

  /** RFC 8538: with both N bits, what is no Hard Reset ends the session only. */
  @Test
  void routesSurviveTheHoldTimer() {
    Pair pair = new Pair(5, GRACEFUL);
    pair.world.cut(pair.left, pair.right);
    pair.run(HOLD + 2, 3);
    assertEquals("4/0 hold timer expired", pair.view().lastNotification().text());
    pair.world.heal(pair.left, pair.right);
    pair.run(20, 3);
    assertEquals("established", pair.view().state());
  }

  @Test
  void aPlannedEndIsAHardReset() {
    Pair pair = new Pair(6, GRACEFUL);
    pair.right.happen(new Happening.Stop(StopMode.STOP));
    pair.world.time.run(SECOND);
    assertEquals(0, pair.learned());
    assertEquals(
        "6/9 hard reset: 6/2 administrative shutdown",
        pair.view().lastNotification().text());
  }

  @Test
  void aPlannedRestartIsSilent() {
    Pair pair = new Pair(7, GRACEFUL);
    pair.right.happen(new Happening.Stop(StopMode.RESTART));
    pair.run(3, 3);
    assertEquals(null, pair.view().lastNotification());
  }

  /** RFC 4724 §4.2: who opens a new session has lost the old one. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void aPeerThatComesBackBeforeItsOldSessionIsFoundDeadIsTaken(long seed) {
    Pair pair = new Pair(seed, GRACEFUL);
    pair.right.vanish();
    pair.run(1, 3);
    assertEquals("established", pair.view().state());
    pair.right.revive(config(2, GRACEFUL, 1), PRESERVED);
    originate(pair.right, 2, 3);
    pair.run(5, 3);
    assertTrue(pair.right.selected.containsKey(prefix(1, 0)), "the new session works");
    assertEquals("established", pair.view().state());
    assertEquals("peer has restarted: it opened a new session", pair.view().lastError());
  }

  @Test
  void aDynamicPeerIsNotForgottenWhileItRestarts() {
    World world = new World(1);
    Node hub = world.add(new SpeakerConfig(
        65000,
        address(1),
        List.of(new ListenAddress(address(1), 179)),
        Multipath.OFF,
        List.of(),
        List.of(new DynamicPeers(
            Prefix.parse("10.0.0.0/29"), DynamicPeers.ANY_AS, session(GRACEFUL)))));
    PeerConfig toHub = new PeerConfig("hub", address(1), 179, 65000, session(GRACEFUL));
    Node guest = world.add(config(5, GRACEFUL).with(List.of(toHub)));
    originate(guest, 5, 3);
    world.start();
    world.time.run(20 * SECOND);
    assertEquals(3, hub.selected.size());
    guest.kill();
    world.time.run((RESTART_TIME - 1) * SECOND);
    assertEquals(3, hub.selected.size());
    assertEquals(1, hub.speaker.peers().size());
    world.time.run(2 * SECOND);
    assertEquals(0, hub.selected.size());
    assertEquals(List.of(), hub.speaker.peers());
  }

  @Test
  void aStartIsOverWhenAllPeersHaveSpoken() {
    World world = new World(8);
    Node one = world.add(config(1, GRACEFUL, 2, 3));
    world.add(config(2, GRACEFUL, 1));
    world.add(config(3, GRACEFUL, 1));
    world.nodes.values().forEach(n -> originate(n, n.address.v4Bits() & 0xff, 3));
    world.start();
    world.time.run(8 * SECOND);
    assertTrue(one.convergedAtMs > 0, "nobody is absent");
    assertEquals(9, one.selected.size());
  }

  @Test
  void anAbsentPeerIsWaitedForAWhileAndThoseThatAreUpAreTold() {
    World world = new World(8);
    Node one = world.add(config(1, GRACEFUL, 2, 3));
    Node two = world.add(config(2, GRACEFUL, 1));
    Node three = world.add(config(3, GRACEFUL, 1));
    originate(two, 2, 3);
    originate(three, 3, 3);
    two.happen(new Happening.Start());
    three.vanish();
    one.happen(new Happening.Start(PRESERVED));
    originate(one, 1, 3);
    world.time.run(8 * SECOND);
    assertTrue(two.selected.containsKey(prefix(1, 0)), "our own routes go out at once");
    assertEquals(-1, one.convergedAtMs);
    world.time.run(3 * SECOND);
    assertTrue(one.convergedAtMs >= Startup.ABSENT_MS);
  }

  @Test
  void twoThatRestartDoNotWaitForEachOther() {
    World world = new World(9);
    Node one = world.add(config(1, GRACEFUL, 2));
    Node two = world.add(config(2, GRACEFUL, 1));
    world.nodes.values().forEach(n -> n.happen(new Happening.Start(PRESERVED)));
    world.time.run(8 * SECOND);
    assertEquals(-1, one.convergedAtMs, "its routes may be on the way");
    world.time.run(3 * SECOND);
    assertTrue(one.convergedAtMs > 0 && two.convergedAtMs > 0);
  }

  @Test
  void whoHasNoGracefulRestartIsGivenAWhile() {
    World world = new World(9);
    Node one = world.add(config(1, GRACEFUL, 2));
    Node two = world.add(config(2, GracefulRestart.OFF, 1));
    two.happen(new Happening.Start(PRESERVED)); // and it sends no End-of-RIB
    one.happen(new Happening.Start());
    world.time.run(8 * SECOND);
    assertEquals(-1, one.convergedAtMs);
    world.time.run(3 * SECOND);
    assertTrue(one.convergedAtMs > 0);
  }

  @Test
  void whoIsUpAndDoesNotFinishIsWaitedForUntilTheDeferralTime() {
    World world = new World(9);
    SpeakerConfig reflecting = new SpeakerConfig(
        64602,
        address(2),
        List.of(new ListenAddress(address(2), 179)),
        Multipath.OFF,
        config(2, GRACEFUL, 1).peers(),
        List.of());
    Node one = world.add(config(1, GRACEFUL, 2));
    Node two = world.add(reflecting);
    two.happen(new Happening.Start(new Restart(true, List.of(), true)));
    world.time.run(SpeakerConfig.DEFERRAL_TIME * SECOND - SECOND);
    one.happen(new Happening.Start());
    world.time.run(SpeakerConfig.DEFERRAL_TIME * SECOND + SECOND);
    assertTrue(one.convergedAtMs > 0);
    assertEquals(SpeakerConfig.DEFERRAL_TIME * SECOND, two.convergedAtMs);
  }

  @Test
  void peersYetToBeNamedAreWaitedFor() {
    World world = new World(10);
    Node one = world.add(config(1, GRACEFUL));
    originate(world.add(config(2, GRACEFUL, 1)), 2, 3);
    world.nodes.get(address(2)).happen(new Happening.Start());
    one.happen(new Happening.Start(new Restart(true, List.of(Family.IPV4), true)));
    world.time.run(15 * SECOND);
    assertEquals(-1, one.convergedAtMs);
    one.happen(new Happening.Reconfigure(config(1, GRACEFUL, 2)));
    assertFalse(one.selected.containsKey(prefix(2, 0)));
    world.time.run(8 * SECOND);
    assertTrue(one.convergedAtMs > 0);
    assertTrue(one.selected.containsKey(prefix(2, 0)));
  }

  /** Between 1 and 3, which have no other way; its kernel is slower than its peers. */
  @Test
  void whoCarriesForOthersTellsThemOnceItsKernelForwards() {
    World world = new World(12);
    SpeakerConfig carrier = new SpeakerConfig(
        64602,
        address(2),
        List.of(new ListenAddress(address(2), PeerConfig.PORT)),
        Multipath.OFF,
        config(2, GRACEFUL, 1, 3).peers(),
        List.of(),
        true,
        SpeakerConfig.DEFERRAL_TIME);
    Node one = world.add(config(1, GRACEFUL, 2));
    Node two = world.add(carrier);
    Node three = world.add(config(3, GRACEFUL, 2));
    world.nodes.values().forEach(n -> originate(n, n.address.v4Bits() & 0xff, 3));
    one.happen(new Happening.Start());
    three.happen(new Happening.Start());
    two.happen(new Happening.Start(new Restart(false, List.of(), false, true)));
    world.time.run(20 * SECOND);
    assertTrue(two.convergedAtMs > 0);
    assertTrue(one.selected.containsKey(prefix(2, 0)), "its own routes go out at once");
    assertFalse(one.selected.containsKey(prefix(3, 0)));
    two.happen(new Happening.Forwards());
    world.time.run(SECOND);
    assertTrue(one.selected.containsKey(prefix(3, 0)));

    two.kill();
    world.time.run(3 * SECOND);
    two.revive(carrier, new Restart(true, List.of(Family.IPV4), false, true));
    originate(two, 2, 2);
    world.time.run(20 * SECOND);
    assertTrue(two.convergedAtMs > 0);
    assertTrue(one.selected.containsKey(prefix(3, 0)), "kept over the restart");
    assertTrue(one.selected.containsKey(prefix(2, 2)), "no End-of-RIB before all is told");
    two.happen(new Happening.Forwards());
    world.time.run(SECOND);
    assertTrue(one.selected.containsKey(prefix(3, 0)));
    assertFalse(one.selected.containsKey(prefix(2, 2)));
  }

  /** Node 1 hears the same prefix of 2 and 3; 2 leaves. */
  @Test
  void whoLeavesIsTheLastChoiceThenGone() {
    World world = new World(11);
    Node one = world.add(config(1, GRACEFUL, 2, 3));
    Node two = world.add(config(2, GRACEFUL, 1));
    Node three = world.add(config(3, GRACEFUL, 1));
    originate(two, 9, 1);
    originate(three, 9, 1);
    world.start();
    world.time.run(20 * SECOND);
    assertEquals(2, one.selected.get(prefix(9, 0)).size());
    two.happen(new Happening.Depart(5 * SECOND));
    world.time.run(SECOND);
    List<Path> paths = one.selected.get(prefix(9, 0));
    assertEquals(List.of("n3"), paths.stream().map(p -> p.source().name()).toList());
    RouteView.PathView leaving =
        one.speaker.routes(Optional.of(prefix(9, 0))).getFirst().paths().getLast();
    assertEquals("lower LOCAL_PREF", leaving.why());
    assertEquals(
        List.of(Communities.of(Communities.GRACEFUL_SHUTDOWN).toString()), leaving.communities());
    world.time.run(3 * SECOND);
    assertEquals(-1, two.departedAtMs);
    assertEquals(3, one.speaker.peers().getFirst().prefixesReceived() + 2);
    world.time.run(2 * SECOND);
    assertTrue(two.departedAtMs > 0);
    assertEquals(0, one.speaker.peers().getFirst().prefixesReceived());
    assertNotNull(one.selected.get(prefix(9, 0)));
    two.happen(new Happening.Stop(StopMode.STOP));
    world.time.run(SECOND);
    assertEquals("n3", one.selected.get(prefix(9, 0)).getFirst().source().name());
  }
}
