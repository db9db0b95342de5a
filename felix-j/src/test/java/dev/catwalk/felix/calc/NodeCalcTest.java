package dev.catwalk.felix.calc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.felix.calc.NodeView.Pool;
import dev.catwalk.felix.calc.RouteTarget.Blackhole;
import dev.catwalk.felix.calc.RouteTarget.Device;
import dev.catwalk.felix.calc.RouteTarget.Gateways;
import dev.catwalk.felix.calc.Ruleset.AddressSet;
import dev.catwalk.felix.calc.Ruleset.ChainName;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** States and what follows from them. */
class NodeCalcTest {

  private static final Pool POOL = new Pool(Prefix.parse("10.42.0.0/16"), true);

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      another node's block      | 10.42.9.0/24   | true
      a covering route          | 10.42.0.0/16   | true
      the default route         | 0.0.0.0/0      | true
      a prefix outside pools    | 203.0.113.0/24 | true
      another node's lone pod   | 10.42.9.7/32   | true
      our own block             | 10.42.7.0/24   | false
      half of our own block     | 10.42.7.128/25 | false
      one of our own pods       | 10.42.7.2/32   | false
      the wire we are on        | 192.0.2.0/24   | false
      a neighbour on that wire  | 192.0.2.9/32   | false
      loopback                  | 127.0.0.0/8    | false
      link-local                | 169.254.0.0/16 | false
      multicast                 | 224.0.0.0/4    | false
      another family's          | 2001:db8::/32  | true
      """)
  void learnedRoutesAreInstalledUnlessWeKnowBetter(String what, String prefix, boolean installed) {
    TreeMap<Prefix, List<Gateway>> learned = new TreeMap<>();
    learned.put(Prefix.parse(prefix), gateways("192.0.2.2 192.0.2.1"));
    DesiredKernel kernel = NodeCalc.calculate(
            view(List.of(POOL), "10.42.7.0/24", new TreeMap<>(), "192.0.2.0/24", learned))
        .kernel();
    boolean isLearned = kernel.routes().get(Prefix.parse(prefix)) instanceof Gateways;
    assertEquals(installed, isLearned, what);
    if (installed) {
      assertEquals(
          new Gateways(gateways("192.0.2.1 192.0.2.2")), kernel.routes().get(Prefix.parse(prefix)));
    }
  }

  @Test
  void ownBlocksAreOriginatedAndBlackholedWithPodsInThem() {
    TreeMap<String, List<IpAddress>> endpoints = new TreeMap<>();
    endpoints.put("cw00000000001", addresses("10.42.7.2 fd00::2"));
    endpoints.put("cw00000000002", addresses("10.42.7.3"));
    NodeCalc.Result result =
        NodeCalc.calculate(view(List.of(POOL), "10.42.7.0/24", endpoints, "", new TreeMap<>()));
    assertEquals(prefixes("10.42.7.0/24"), result.originated());
    TreeMap<Prefix, RouteTarget> routes = new TreeMap<>();
    routes.put(Prefix.parse("10.42.7.0/24"), new Blackhole());
    routes.put(Prefix.parse("10.42.7.2/32"), new Device("cw00000000001"));
    routes.put(Prefix.parse("fd00::2/128"), new Device("cw00000000001"));
    routes.put(Prefix.parse("10.42.7.3/32"), new Device("cw00000000002"));
    assertEquals(routes, result.kernel().routes());
    assertEquals(endpoints.keySet(), result.kernel().podLinks());
  }

  @Test
  void whatIsToldAsAnAggregateIsDroppedWhereNoBetterWayIsKnown() {
    TreeMap<Prefix, List<Gateway>> learned = new TreeMap<>();
    learned.put(Prefix.parse("10.42.0.0/20"), gateways("192.0.2.1"));
    learned.put(Prefix.parse("10.42.9.0/24"), gateways("192.0.2.1"));
    NodeView view = new NodeView(
        1,
        List.of(POOL),
        prefixes("10.42.7.0/24"),
        new TreeMap<>(),
        prefixes(""),
        learned,
        prefixes("10.42.0.0/20"),
        Ruleset.EMPTY);
    NodeCalc.Result result = NodeCalc.calculate(view);
    assertEquals(new Blackhole(), result.kernel().routes().get(Prefix.parse("10.42.0.0/20")));
    assertEquals(
        new Gateways(gateways("192.0.2.1")),
        result.kernel().routes().get(Prefix.parse("10.42.9.0/24")));
    assertEquals(prefixes("10.42.7.0/24"), result.originated(), "the speaker makes it");
  }

  @Test
  void aPoolWithNatIsMasqueradedTowardsAllButThePools() {
    List<Pool> pools = List.of(
        POOL,
        new Pool(Prefix.parse("10.43.0.0/16"), false),
        new Pool(Prefix.parse("10.44.0.1/32"), false),
        new Pool(Prefix.parse("fd00::/48"), false));
    Ruleset rules = NodeCalc.calculate(
            view(pools, "10.42.7.0/24", new TreeMap<>(), "", new TreeMap<>()))
        .kernel()
        .rules();
    assertEquals(
        new AddressSet(
            Family.IPV4,
            "hash:net",
            new TreeSet<>(List.of("10.42.0.0/16", "10.43.0.0/16", "10.44.0.1"))),
        rules.sets().get("cw-pools4"));
    assertEquals(
        new AddressSet(Family.IPV4, "hash:net", new TreeSet<>(List.of("10.42.0.0/16"))),
        rules.sets().get("cw-nat4"));
    assertEquals(2, rules.sets().size(), () -> rules.sets().toString());
    ChainName nat = new ChainName(Family.IPV4, "nat", "cw-postrouting");
    assertEquals(List.of("POSTROUTING"), rules.chains().get(nat).hooks());
    assertEquals(1, rules.chains().size(), () -> rules.chains().toString());
  }

  @Test
  void orderOfArrivalDoesNotShow() {
    List<String> gateways = List.of("192.0.2.1", "192.0.2.3", "192.0.2.2", "192.0.2.3");
    List<String> reversed = new ArrayList<>(gateways);
    Collections.reverse(reversed);
    assertEquals(learnedBy(gateways), learnedBy(reversed));
  }

  private static NodeCalc.Result learnedBy(List<String> gateways) {
    TreeMap<Prefix, List<Gateway>> learned = new TreeMap<>();
    learned.put(Prefix.parse("10.42.9.0/24"), gateways(String.join(" ", gateways)));
    return NodeCalc.calculate(
        view(List.of(POOL), "10.42.7.0/24", new TreeMap<>(), "192.0.2.0/24", learned));
  }

  private static NodeView view(
      List<Pool> pools,
      String blocks,
      TreeMap<String, List<IpAddress>> endpoints,
      String connected,
      TreeMap<Prefix, List<Gateway>> learned) {
    return new NodeView(
        1, pools, prefixes(blocks), endpoints, prefixes(connected), learned, Ruleset.EMPTY);
  }

  private static SortedSet<Prefix> prefixes(String text) {
    TreeSet<Prefix> prefixes = new TreeSet<>();
    Arrays.stream(text.split(" "))
        .filter(t -> !t.isEmpty())
        .map(Prefix::parse)
        .forEach(prefixes::add);
    return prefixes;
  }

  private static List<Gateway> gateways(String text) {
    return addresses(text).stream().map(Gateway::of).toList();
  }

  private static List<IpAddress> addresses(String text) {
    return Arrays.stream(text.split(" ")).map(IpAddress::parse).toList();
  }
}
