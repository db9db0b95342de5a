package dev.catwalk.lab.bgp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a peer is reached and what is taken from it and told to it, with BIRD and FRR there. */
class RulesAmongRealPeersTest extends SessionWithRouter {
  private static final String P1 = "100.1.0.0/24";
  private static final String P2 = "100.1.1.0/24";
  private static final String OWN = "100.2.0.0/24";

  private Path config(String bgp, String peer) {
    return write("ours.yaml", """
        as: 64601
        routerId: 10.9.0.2
        %s
        peers: [{name: daemon, address: 10.9.0.1, as: 65001, holdTime: 9, connectRetry: 1,
                 families: [ipv4-unicast], %s}]
        """.formatted(bgp, peer));
  }

  private Remote speaker(String bgp, String peer) {
    Remote ours = speaker(config(bgp, peer));
    ours.say("originate " + OWN);
    return ours;
  }

  /** TTL security, a source address, and roles that go together. */
  @ParameterizedTest
  @ValueSource(strings = {"BIRD", "FRR"})
  void aNeighbourOneHopAway(String kind) {
    Router router = router(
        kind,
        "ttl security on; local role provider;",
        " neighbor 10.9.0.2 ttl-security hops 1\n neighbor 10.9.0.2 local-role provider");
    Remote ours = speaker("", "ttlSecurity: 1, source: 10.9.0.2, role: customer, strictRole: true");
    within(() -> ours.learned().size() == 2, "its routes");
    String view = ours.ask("view");
    assertTrue(view.contains("role provider"), view);
    within(() -> route(router, kind, OWN).contains("64601"), "our route");
  }

  /** The other end sends with a TTL of 1, as routers do by themselves: nothing comes in. */
  @Test
  void whoIsFartherThanAllowedIsNotHeard() {
    router("BIRD", "", "");
    Remote ours = speaker("", "ttlSecurity: 1");
    within(() -> drops() > 0, "packets are dropped");
    assertFalse(ours.ask("peers").contains("established"));
    assertEquals(0, ours.learned().size());
  }

  /** The kernel's count of packets from too far away. */
  private int drops() {
    String table = Netns.run("ip", "netns", "exec", here, "cat", "/proc/net/netstat");
    List<String> lines = table.lines().filter(l -> l.startsWith("TcpExt:")).toList();
    int at = List.of(lines.get(0).split(" ")).indexOf("TCPMinTTLDrop");
    return Integer.parseInt(lines.get(1).split(" ")[at]);
  }

  @ParameterizedTest
  @ValueSource(strings = {"BIRD", "FRR"})
  void rolesThatDoNotGoTogether(String kind) {
    router(kind, "local role peer;", " neighbor 10.9.0.2 local-role peer");
    Remote ours = speaker("", "role: customer");
    within(() -> ours.ask("view").contains("role mismatch"), "2/11 from either side");
    assertEquals(0, ours.learned().size());
  }

  /** A filter each way, and another one under the same session. */
  @ParameterizedTest
  @ValueSource(strings = {"BIRD", "FRR"})
  void filtersEachWayAndChangedUnderTheSession(String kind) {
    Router router = router(kind, "", "");
    String filters = """
        filters:
          f:
            importV4: [{action: Reject, matchOperator: Equal, cidr: 100.1.0.0/24}]
            exportV4:
              - action: Accept
                operations: [{addCommunity: {value: "65000:7"}}, {prependASPath: {prefix: [64601]}}]
        """;
    Remote ours = speaker(filters, "filters: [f]");
    within(
        () -> ours.learned().equals(new TreeMap<>(java.util.Map.of(P2, "10.9.0.1"))),
        "all but the one");
    String pair = kind.equals("BIRD") ? "(65000,7)" : "65000:7";
    within(
        () -> route(router, kind, OWN).contains(pair)
            && route(router, kind, OWN).contains("64601 64601"),
        "what we changed");
    String since = ours.ask("since");
    Path changed =
        config(filters.replace("cidr: 100.1.0.0/24", "cidr: 100.1.1.0/24"), "filters: [f]");
    ours.ask("reconfigure " + changed);
    within(
        () -> ours.learned().equals(new TreeMap<>(java.util.Map.of(P1, "10.9.0.1"))),
        "the other way round");
    ours.ask("reconfigure " + config("", "localAs: 64601"));
    assertFalse(ours.ask("since").isEmpty());
    ours.ask("reconfigure " + config(filters, "filters: [f]"));
    within(() -> ours.ask("view").contains("state=established"), "it is up");
    assertTrue(since.startsWith("SINCE"), since);
  }

  /** The peer dies and stays away: its routes are kept as the last choice. */
  @ParameterizedTest
  @ValueSource(strings = {"BIRD", "FRR"})
  void routesOfAPeerThatIsAwayForLong(String kind) {
    Router router = router(
        kind,
        "graceful restart on; graceful restart time 1; long lived graceful restart on;"
            + " long lived stale time 600;",
        " bgp graceful-restart\n bgp graceful-restart restart-time 1\n"
            + " bgp long-lived-graceful-restart stale-time 600");
    Remote ours = speaker("", "longLivedStaleTime: 600");
    within(() -> ours.learned().size() == 2, "its routes");
    within(() -> ours.ask("view").contains("endOfRib=[ipv4-unicast]"), "its end");
    router.kill();
    within(() -> ours.ask("routes " + P1).contains("65535:6"), "it is marked");
    assertEquals(2, ours.learned().size());
    assertEquals(List.of(), ours.removals());
  }

  /** The program follows its file: a peer more, a mistake, a limit less. */
  @Test
  void theProgramFollowsItsFile() throws IOException {
    Router bird = router("BIRD", "", "");
    Path file = write("run.yaml", "{as: 64601, routerId: 10.9.0.2, listen: ['10.9.0.2:179']}");
    netns.start(
        here,
        dir.resolve("ours.log"),
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx256m",
        "-XX:TieredStopAtLevel=1",
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
        "dev.catwalk.felix.cli.Catwalk",
        "bgp",
        "run",
        "--config",
        file.toString());
    logs("listening");
    String peer = "{as: 64601, routerId: 10.9.0.2, listen: ['10.9.0.2:179'],"
        + " peers: [{address: 10.9.0.1, as: 65001, connectRetry: 1%s}]}";
    Files.writeString(file, peer.formatted(""));
    assertTrue(
        Netns.within(20, () -> bird.ask("show protocols cw").contains("Established")), bird::log);
    Files.writeString(file, "{as: 64601, peers: []}");
    logs("the changed configuration is not taken");
    assertTrue(bird.ask("show protocols cw").contains("Established"));
    Files.writeString(file, peer.formatted(", prefixLimit: {maximum: 1}"));
    assertTrue(
        Netns.within(
            20, () -> bird.ask("show protocols all cw").contains("Maximum number of prefixes")),
        () -> bird.ask("show protocols all cw"));
  }

  private void logs(String words) {
    Path log = dir.resolve("ours.log");
    assertTrue(
        Netns.within(20, () -> {
          try {
            return Files.exists(log) && Files.readString(log).contains(words);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }),
        words);
  }

  /** A link without IPv4 carries IPv4 routes. */
  @ParameterizedTest
  @ValueSource(strings = {"BIRD", "FRR"})
  void ipv4OverIpv6(String kind) {
    assumeTrue(Daemon.has(kind), "needs Debian's " + kind);
    netns.join("six", there, List.of("fd00:9::1/64"), here, List.of("fd00:9::2/64"));
    Router router = kind.equals("BIRD")
        ? Router.bird(netns, there, dir, """
            protocol static s4 { ipv4; route 100.1.0.0/24 blackhole; }
            protocol bgp cw { local fd00:9::1 as 65001; neighbor fd00:9::2 as 64601; hold time 9;
              connect retry time 1; error wait time 1,2; passive on;
              ipv4 { import all; export all; extended next hop on; }; }
            """)
        : Router.frr(netns, there, dir, "fd00:9::1", """
            router bgp 65001
             bgp router-id 10.9.0.1
             no bgp ebgp-requires-policy
             no bgp network import-check
             neighbor fd00:9::2 remote-as 64601
             neighbor fd00:9::2 timers 3 9
             neighbor fd00:9::2 timers connect 1
             neighbor fd00:9::2 capability extended-nexthop
             address-family ipv4 unicast
              network 100.1.0.0/24
              neighbor fd00:9::2 activate
             exit-address-family
            """);
    Path config = write("ours.yaml", """
        as: 64601
        routerId: 10.9.0.2
        listen: ["[fd00:9::2]:179"]
        peers: [{name: daemon, address: "fd00:9::1", as: 65001, holdTime: 9, connectRetry: 1,
                 families: [ipv4-unicast], extendedNextHop: true}]
        """);
    Remote ours = speaker(config);
    ours.say("originate " + OWN);
    within(
        () -> ours.learned().equals(new TreeMap<>(java.util.Map.of(P1, "fd00:9::1"))), "its route");
    within(() -> route(router, kind, OWN).contains("fd00:9::2"), "our route");
  }
}
