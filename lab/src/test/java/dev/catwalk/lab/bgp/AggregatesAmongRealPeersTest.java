package dev.catwalk.lab.bgp;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An aggregate as BIRD and FRR read it, and without the parts that it stands for. */
class AggregatesAmongRealPeersTest extends SessionWithRouter {
  @ParameterizedTest
  @CsvSource({
    "BIRD, show route all, BGP.aggregator: 10.9.0.2 AS64601, BGP.atomic_aggr",
    "FRR, show bgp ipv4 unicast 10.50.0.0/16, aggregated by 64601 10.9.0.2, atomic-aggregate"
  })
  void anAggregateStandsForItsParts(String kind, String show, String aggregator, String atomic) {
    assumeTrue(Daemon.has(kind), "needs Debian's " + kind);
    Router router = kind.equals("BIRD")
        ? Router.bird(netns, there, dir, """
            protocol static { ipv4; route 10.50.1.0/24 blackhole; }
            protocol bgp cw { local 10.9.0.1 as 65001; neighbor 10.9.0.2 as 64601;
              connect retry time 1; error wait time 1,2; ipv4 { import all; export all; }; }
            """)
        : Router.frr(netns, there, dir, """
            router bgp 65001
             bgp router-id 10.9.0.1
             no bgp ebgp-requires-policy
             no bgp network import-check
             neighbor 10.9.0.2 remote-as 64601
             neighbor 10.9.0.2 timers connect 1
             address-family ipv4 unicast
              network 10.50.1.0/24
            """);
    Path config = write("bgp.yaml", """
        as: 64601
        routerId: 10.9.0.2
        listen: ["10.9.0.2:179"]
        peers: [{name: daemon, address: 10.9.0.1, as: 65001, families: [ipv4-unicast]}]
        aggregates: [{prefix: 10.50.0.0/16, summaryOnly: true}]
        """);
    Remote speaker = speaker(config);
    speaker.say("originate 10.50.2.0/24 10.51.2.0/24");
    within(router, show, aggregator, true);
    within(router, show, atomic, true);
    String all = kind.equals("BIRD") ? "show route" : "show bgp ipv4 unicast";
    within(router, all, "10.51.2.0/24", true);
    assertFalse(router.ask(all).contains("10.50.2.0/24"), () -> router.ask(all));
    speaker.say("originate 10.51.2.0/24");
    if (kind.equals("BIRD")) {
      router.ask("disable static1");
    } else {
      router.ask(
          "conf t", "router bgp 65001", "address-family ipv4 unicast", "no network 10.50.1.0/24");
    }
    within(router, all, "10.50.0.0/16", false);
  }

  private void within(Router router, String show, String text, boolean expected) {
    within(() -> router.ask(show).contains(text) == expected, text + " " + expected);
  }
}
