package dev.catwalk.felix.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.felix.calc.DesiredKernel;
import dev.catwalk.felix.calc.Gateway;
import dev.catwalk.felix.calc.NodeCalc;
import dev.catwalk.felix.calc.NodeView;
import dev.catwalk.felix.calc.PodWiring;
import dev.catwalk.felix.calc.Ruleset;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On the real kernel, in namespaces of the test's own. */
class KernelServiceTest {
  private static final int MANY = 20_000;
  private static final String UPLINKS = "ip link add up1 type veth peer name far1;"
      + "ip link add up2 type veth peer name far2;"
      + "ip addr add 192.0.2.2/30 dev up1; ip addr add 192.0.2.6/30 dev up2;"
      + "ip -6 addr add 2001:db8:1::2/64 dev up1 nodad;"
      + "ip -6 addr add 2001:db8:2::2/64 dev up2 nodad;"
      + "for l in up1 far1 up2 far2; do ip link set $l up; done";

  private final TreeMap<String, List<IpAddress>> endpoints = new TreeMap<>();
  private final TreeMap<Prefix, List<Gateway>> learned = new TreeMap<>();

  private TestNetns nets;
  private Path node;

  @BeforeEach
  void makeNode() throws Exception {
    nets = TestNetns.open();
    node = nets.add("n");
    nets.in("n", UPLINKS);
  }

  @AfterEach
  void removeNode() throws Exception {
    if (nets != null) {
      nets.close();
    }
  }

  @Test
  void podsAreWiredAndReachEachOther() throws Exception {
    try (KernelService kernel = KernelService.start(Optional.of(node), Optional.of(Iptables.NFT))) {
      wire(kernel, "a", "10.42.7.2 fd00:7::2");
      wire(kernel, "b", "10.42.7.3 fd00:7::3");
      wire(kernel, "b", "10.42.7.3 fd00:7::3"); // the runtime asks again
      desire(kernel, 1);
      nets.in("a", "ping -c1 -W2 10.42.7.3");
      nets.in("a", "ping -6 -c1 -W2 fd00:7::3");
      assertEquals(1, count(nets.in("b", "ip -o -4 addr show dev eth0"), "inet "));
      assertTrue(nets.in("a", "ip route").contains("default via 169.254.1.1 dev eth0"));
      kernel.unwirePod("b", "eth0").get(30, TimeUnit.SECONDS);
      kernel.unwirePod("b", "eth0").get(30, TimeUnit.SECONDS);
      assertFalse(nets.in("n", "ip route").contains("10.42.7.3"), "its route goes with it");
      assertEquals(1, count(nets.in("b", "ip -o link"), "LOOPBACK"), "the pod's side too");
    }
  }

  @Test
  void aHalfWiredPodIsFinished() throws Exception {
    try (KernelService kernel = KernelService.start(Optional.of(node), Optional.of(Iptables.NFT))) {
      wire(kernel, "a", "10.42.7.2");
      wire(kernel, "b", "10.42.7.3");
      desire(kernel, 1);
      String host = pod("b", "10.42.7.3").hostName();
      for (String undone : List.of(
          "ip netns exec %s ip addr flush dev eth0",
          "ip netns exec %s ip neigh flush dev eth0 nud permanent",
          "ip netns exec %s ip link set eth0 down",
          "ip route del 10.42.7.3",
          "ip link set " + host + " down",
          "ip link del " + host)) {
        nets.in("n", undone.formatted(nets.name("b")));
        wire(kernel, "b", "10.42.7.3");
        assertTrue(nets.in("a", "ping -c1 -W2 10.42.7.3").contains("1 received"), undone);
      }
    }
  }

  @Test
  void whatIsNotOursIsLeftAndNamed() throws Exception {
    nets.add("a");
    nets.in("a", "ip link add eth0 type veth peer name other");
    nets.add("b");
    nets.in("n", "ip route add blackhole 10.42.7.3");
    try (KernelService kernel = KernelService.start(Optional.of(node), Optional.of(Iptables.NFT))) {
      assertRefused(kernel, pod("a", "10.42.7.2"), "not ours");
      assertRefused(kernel, pod("b", "10.42.7.3"), "route 10.42.7.3/32");
      assertRefused(kernel, pod("gone", "10.42.7.4"), nets.path("gone").toString());
      desire(kernel, 1);
      assertTrue(nets.in("a", "ip -o link").contains("eth0@other"));
      assertTrue(nets.in("n", "ip route").contains("blackhole 10.42.7.3"));
      assertFalse(nets.in("n", "ip -o link").contains(" cw"), "what was begun is swept");
    }
  }

  @Test
  void afterItsEndNothingIsWired() throws Exception {
    nets.add("a");
    KernelService kernel = KernelService.start(Optional.of(node), Optional.of(Iptables.NFT));
    kernel.close();
    assertRefused(kernel, pod("a", "10.42.7.2"), "stopping");
    assertFalse(nets.in("n", "ip -o link").contains(" cw"));
  }

  private static void assertRefused(KernelService kernel, PodWiring pod, String words) {
    ExecutionException refused =
        assertThrows(ExecutionException.class, () -> kernel.wirePod(pod).get(30, TimeUnit.SECONDS));
    assertTrue(refused.getCause().getMessage().contains(words), refused::toString);
  }

  @Test
  void aWiredPodIsNotSweptByAnOlderDesiredState() throws Exception {
    try (KernelService kernel = KernelService.start(Optional.of(node), Optional.of(Iptables.NFT))) {
      desire(kernel, 1);
      nets.add("a");
      PodWiring pod = pod("a", "10.42.7.2");
      kernel.wirePod(pod).get(30, TimeUnit.SECONDS);
      desire(kernel, 2);
      assertTrue(nets.in("n", "ip route").contains("10.42.7.2 dev " + pod.hostName()));
    }
  }

  @Test
  void routesAreWrittenOnceAndFoundByTheNextStart() throws Exception {
    learned.put(Prefix.parse("10.42.9.0/24"), gateways("192.0.2.5 192.0.2.1"));
    learned.put(Prefix.parse("fd00:9::/64"), gateways("2001:db8:1::1 2001:db8:2::1"));
    learned.put(Prefix.parse("0.0.0.0/0"), gateways("192.0.2.1"));
    try (KernelService kernel = KernelService.start(Optional.of(node), Optional.of(Iptables.NFT))) {
      assertEquals(
          new TreeSet<>(List.of(
              Prefix.parse("192.0.2.0/30"),
              Prefix.parse("192.0.2.4/30"),
              Prefix.parse("2001:db8:1::/64"),
              Prefix.parse("2001:db8:2::/64"))),
          kernel.connected());
      wire(kernel, "a", "10.42.7.2");
      desire(kernel, 1);
      assertTrue(kernel.status().inSync(), () -> kernel.status().toString());
    }
    String routes = nets.in("n", "ip route; ip -6 route");
    assertTrue(routes.contains("blackhole 10.42.7.0/24 proto 67"), routes);
    assertTrue(
        routes.contains("10.42.9.0/24 proto 67 \n\tnexthop via 192.0.2.1 dev up1 weight 1 \n"
            + "\tnexthop via 192.0.2.5 dev up2 weight 1"),
        routes);
    assertTrue(routes.contains("default via 192.0.2.1 dev up1 proto 67"), routes);
    assertEquals(2, count(routes, "nexthop via 2001:db8:"), routes);
    assertEquals("1\n", nets.in("n", "cat /proc/sys/net/ipv4/ip_forward"));
    try (KernelService kernel = KernelService.start(Optional.of(node), Optional.of(Iptables.NFT))) {
      desire(kernel, 1);
      KernelStatus status = kernel.status();
      assertTrue(status.inSync(), status::toString);
      assertEquals(0, status.routeWrites(), status::toString);
      assertEquals(0, status.ruleWrites(), status::toString);
    }
    assertEquals(routes, nets.in("n", "ip route; ip -6 route"));
  }

  /** RFC 8950: what unnumbered peers tell, and beside it a gateway of the route's own family. */
  @Test
  void ipv4GoesByLinkLocalNeighbours() throws Exception {
    Gateway one = Gateway.of(IpAddress.parse("fe80::a:1"), "up1");
    Gateway two = Gateway.of(IpAddress.parse("fe80::a:2"), "up2");
    Gateway gone = Gateway.of(IpAddress.parse("fe80::a:3"), "up3");
    learned.put(Prefix.parse("10.42.9.0/24"), List.of(one, two));
    learned.put(
        Prefix.parse("10.42.8.0/24"), List.of(two, Gateway.of(IpAddress.parse("192.0.2.1"))));
    learned.put(Prefix.parse("fd00:9::/64"), List.of(one));
    try (KernelService kernel = KernelService.start(Optional.of(node), Optional.of(Iptables.NFT))) {
      desire(kernel, 1);
      assertTrue(kernel.status().inSync(), () -> kernel.status().toString());
    }
    String routes = nets.in("n", "ip route; ip -6 route");
    assertEquals(1, count(routes, "nexthop via inet6 fe80::a:1 dev up1"), routes);
    assertEquals(2, count(routes, "nexthop via inet6 fe80::a:2 dev up2"), routes);
    assertEquals(1, count(routes, "nexthop via 192.0.2.1 dev up1"), routes);
    assertTrue(routes.contains("fd00:9::/64 via fe80::a:1 dev up1 proto 67"), routes);
    learned.put(Prefix.parse("10.42.7.0/25"), List.of(gone));
    learned.put(Prefix.parse("10.43.0.0/24"), List.of(gone));
    try (KernelService kernel = KernelService.start(Optional.of(node), Optional.of(Iptables.NFT))) {
      desire(kernel, 1);
      KernelStatus status = kernel.status();
      assertEquals(0, status.routeWrites(), status::toString);
      assertTrue(status.toString().contains("the interface up3 is gone"), status::toString);
    }
    assertEquals(routes, nets.in("n", "ip route; ip -6 route"));
  }

  @Test
  void whatIsDeletedByHandIsBackAtOnce() throws Exception {
    learned.put(Prefix.parse("10.42.9.0/24"), gateways("192.0.2.5 192.0.2.1"));
    try (KernelService kernel = KernelService.start(Optional.of(node), Optional.of(Iptables.NFT))) {
      desire(kernel, 1);
      nets.in("n", "ip route del 10.42.9.0/24");
      assertTrue(
          TestNetns.within(10_000, () -> kernel.status().repairs().routes() == 1),
          () -> kernel.status().toString());
      assertTrue(nets.in("n", "ip route").contains("10.42.9.0/24 proto 67"));
      nets.in("n", "ip route add 10.42.99.0/24 via 192.0.2.1 proto 67");
      assertTrue(
          TestNetns.within(10_000, () -> kernel.status().repairs().routes() == 2),
          "ours, not wanted");
      nets.in("n", "ip link set up2 down; ip link set up2 up");
      assertTrue(
          TestNetns.within(10_000, () -> routeShows("10.42.9.0/24", 2)),
          () -> kernel.status().toString());
    }
  }

  @Test
  void switchesAndLinksAreTurnedBackAndCounted() throws Exception {
    try (KernelService kernel = KernelService.start(Optional.of(node), Optional.of(Iptables.NFT))) {
      wire(kernel, "a", "10.42.7.2");
      desire(kernel, 1);
      String link = pod("a", "10.42.7.2").hostName();
      assertTrue(TestNetns.within(10_000, () -> sysctlIs("conf/" + link + "/rp_filter", "1")));
      assertEquals(0, kernel.status().repairs().total(), () -> kernel.status().toString());
      List<String> switches = List.of(
          "ip_forward",
          "fib_multipath_hash_policy",
          "conf/" + link + "/rp_filter",
          "conf/" + link + "/forwarding");
      for (String name : switches) {
        nets.in("n", "echo 0 > /proc/sys/net/ipv4/" + name);
        assertTrue(TestNetns.within(10_000, () -> sysctlIs(name, "1")), name);
      }
      assertTrue(
          TestNetns.within(10_000, () -> kernel.status().repairs().sysctls() >= switches.size()),
          () -> kernel.status().toString());
      nets.in("n", "ip link set " + link + " down");
      assertTrue(
          TestNetns.within(10_000, () -> kernel.status().repairs().links() == 1),
          () -> kernel.status().toString());
      assertTrue(TestNetns.within(10_000, () -> podRouteIsThere(link)));
    }
  }

  @Test
  void switchesAreKeptAfterAFamilyIsNotWantedAnyMore() throws Exception {
    try (KernelService kernel = KernelService.start(Optional.of(node), Optional.of(Iptables.NFT))) {
      desire(kernel, 1);
      kernel.desire(new DesiredKernel(
          2, new TreeMap<>(), new TreeSet<>(), new TreeSet<>(List.of(Family.IPV4)), Ruleset.EMPTY));
      kernel.applied(2).get(60, TimeUnit.SECONDS);
      for (int round = 1; round <= 2; round++) {
        long repairs = round;
        nets.in("n", "echo 0 > /proc/sys/net/ipv4/ip_forward");
        assertTrue(
            TestNetns.within(10_000, () -> kernel.status().repairs().sysctls() == repairs),
            () -> kernel.status().toString());
      }
    }
  }

  private boolean sysctlIs(String name, String value) {
    try {
      return nets.in("n", "cat /proc/sys/net/ipv4/" + name).equals(value + "\n");
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private boolean podRouteIsThere(String link) {
    try {
      return nets.in("n", "ip route show 10.42.7.2").contains("dev " + link);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aRouteComesInWhenItsGatewayDoesAndAForeignOneStays() throws Exception {
    learned.put(Prefix.parse("10.42.9.0/24"), gateways("198.51.100.1"));
    learned.put(Prefix.parse("10.42.8.0/24"), gateways("192.0.2.1"));
    nets.in("n", "ip route add 10.42.8.0/24 via 192.0.2.5");
    try (KernelService kernel = KernelService.start(Optional.of(node), Optional.of(Iptables.NFT))) {
      desire(kernel, 1);
      KernelStatus status = kernel.status();
      assertEquals(2, status.lastErrors().size(), status::toString);
      assertTrue(nets.in("n", "ip route").contains("10.42.8.0/24 via 192.0.2.5 dev up2"));
      nets.in("n", "ip addr add 198.51.100.2/24 dev up1; ip route del 10.42.8.0/24");
      assertTrue(
          TestNetns.within(10_000, () -> kernel.status().inSync()),
          () -> kernel.status().toString());
    }
  }

  @Test
  void manyRoutesAreWrittenOnceAndDoNotDrownOneThatIsDeleted() throws Exception {
    for (int i = 0; i < MANY; i++) {
      learned.put(new Prefix(IpAddress.v4(0x14000000 + (i << 8)), 24), gateways("192.0.2.1"));
    }
    for (long writes : List.of(MANY + 1L, 0L)) {
      try (KernelService kernel =
          KernelService.start(Optional.of(node), Optional.of(Iptables.NFT))) {
        desire(kernel, 1);
        KernelStatus status = kernel.status();
        assertTrue(status.inSync(), status::toString);
        assertEquals(writes, status.routeWrites(), status::toString);
        nets.in("n", "ip route del 20.1.2.0/24");
        assertTrue(
            TestNetns.within(10_000, () -> kernel.status().repairs().routes() == 1),
            () -> kernel.status().toString());
      }
    }
  }

  private boolean routeShows(String prefix, int hops) {
    try {
      String route = nets.in("n", "ip route show " + prefix);
      return count(route, "nexthop via") == hops && !route.contains("dead");
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void wire(KernelService kernel, String name, String addresses) throws Exception {
    PodWiring pod = pod(name, addresses);
    if (!endpoints.containsKey(pod.hostName())) {
      nets.add(name);
    }
    kernel.wirePod(pod).get(30, TimeUnit.SECONDS);
    endpoints.put(pod.hostName(), pod.addresses());
  }

  private PodWiring pod(String name, String addresses) {
    return new PodWiring(
        name, nets.path(name).toString(), "eth0", addresses(addresses), PodWiring.DEFAULT_MTU);
  }

  private void desire(KernelService kernel, long revision) throws Exception {
    NodeView view = new NodeView(
        revision,
        List.of(
            new NodeView.Pool(Prefix.parse("10.42.0.0/16"), true),
            new NodeView.Pool(Prefix.parse("fd00::/16"), false)),
        new TreeSet<>(List.of(Prefix.parse("10.42.7.0/24"))),
        endpoints,
        kernel.connected(),
        learned,
        Ruleset.EMPTY);
    DesiredKernel desired = NodeCalc.calculate(view).kernel();
    kernel.desire(desired);
    kernel.applied(revision).get(60, TimeUnit.SECONDS);
  }

  private static List<Gateway> gateways(String text) {
    return addresses(text).stream().map(Gateway::of).toList();
  }

  private static List<IpAddress> addresses(String text) {
    return Arrays.stream(text.split(" ")).map(IpAddress::parse).toList();
  }

  private static int count(String text, String what) {
    return text.split(Pattern.quote(what), -1).length - 1;
  }
}
