package dev.catwalk.lab.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.felix.config.ConfigException;
import dev.catwalk.lab.topology.Plan.Cable;
import dev.catwalk.lab.topology.Plan.End;
import dev.catwalk.lab.topology.Plan.Kind;
import dev.catwalk.lab.topology.Plan.Space;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlannerTest {
  static Topology topology(String name) throws IOException, ConfigException {
    Path at = Path.of("").toAbsolutePath();
    while (!Files.exists(at.resolve("lab/topology"))) {
      at = at.getParent();
    }
    Path file = at.resolve("lab/topology").resolve(name + ".yaml");
    return TopologyFile.parse(file.getFileName().toString(), Files.readString(file));
  }

  static Options options(int nodes, String pool, long seed) {
    return new Options(Optional.of(nodes), Optional.of(Prefix.parse(pool)), seed);
  }

  static Stream<Plan> plans() throws Exception {
    List<Plan> plans = new ArrayList<>();
    for (String name : List.of("first-light", "underlay", "calico-mesh")) {
      plans.add(Planner.plan(topology(name), Options.NONE));
      for (int nodes : List.of(1, 3, 9)) {
        for (String pool : List.of("10.42.0.0/16", "172.16.0.0/16", "10.200.16.0/20")) {
          for (long seed : List.of(0L, 1L, 77L, 1L << 40)) {
            plans.add(Planner.plan(topology(name), options(nodes, pool, seed)));
          }
        }
      }
    }
    for (String name : List.of("switch", "host-gw", "calico-acl", "bench")) {
      plans.add(Planner.plan(topology(name), Options.NONE));
    }
    for (String pool : List.of("2001:db8:42::/64", "fd00:172::/112", "2001:db8:7::/96")) {
      for (long seed : List.of(0L, 1L, 77L, 1L << 40)) {
        Prefix six = Prefix.parse(pool);
        Plan both = Planner.plan(
            topology("first-light"),
            new Options(Optional.of(9), List.of(six), seed, Families.DUAL));
        plans.add(both);
        plans.add(both.layers().getLast());
        plans.add(Planner.plan(
            topology("first-light"),
            new Options(Optional.of(9), List.of(six), seed, Families.SIX)));
      }
    }
    return plans.stream();
  }

  @Test
  void bothFamiliesHaveTheSamePlacesAndOtherAddresses() throws Exception {
    Options options = new Options(Optional.empty(), List.of(), 5, Families.DUAL);
    Plan four = Planner.plan(topology("first-light"), options);
    Plan six = four.layers().getLast();
    assertEquals(four.pods(), six.pods());
    assertEquals(
        four.nodes().stream().map(Plan.Node::name).toList(),
        six.nodes().stream().map(Plan.Node::name).toList());
    assertTrue(six.nodes().stream().noneMatch(n -> n.address().isV4()));
    String inside = String.join("\n", IpCommands.inside(four, four.space("node1")));
    assertTrue(
        inside.matches("(?s).*route replace 0.0.0.0/0 src \\S+ nexthop .*"
            + "route replace ::/0 src \\S+ nexthop via \\S+ dev tor1 nexthop via \\S+ dev tor2"),
        inside);
    assertEquals(
        List.of("tor1", "tor2", "tor1-v6", "tor2-v6"),
        dev.catwalk.felix.config.AgentConfig.parse(
                "agent.yaml", AgentConfig.render(four, four.nodes().getFirst()))
            .bgp()
            .orElseThrow()
            .speaker()
            .peers()
            .stream()
            .map(p -> p.name())
            .toList());
  }

  @Test
  void nodesInAChainReachTheOthersThroughTheirNeighbours() throws Exception {
    Plan plan = Planner.plan(topology("weave"), options(4, "10.32.0.0/16", 7));
    Plan.Node second = plan.node("node2");
    assertEquals(
        List.of(List.of("node1"), List.of("node3", "node4")),
        second.uplinks().stream().map(Plan.Uplink::behind).toList());
    assertEquals(
        List.of(64601L, 64603L),
        second.neighbours().stream().map(Plan.Neighbour::as).toList());
    assertEquals(
        List.of(second.uplinks().getLast().via().orElseThrow() + "%node3"),
        dev.catwalk.lab.check.Expected.hops(second, plan.node("node4")));
    List<String> ways = plan.routes().stream()
        .filter(r -> r.space().equals("node2"))
        .map(r -> r.to() + " " + r.hops().getFirst().device())
        .toList();
    assertEquals(
        List.of(
            plan.node("node1").address() + "/32 node1",
            plan.node("node3").address() + "/32 node3",
            plan.node("node4").address() + "/32 node3"),
        ways);
  }

  @Test
  void aTopologyWithoutIpv6IsRefusedIt() {
    PlanException e = assertThrows(
        PlanException.class,
        () -> Planner.plan(
            topology("switch"), new Options(Optional.empty(), List.of(), 0, Families.SIX)));
    assertTrue(e.getMessage().contains("switch has no addresses of IPv6"), e.getMessage());
  }

  @ParameterizedTest
  @MethodSource("plans")
  void noAddressIsGivenTwiceNorOfThePool(Plan plan) {
    List<IpAddress> given = new ArrayList<>();
    for (Space space : plan.spaces()) {
      space.loopback().ifPresent(given::add);
    }
    for (Cable cable : plan.cables()) {
      Stream.of(cable.one(), cable.other())
          .flatMap(e -> e.address().stream())
          .forEach(a -> given.add(a.address()));
    }
    assertEquals(given.size(), new TreeSet<>(given).size(), given::toString);
    assertFalse(given.stream().anyMatch(plan.pool().cidr()::contains), given::toString);
  }

  @ParameterizedTest
  @MethodSource("plans")
  void bothEndsOfACableAreInOneSubnet(Plan plan) {
    for (Cable cable : plan.cables()) {
      if (cable.one().address().isPresent()) {
        Topology.Interface one = cable.one().address().orElseThrow();
        Topology.Interface other = cable.other().address().orElseThrow();
        assertTrue(Prefix.of(one.address(), one.length()).contains(other.address()));
        assertNotEquals(one, other);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("plans")
  void aDeviceNameFitsTheKernelAndIsOneOnlyInItsSpace(Plan plan) {
    TreeSet<String> seen = new TreeSet<>();
    for (Cable cable : plan.cables()) {
      for (End end : List.of(cable.one(), cable.other())) {
        assertTrue(end.device().length() <= 15, end.device());
        assertTrue(seen.add(end.space() + " " + end.device()), end.toString());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("plans")
  void theAgentsReadWhatIsWrittenForThem(Plan plan) throws ConfigException {
    for (Plan.Node node : plan.nodes()) {
      String text = AgentConfig.render(plan, node);
      var read = dev.catwalk.felix.config.AgentConfig.parse("agent.yaml", text);
      assertEquals(node.name(), read.node().name());
      assertEquals(plan.nodes().size(), read.store().members().size());
      assertEquals(
          node.neighbours().size() * plan.layers().size(),
          read.bgp().orElseThrow().speaker().peers().size());
      assertEquals(
          plan.layers().stream().map(p -> p.pool().cidr()).toList(),
          read.pools().stream().map(p -> p.cidr()).toList());
      assertEquals(node.block().stream().toList(), read.blocks());
    }
  }

  @ParameterizedTest
  @MethodSource("plans")
  void whatOneSideOfASessionExpectsTheOtherIs(Plan plan) {
    for (Plan.Node node : plan.nodes()) {
      for (Plan.Neighbour n : node.neighbours()) {
        Plan.Router router = plan.routers().stream()
            .filter(r -> r.name().equals(n.name()))
            .findFirst()
            .orElseThrow();
        Plan.Neighbour back = router.neighbours().stream()
            .filter(m -> m.name().equals(node.name()))
            .findFirst()
            .orElseThrow();
        assertEquals(n.as(), router.as());
        assertEquals(back.as(), node.as());
        assertEquals(back.address(), n.local());
        assertEquals(back.local(), n.address());
        assertTrue(back.node());
      }
    }
  }

  @Test
  void firstLightIsAsItsFileSays() throws Exception {
    Plan plan = Planner.plan(topology("first-light"), Options.NONE);
    assertEquals(
        List.of("tor1", "tor2", "client", "node1", "node2", "node3"),
        plan.spaces().stream().map(Space::name).toList());
    assertEquals(
        List.of(64601L, 64602L, 64603L),
        plan.nodes().stream().map(Plan.Node::as).toList());
    assertEquals(
        List.of(
            "node1 frontend-1",
            "node1 backend-1",
            "node2 batch-1",
            "node2 frontend-2",
            "node3 backend-2",
            "node3 batch-2"),
        plan.pods().stream().map(p -> p.node() + " " + p.name()).toList());
    assertTrue(plan.nodes().stream().allMatch(n -> n.uplinks().size() == 2));
  }

  @Test
  void addressesThatAFileFixesAreKept() throws Exception {
    Plan plan =
        Planner.plan(topology("host-gw"), new Options(Optional.empty(), Optional.empty(), 7));
    assertEquals(
        List.of("10.0.12.11", "10.0.12.7", "10.0.12.15"),
        plan.nodes().stream().map(n -> n.address().toString()).toList());
    assertTrue(IpCommands.inside(plan, plan.spaces().getLast())
        .contains("address add 10.0.12.15/22 dev eth0"));
    assertEquals(
        List.of("1.1.1.0/24", "1.1.2.0/24", "1.1.3.0/24"),
        plan.nodes().stream().map(n -> n.block().orElseThrow().toString()).toList());
    assertEquals(
        List.of("192.168.1.2", "192.168.1.3", "192.168.1.4"),
        Planner.plan(topology("switch"), Options.NONE).pods().stream()
            .map(p -> p.fixed().orElseThrow().toString())
            .toList());
  }

  @ParameterizedTest(name = "{0} with {1} nodes of {2}")
  @CsvSource(delimiter = '|', textBlock = """
      host-gw | 4 | 1.1.0.0/16     | has addresses for 3 nodes, not for 4
      switch  | 2 | 192.168.1.0/24 | has addresses for 1 nodes, not for 2
      host-gw | 3 | 10.42.0.0/16   | has no other pool than 1.1.0.0/16
      switch  | 1 | 10.42.0.0/16   | has no other pool than 192.168.1.0/24
      """)
  void fixedAddressesAreNotStretched(String name, int nodes, String pool, String message)
      throws Exception {
    Topology topology = topology(name);
    PlanException e =
        assertThrows(PlanException.class, () -> Planner.plan(topology, options(nodes, pool, 0)));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.12.11", "10.0.12.11/33", "10.0.12/22", "2001:db8::1/64"})
  void anAddressWithoutItsSubnetIsNamedWithItsPlace(String address) {
    String text = "name: odd\nnodes: {name: node, count: 1, as: 1, attach: [[lan]], addresses: ['"
        + address + "']}\n";
    ConfigException e =
        assertThrows(ConfigException.class, () -> TopologyFile.parse("odd.yaml", text));
    assertTrue(e.getMessage().contains("10.0.12.11/22") && e.line() == 2, e.getMessage());
  }

  @Test
  void aNodesRoutesLeadToAllItsRouters() throws Exception {
    Plan plan = Planner.plan(topology("first-light"), Options.NONE);
    Space node = plan.spaces().getLast();
    assertEquals(Kind.NODE, node.kind());
    String last = IpCommands.inside(plan, node).getLast();
    assertTrue(
        last.matches(
            "route replace 0.0.0.0/0 src \\S+ nexthop via \\S+ dev tor1 nexthop via \\S+ dev tor2"),
        last);
  }

  @Test
  void theSeedChangesEveryAddressAndTheSameSeedNone() throws Exception {
    Topology topology = topology("first-light");
    Plan one = Planner.plan(topology, options(3, "10.42.0.0/16", 1));
    Plan two = Planner.plan(topology, options(3, "10.42.0.0/16", 2));
    assertEquals(one, Planner.plan(topology, options(3, "10.42.0.0/16", 1)));
    for (int i = 0; i < 3; i++) {
      assertNotEquals(one.nodes().get(i).address(), two.nodes().get(i).address());
    }
    assertNotEquals(one.client(), two.client());
    assertNotEquals(one.pods(), two.pods());
  }

  @ParameterizedTest(name = "{0} nodes of {1}")
  @CsvSource(delimiter = '|', textBlock = """
      0  | 10.42.0.0/16  | 0 nodes: want 1 to 9
      10 | 10.42.0.0/16  | 10 nodes: want 1 to 9
      5  | 10.42.0.0/22  | has 4 blocks of /24 for 5 nodes
      3  | 10.42.0.0/28  | want an IPV4 prefix of /24 or shorter
      3  | 198.18.0.0/16 | overlaps the outside client's
      3  | 172.16.0.0/12 | covers the whole underlay
      3  | 2001:db8::/32 | choose another --family
      """)
  void whatDoesNotFitIsRefused(int nodes, String pool, String message) throws Exception {
    Topology topology = topology("first-light");
    PlanException e =
        assertThrows(PlanException.class, () -> Planner.plan(topology, options(nodes, pool, 0)));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void aCableToNobodyIsRefused() throws Exception {
    String text = """
        name: odd
        nodes: {name: node, count: 1, as: 64601, attach: [[tor9]]}
        underlay: {within: 172.16.0.0/12}
        bgp: {holdTime: 9, keepalive: 3}
        pool: {name: default, cidr: 10.42.0.0/16, blockSize: 24}
        namespaces: {}
        pods: {perNode: 1, port: 80, roles: [{name: a, namespace: b, labels: {}}]}
        """;
    Topology odd = TopologyFile.parse("odd.yaml", text);
    PlanException e = assertThrows(PlanException.class, () -> Planner.plan(odd, Options.NONE));
    assertTrue(e.getMessage().contains("'tor9'"), e.getMessage());
  }

  @Test
  void anUnknownKeyOfATopologyIsNamedWithItsPlace() {
    ConfigException e = assertThrows(
        ConfigException.class,
        () -> TopologyFile.parse("odd.yaml", "name: odd\nrouters:\n  - {name: r, sort: bird}\n"));
    assertTrue(e.getMessage().contains("odd.yaml") && e.line() == 3, e.getMessage());
  }
}
