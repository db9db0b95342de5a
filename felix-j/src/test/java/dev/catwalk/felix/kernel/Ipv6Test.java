package dev.catwalk.felix.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.catwalk.felix.calc.Gateway;
import dev.catwalk.felix.calc.NodeCalc;
import dev.catwalk.felix.calc.NodeView;
import dev.catwalk.felix.calc.PodWiring;
import dev.catwalk.felix.calc.Ruleset;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What IPv6 has of its own, on the real kernel: wiring, several next hops, forwarding. */
class Ipv6Test {
  private static final String UPLINKS = "for i in 1 2 3; do"
      + " ip link add up$i type veth peer name far$i;"
      + " ip -6 addr add 2001:db8:$i::2/64 dev up$i nodad;"
      + " ip link set up$i up; ip link set far$i up; done";
  private static final Prefix FAR = Prefix.parse("fd00:9::/64");

  private final TreeMap<String, List<IpAddress>> endpoints = new TreeMap<>();
  private final TreeMap<Prefix, List<Gateway>> learned = new TreeMap<>();
  private long revision;
  private boolean natOutgoing;

  @TempDir
  private Path folder;

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
  void aPodAnswersAtOnceAndNobodyAsksWhoIsWhere() throws Exception {
    try (KernelService kernel = KernelService.start(Optional.of(node), Optional.of(Iptables.NFT))) {
      wire(kernel, "a", "10.42.7.2 fd00:7::2");
      wire(kernel, "b", "fd00:7::3");
      desire(kernel);
      nets.in("a", "ping -6 -c1 -W2 fd00:7::3");
      nets.in("n", "ping -6 -c1 -W2 fd00:7::2");
      String inside = nets.in("a", "ip -6 route; ip -6 neigh; ip -6 addr show dev eth0");
      assertTrue(inside.contains("default via fe80::1 dev eth0"), inside);
      assertTrue(
          inside.matches("(?s).*fe80::1 dev eth0 lladdr \\S+ (router )?PERMANENT.*"), inside);
      assertTrue(inside.contains("inet6 fd00:7::2/128 scope global nodad"), inside);
      String outside = nets.in("n", "ip neigh; ip -6 neigh");
      for (String address : List.of("10.42.7.2", "fd00:7::2", "fd00:7::3")) {
        assertTrue(
            outside.matches("(?s).*\\b" + address + " dev cw\\S+ lladdr \\S+ PERMANENT.*"),
            outside);
      }
      assertFalse(nets.in("b", "ip -4 addr show dev eth0").contains("inet "));
    }
  }

  @Test
  void aPodWithoutAnIpv6AddressHasNoIpv6ThroughUs() throws Exception {
    try (KernelService kernel = KernelService.start(Optional.of(node), Optional.of(Iptables.NFT))) {
      wire(kernel, "a", "10.42.7.2");
      wire(kernel, "b", "10.42.7.3 fd00:7::3");
      desire(kernel);
      nets.in("a", "ping -c1 -W2 10.42.7.3");
      String mac = pod("a", "10.42.7.2").hostMac().toString();
      nets.in(
          "a",
          "ip -6 addr add fd00:7::2/128 dev eth0 nodad;"
              + "ip -6 neigh add fe80::1 dev eth0 lladdr " + mac + ";"
              + "ip -6 route add default via fe80::1 dev eth0");
      String forwarded = "grep ^Ip6OutForwDatagrams /proc/net/snmp6";
      String before = nets.in("n", forwarded);
      assertNotEquals(0, nets.statusIn("a", "ping -6 -c1 -W1 fd00:7::3"));
      assertEquals(before, nets.in("n", forwarded), "nothing was passed on");
    }
  }

  @Test
  void aNamespaceWithIpv6SwitchedOffGetsItOnItsOwnLink() throws Exception {
    nets.add("a");
    nets.in("a", "for c in all default; do echo 1 > /proc/sys/net/ipv6/conf/$c/disable_ipv6; done");
    try (KernelService kernel = KernelService.start(Optional.of(node), Optional.of(Iptables.NFT))) {
      wire(kernel, "a", "fd00:7::2");
      desire(kernel);
      nets.in("n", "ping -6 -c1 -W2 fd00:7::2");
      assertEquals("1\n", nets.in("a", "cat /proc/sys/net/ipv6/conf/lo/disable_ipv6"));
    }
  }

  @Test
  void routesOverSeveralWaysAreReadBackAsTheyWereWritten() throws Exception {
    for (String gateways : List.of(
        "2001:db8:1::1",
        "2001:db8:1::1 2001:db8:2::1",
        "2001:db8:1::1 2001:db8:2::1 2001:db8:3::1",
        "2001:db8:2::1 2001:db8:3::1",
        "2001:db8:3::1")) {
      learned.put(FAR, gateways(gateways));
      try (KernelService kernel =
          KernelService.start(Optional.of(node), Optional.of(Iptables.NFT))) {
        desire(kernel);
        KernelStatus status = kernel.status();
        assertTrue(status.inSync() && status.routeWrites() >= 1, status::toString);
        assertEquals(gateways, hops(), gateways);
      }
      try (KernelService kernel =
          KernelService.start(Optional.of(node), Optional.of(Iptables.NFT))) {
        desire(kernel);
        assertEquals(0, kernel.status().routeWrites(), () -> kernel.status().toString());
      }
    }
    assertTrue(nets.in("n", "ip -6 route").contains("blackhole fd00:7::/120"));
  }

  @Test
  void aWayThatIsTakenOutByHandOrWithItsLinkIsBack() throws Exception {
    String both = "2001:db8:1::1 2001:db8:2::1";
    learned.put(FAR, gateways(both));
    try (KernelService kernel = KernelService.start(Optional.of(node), Optional.of(Iptables.NFT))) {
      desire(kernel);
      for (String harm : List.of(
          "ip -6 route del " + FAR + " via 2001:db8:1::1 dev up1",
          "ip -6 route del " + FAR,
          "ip link set up2 down; ip link set up2 up; ip -6 addr add 2001:db8:2::2/64 dev up2 nodad",
          "ip -6 route del fd00:7::/120")) {
        nets.in("n", harm);
        assertTrue(
            TestNetns.within(10_000, () -> hops().equals(both) && hasBlackhole()),
            () -> harm + ": " + hops() + " " + kernel.status());
      }
    }
  }

  @Test
  void whoStartsToForwardStillHeedsItsRouters() throws Exception {
    String accepts = "cd /proc/sys/net/ipv6/conf; cat up1/accept_ra up2/accept_ra all/forwarding";
    nets.in("n", "echo 0 > /proc/sys/net/ipv6/conf/up2/accept_ra");
    assertEquals("1\n0\n0\n", nets.in("n", accepts));
    try (KernelService kernel = KernelService.start(Optional.of(node), Optional.of(Iptables.NFT))) {
      desire(kernel);
    }
    assertEquals("2\n0\n1\n", nets.in("n", accepts));
    nets.in("n", "echo 1 > /proc/sys/net/ipv6/conf/up1/accept_ra");
    try (KernelService kernel = KernelService.start(Optional.of(node), Optional.of(Iptables.NFT))) {
      desire(kernel);
    }
    assertEquals("1\n0\n1\n", nets.in("n", accepts), "who forwards already knows what he does");
  }

  /** As BIRD sends them: a route that they tell of is still learned by a node that forwards. */
  @Test
  void routerAdvertisementsAreHeededByANodeThatForwards() throws Exception {
    Path bird = Path.of("/usr/sbin/bird");
    assumeTrue(Files.isExecutable(bird), "needs Debian's bird2 to advertise a router");
    outside();
    Path config = Files.writeString(folder.resolve("bird.conf"), """
        router id 192.0.2.1;
        protocol device {}
        protocol radv { interface "eth0" { min ra interval 3; max ra interval 4; }; }
        """);
    Path pid = folder.resolve("bird.pid");
    nets.in("out", bird + " -c " + config + " -s " + folder.resolve("ctl") + " -P " + pid);
    try (KernelService kernel = KernelService.start(Optional.of(node), Optional.of(Iptables.NFT))) {
      assertTrue(TestNetns.within(20_000, this::hasAdvertisedDefault), "the first one");
      desire(kernel);
      assertEquals("1\n", nets.in("n", "cat /proc/sys/net/ipv6/conf/all/forwarding"));
      assertTrue(hasAdvertisedDefault(), "it stays when forwarding is switched on");
      nets.in("n", "ip -6 route del default dev out");
      assertTrue(TestNetns.within(20_000, this::hasAdvertisedDefault), "a later one");
    } finally {
      nets.in("out", "kill $(cat " + pid + ")");
    }
  }

  private boolean hasAdvertisedDefault() {
    try {
      return nets.in("n", "ip -6 route show default proto ra").contains("dev out");
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void podsLeaveAllPoolsWithTheirNodesAddressAndKeepTheirOwnInside() throws Exception {
    outside();
    natOutgoing = true;
    learned.put(
        Prefix.parse("fd00:7::100/120"), List.of(Gateway.of(IpAddress.parse("2001:db8:9::1"))));
    nets.in(
        "out",
        "ip -6 addr add fd00:7::105/128 dev lo; ip -6 route add fd00:7::/120 via 2001:db8:9::2;"
            + "ip6tables -A INPUT -d 2001:db8:9::1 -s fd00:7::/112 -j DROP;"
            + "ip6tables -A INPUT -d fd00:7::105 ! -s fd00:7::2 -j DROP");
    try (KernelService kernel = KernelService.start(Optional.of(node), Optional.of(Iptables.NFT))) {
      wire(kernel, "a", "fd00:7::2");
      desire(kernel);
      nets.in("a", "ping -6 -c1 -W2 2001:db8:9::1");
      nets.in("a", "ping -6 -c1 -W2 fd00:7::105");
      natOutgoing = false;
      desire(kernel);
      assertNotEquals(0, nets.statusIn("a", "ping -6 -c1 -W1 2001:db8:9::1"), "its own address");
      nets.in("a", "ping -6 -c1 -W2 fd00:7::105");
    }
  }

  /** A neighbour of the node that is no pod. */
  private void outside() throws Exception {
    nets.add("out");
    nets.in(
        "n",
        "ip link add out type veth peer name eth0 netns " + nets.name("out")
            + "; ip -6 addr add 2001:db8:9::2/64 dev out nodad; ip link set out up");
    nets.in("out", "ip -6 addr add 2001:db8:9::1/64 dev eth0 nodad; ip link set eth0 up");
  }

  /** The gateways of the route to FAR, ascending. */
  private String hops() {
    try {
      String route = nets.in("n", "ip -6 route show " + FAR);
      return String.join(
          " ",
          Arrays.stream(route.split("\\s+"))
              .filter(w -> w.startsWith("2001:db8:"))
              .sorted()
              .toList());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private boolean hasBlackhole() {
    try {
      return nets.in("n", "ip -6 route").contains("blackhole fd00:7::/120");
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void wire(KernelService kernel, String name, String addresses) throws Exception {
    PodWiring pod = pod(name, addresses);
    if (!Files.exists(nets.path(name))) {
      nets.add(name);
    }
    kernel.wirePod(pod).get(30, TimeUnit.SECONDS);
    endpoints.put(pod.hostName(), pod.addresses());
  }

  private PodWiring pod(String name, String addresses) {
    return new PodWiring(
        name, nets.path(name).toString(), "eth0", addresses(addresses), PodWiring.DEFAULT_MTU);
  }

  private void desire(KernelService kernel) throws Exception {
    revision++;
    NodeView view = new NodeView(
        revision,
        List.of(
            new NodeView.Pool(Prefix.parse("10.42.0.0/16"), false),
            new NodeView.Pool(Prefix.parse("fd00:7::/112"), natOutgoing)),
        new TreeSet<>(List.of(Prefix.parse("fd00:7::/120"))),
        endpoints,
        kernel.connected(),
        learned,
        Ruleset.EMPTY);
    kernel.desire(NodeCalc.calculate(view).kernel());
    kernel.applied(revision).get(60, TimeUnit.SECONDS);
  }

  private static List<Gateway> gateways(String text) {
    return addresses(text).stream().map(Gateway::of).toList();
  }

  private static List<IpAddress> addresses(String text) {
    return Arrays.stream(text.split(" ")).map(IpAddress::parse).toList();
  }
}
