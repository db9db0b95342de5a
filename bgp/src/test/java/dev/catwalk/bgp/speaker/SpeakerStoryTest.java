package dev.catwalk.bgp.speaker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.rib.Path;
import dev.catwalk.bgp.speaker.SpeakerConfig.ListenAddress;
import dev.catwalk.bgp.speaker.SpeakerConfig.Multipath;
import dev.catwalk.bgp.speaker.World.Node;
import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole networks of speakers in virtual time. */
class SpeakerStoryTest {
  private static final int HOLD = 9;
  private static final SessionConfig SESSION =
      new SessionConfig(HOLD, SessionConfig.THIRD_OF_HOLD, false, false, List.of(Family.IPV4));
  private static final SessionConfig CLIENT =
      new SessionConfig(HOLD, SessionConfig.THIRD_OF_HOLD, false, true, List.of(Family.IPV4));

  private static IpAddress address(int n) {
    return IpAddress.v4(0x0a000000 + n);
  }

  private static Prefix prefix(int n, int k) {
    return new Prefix(IpAddress.v4(0x64000000 | n << 16 | k << 8), 24);
  }

  private static SortedMap<Prefix, Origination> routes(int n, int count) {
    TreeMap<Prefix, Origination> routes = new TreeMap<>();
    for (int k = 0; k < count; k++) {
      routes.put(prefix(n, k), Origination.PLAIN);
    }
    return routes;
  }

  private static PeerConfig peer(int n, long as, SessionConfig session) {
    return new PeerConfig("n" + n, address(n), PeerConfig.PORT, as, session);
  }

  private static Node node(World world, int n, long as, List<PeerConfig> peers) {
    Node node = world.add(new SpeakerConfig(
        as,
        address(n),
        List.of(new ListenAddress(address(n), PeerConfig.PORT)),
        new Multipath(4, true),
        peers,
        List.of()));
    node.happen(new Happening.Originate(routes(n, 3)));
    return node;
  }

  /** Nodes 1..count, AS 64600 + n each, or all in 64600. */
  private static List<Node> mesh(World world, int count, boolean oneAs) {
    List<Node> nodes = new ArrayList<>();
    for (int n = 1; n <= count; n++) {
      List<PeerConfig> peers = new ArrayList<>();
      for (int other = 1; other <= count; other++) {
        if (other != n) {
          peers.add(peer(other, oneAs ? 64600 : 64600 + other, SESSION));
        }
      }
      nodes.add(node(world, n, oneAs ? 64600 : 64600 + n, peers));
    }
    world.start();
    return nodes;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void aFullMeshOfFiveAsFollowsEveryCutAndHeal(long seed) {
    World world = new World(seed);
    List<Node> nodes = mesh(world, 5, false);
    world.time.run(60_000);
    checkPathVector(world, nodes);
    for (int round = 0; round < 6; round++) {
      for (int i = 0; i < 4; i++) {
        Node a = nodes.get(world.time.random().nextInt(nodes.size()));
        Node b = nodes.get(world.time.random().nextInt(nodes.size()));
        if (a != b && world.isCut(a, b)) {
          world.heal(a, b);
        } else if (a != b) {
          world.cut(a, b);
        }
        int n = 1 + world.time.random().nextInt(nodes.size());
        nodes
            .get(n - 1)
            .happen(new Happening.Originate(routes(n, world.time.random().nextInt(6))));
        world.time.run(world.time.random().nextInt(20_000));
      }
      world.time.run(120_000);
      checkPathVector(world, nodes);
    }
  }

  /** Shortest AS paths over the links that are whole, each hop telling what the next one has. */
  private static void checkPathVector(World world, List<Node> nodes) {
    for (Node origin : nodes) {
      TreeMap<IpAddress, Integer> distance = distances(world, nodes, origin);
      for (Prefix prefix : owned(origin)) {
        for (Node node : nodes) {
          if (node == origin) {
            continue;
          }
          List<Path> paths = node.selected.get(prefix);
          Integer hops = distance.get(node.address);
          if (hops == null) {
            assertEquals(null, paths, () -> node.address + " cannot have " + prefix);
            continue;
          }
          assertTrue(paths != null, () -> node.address + " lacks " + prefix);
          Path best = paths.getFirst();
          assertEquals(hops, best.attributes().asPath().length());
          Node next = world.nodes.get(best.source().address());
          long nextAs = best.attributes().asPath().neighbourAs();
          AsPath theirs = next == origin
              ? AsPath.EMPTY
              : next.selected.get(prefix).getFirst().attributes().asPath();
          assertEquals(theirs.prepend(nextAs), best.attributes().asPath());
          assertEquals(next.address, best.attributes().nextHop());
        }
      }
    }
    for (Node node : nodes) {
      int prefixes = nodes.stream()
          .filter(n -> distances(world, nodes, n).containsKey(node.address))
          .mapToInt(n -> owned(n).size())
          .sum();
      assertEquals(prefixes, node.selected.size(), "nothing is left over");
    }
  }

  private static List<Prefix> owned(Node node) {
    return node.selected.entrySet().stream()
        .filter(e -> e.getValue().getFirst().source().name().equals("local"))
        .map(e -> e.getKey())
        .toList();
  }

  private static TreeMap<IpAddress, Integer> distances(World world, List<Node> nodes, Node origin) {
    TreeMap<IpAddress, Integer> distance = new TreeMap<>();
    ArrayDeque<Node> open = new ArrayDeque<>(List.of(origin));
    distance.put(origin.address, 0);
    while (!open.isEmpty()) {
      Node at = open.remove();
      for (Node next : nodes) {
        if (next != at && !world.isCut(at, next) && !distance.containsKey(next.address)) {
          distance.put(next.address, distance.get(at.address) + 1);
          open.add(next);
        }
      }
    }
    return distance;
  }

  @Test
  void oneSeedIsOneStory() {
    assertEquals(storyHash(7), storyHash(7));
    assertNotEquals(storyHash(7), storyHash(8));
  }

  private static long storyHash(long seed) {
    World world = new World(seed);
    List<Node> nodes = mesh(world, 4, false);
    world.time.run(30_000);
    world.cut(nodes.get(0), nodes.get(1));
    world.time.run(60_000);
    return world.time.traceHash();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void anIbgpMeshKnowsEverythingFromItsOwnerAndLosesTheDead(long seed) {
    World world = new World(seed);
    List<Node> nodes = mesh(world, 6, true);
    world.time.run(60_000);
    for (Node node : nodes) {
      assertEquals(18, node.selected.size());
      node.selected.forEach((prefix, paths) -> {
        assertEquals(1, paths.size());
        if (!paths.getFirst().source().name().equals("local")) {
          assertEquals(
              paths.getFirst().source().address(), paths.getFirst().attributes().nextHop());
        }
      });
    }
    world.isolate(nodes.get(2));
    world.time.run((HOLD + 1) * 1000L);
    for (Node node : nodes) {
      assertEquals(node == nodes.get(2) ? 3 : 15, node.selected.size());
    }
    nodes.get(4).kill();
    world.time.run(1000);
    assertEquals(12, nodes.get(0).selected.size(), "a closed connection needs no hold timer");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void noRouteIsLostWhileOneReflectorLives(long seed) {
    World world = new World(seed);
    int count = 6;
    List<PeerConfig> clients = new ArrayList<>();
    List<PeerConfig> reflectors = List.of(peer(101, 64600, SESSION), peer(102, 64600, SESSION));
    List<Node> nodes = new ArrayList<>();
    for (int n = 1; n <= count; n++) {
      nodes.add(node(world, n, 64600, reflectors));
      clients.add(peer(n, 64600, CLIENT));
    }
    List<PeerConfig> first = new ArrayList<>(clients);
    first.add(reflectors.get(1));
    List<PeerConfig> second = new ArrayList<>(clients);
    second.add(reflectors.get(0));
    Node one = node(world, 101, 64600, first);
    node(world, 102, 64600, second);
    world.start();
    world.time.run(60_000);
    int all = 3 * (count + 2);
    checkReflected(nodes, all, 2);
    one.kill();
    List<Integer> least = new ArrayList<>(List.of(all));
    for (int i = 0; i < 200; i++) {
      world.time.run(100);
      nodes.forEach(n -> least.add(n.selected.size()));
    }
    assertEquals(all - 3, least.stream().mapToInt(i -> i).min().orElseThrow());
    checkReflected(nodes, all - 3, 1);
  }

  private static void checkReflected(List<Node> nodes, int prefixes, int reflectors) {
    for (Node node : nodes) {
      assertEquals(prefixes, node.selected.size());
      for (Node other : nodes) {
        if (other == node) {
          continue;
        }
        for (Prefix prefix : owned(other)) {
          List<Path> paths = node.selected.get(prefix);
          assertEquals(reflectors, paths.size(), "one path through each reflector");
          for (Path path : paths) {
            assertEquals(other.address, path.attributes().nextHop());
            assertEquals(
                other.address.v4Bits(), path.attributes().originatorId().orElseThrow());
          }
        }
      }
    }
  }

  @Test
  void aDynamicPeerComesAndGoesAndStrangersAreRefused() {
    World world = new World(1);
    Node hub = world.add(new SpeakerConfig(
        65000,
        address(1),
        List.of(new ListenAddress(address(1), 179)),
        Multipath.OFF,
        List.of(),
        List.of(new DynamicPeers(Prefix.parse("10.0.0.0/29"), DynamicPeers.ANY_AS, SESSION))));
    Node guest = node(world, 5, 64605, List.of(peer(1, 65000, SESSION)));
    Node stranger = node(world, 9, 64609, List.of(peer(1, 65000, SESSION)));
    world.start();
    world.time.run(30_000);
    assertEquals(List.of("10.0.0.5"), names(hub));
    PeerView view = hub.speaker.peers().getFirst();
    assertEquals(64605, view.as());
    assertEquals("established", view.state());
    assertEquals(3, view.prefixesReceived());
    assertTrue(view.dynamic());
    assertEquals(3, hub.selected.size());
    assertEquals(3, stranger.selected.size());
    guest.kill();
    world.time.run(1000);
    assertEquals(List.of(), names(hub));
    assertEquals(0, hub.selected.size());
  }

  private static List<String> names(Node node) {
    return node.speaker.peers().stream().map(PeerView::name).toList();
  }

  @Test
  void stopSaysCeaseAndRestartSaysNothing() {
    for (StopMode mode : StopMode.values()) {
      World world = new World(3);
      List<Node> nodes = mesh(world, 2, false);
      world.time.run(20_000);
      nodes.get(0).happen(new Happening.Stop(mode));
      world.time.run(100);
      PeerView view = nodes.get(1).speaker.peers().getFirst();
      assertEquals(
          mode == StopMode.STOP ? "6/2 administrative shutdown" : null,
          view.lastNotification() == null ? null : view.lastNotification().text());
      assertEquals(3, nodes.get(1).selected.size());
      assertEquals(List.of(), nodes.get(0).speaker.peers());
    }
  }

  @Test
  void aNewConfigurationLeavesWhatItDoesNotTouch() {
    World world = new World(4);
    List<Node> nodes = mesh(world, 3, false);
    world.time.run(30_000);
    Node one = nodes.get(0);
    List<PeerView> before = one.speaker.peers();
    SpeakerConfig less = new SpeakerConfig(
        64601,
        address(1),
        List.of(new ListenAddress(address(1), 179)),
        new Multipath(4, true),
        List.of(peer(2, 64602, SESSION)),
        List.of());
    one.happen(new Happening.Reconfigure(less));
    world.time.run(1000);
    assertEquals(List.of("n2"), names(one));
    assertEquals(before.getFirst().since(), one.speaker.peers().getFirst().since());
    PeerView thrownOut = nodes.get(2).speaker.peers().getFirst();
    assertEquals("6/3 peer deconfigured", thrownOut.lastNotification().text());
    SpeakerConfig other = new SpeakerConfig(
        64601,
        address(1),
        less.listen(),
        Multipath.OFF,
        List.of(peer(2, 64602, SESSION), peer(3, 64603, SESSION)),
        List.of());
    one.happen(new Happening.Reconfigure(other));
    world.time.run(60_000);
    checkPathVector(world, nodes);
    Iterator<RouteView> routes = one.speaker.routes(java.util.Optional.empty()).iterator();
    assertEquals("local", routes.next().best());
  }

  @Test
  void viewsAnswerWhoAndWhy() {
    World world = new World(5);
    List<Node> nodes = mesh(world, 3, false);
    world.time.run(30_000);
    RouteView route =
        nodes.get(0).speaker.routes(java.util.Optional.of(prefix(2, 1))).getFirst();
    assertEquals("100.2.1.0/24", route.prefix());
    assertEquals("n2", route.best());
    assertEquals(
        List.of("n2 64602 best", "n3 64603 64602 longer AS_PATH"),
        route.paths().stream()
            .map(p -> p.peer() + " " + p.asPath() + " " + p.why())
            .toList());
    PeerView peer = nodes.get(0).speaker.peers().getFirst();
    assertEquals(
        List.of(
            "ipv4-unicast",
            "route-refresh",
            "four-byte-as",
            "extended-message",
            "enhanced-route-refresh"),
        peer.capabilities().theirs());
    assertEquals(HOLD, peer.holdTime());
    assertEquals(6, peer.prefixesAccepted());
  }
}
