package dev.catwalk.felix.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.catwalk.acl.render.Rendered;
import dev.catwalk.felix.calc.Guard;
import dev.catwalk.felix.calc.Ruleset;
import dev.catwalk.felix.calc.Ruleset.Chain;
import dev.catwalk.felix.calc.Ruleset.ChainName;
import dev.catwalk.net.addr.Family;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What stays closed when the filter table is flushed, in each table that it may be in. */
class GuardTest {
  private static final String POD =
      "ip link add cw0000000000N type veth peer name eth0 netns NETNS;"
          + "ip link set cw0000000000N up; ip addr add 169.254.1.1/32 dev cw0000000000N;"
          + "ip route add 10.42.7.N/32 dev cw0000000000N";

  @ParameterizedTest
  @MethodSource("everyGuardByEachIptables")
  void whatIsNotMarkedGoesNowhere(Guard guard, Iptables iptables) throws Exception {
    try (TestNetns nets = TestNetns.open()) {
      Path node = nets.add("n");
      nets.in("n", "echo 1 > /proc/sys/net/ipv4/ip_forward");
      for (String pod : List.of("2", "3")) {
        nets.add(pod);
        nets.in(
            "n",
            POD.replace("0N", "0" + pod).replace(".N", "." + pod).replace("NETNS", nets.name(pod)));
        nets.in(
            pod,
            "ip addr add 10.42.7." + pod + "/32 dev eth0; ip link set eth0 up;"
                + "ip route add 169.254.1.1 dev eth0; ip route add default via 169.254.1.1");
      }
      Ruleset rules = guard.in(marking(Rendered.MAY_LEAVE, Rendered.MAY_ENTER));
      keep(node, iptables, rules);
      nets.in("2", "ping -c1 -W2 10.42.7.3");
      for (Ruleset half : List.of(marking(Rendered.MAY_LEAVE), marking(Rendered.MAY_ENTER))) {
        keep(node, iptables, guard.in(half));
        assertNotEquals(0, nets.statusIn("2", "ping -c1 -W0.3 10.42.7.3"));
      }
      keep(node, iptables, rules);
      nets.in("n", "iptables" + iptables.text().substring("iptables".length()) + " -F");
      assertNotEquals(0, nets.statusIn("2", "ping -c1 -W0.3 10.42.7.3"));
      nets.in("n", "ping -c1 -W2 10.42.7.3"); // the node reaches its own pods always
      keep(node, iptables, rules);
      nets.in("2", "ping -c1 -W2 10.42.7.3");
    }
  }

  static Stream<Arguments> everyGuardByEachIptables() {
    return Arrays.stream(Guard.values())
        .flatMap(g -> Arrays.stream(Iptables.values()).map(i -> Arguments.of(g, i)));
  }

  @Test
  void theFirstThatTheKernelHasIsUsed() {
    Ruleset bare = marking(Rendered.MAY_LEAVE);
    Ruleset desired = Guard.SECURITY.in(bare);
    GuardTable both = new GuardTable(table -> true);
    assertEquals(bare, both.possible(bare));
    assertEquals("", both.text());
    assertEquals(desired, both.possible(desired));
    assertEquals("security", both.text());

    GuardTable older = new GuardTable("mangle"::equals);
    assertEquals(Guard.MANGLE.in(desired), older.possible(desired));
    assertEquals("mangle", older.text());

    GuardTable neither = new GuardTable(table -> false);
    assertEquals(bare, neither.possible(desired));
    assertEquals(KernelStatus.NO_GUARD, neither.text());
  }

  /** The filter table's part: what it lets through it marks. */
  private static Ruleset marking(String... marks) {
    List<String> rules = Arrays.stream(marks)
        .map(mark -> "-m comment --comment \"cw:" + mark.substring(2, 3).repeat(12)
            + " a mark\" -j MARK --set-xmark " + mark)
        .toList();
    TreeMap<ChainName, Chain> chains = new TreeMap<>();
    chains.put(
        new ChainName(Family.IPV4, "filter", "cw-forward"), new Chain(rules, List.of("FORWARD")));
    return new Ruleset(chains, new TreeMap<>());
  }

  private static void keep(Path node, Iptables iptables, Ruleset rules) throws Exception {
    CompletableFuture<Runnable> kept = new CompletableFuture<>();
    KernelThread.start("cw-guard-test", Optional.of(node), kept, () -> {
      try (RuleTracer tracer = new RuleTracer(iptables);
          SetWriter sets = new SetWriter()) {
        new RuleKeeper(new Programs(), iptables, tracer, sets).reconcile(rules, false);
      }
      return () -> {};
    });
    KernelThread.await(kept);
  }
}
