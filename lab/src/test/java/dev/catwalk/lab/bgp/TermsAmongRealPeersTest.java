package dev.catwalk.lab.bgp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a session with BIRD and FRR depends on, one change of our file after another. */
class TermsAmongRealPeersTest extends SessionWithRouter {
  private static final String P1 = "100.1.0.0/24";
  private static final String P2 = "100.1.1.0/24";
  private static final String OWN = "100.2.0.0/24";
  private static final String ALL =
      "filters: {all: {importV4: [{action: Accept}]," + " exportV4: [{action: Accept}]}}";

  private Path config(String bgp, String peer) {
    return write("ours.yaml", """
        as: 64601
        routerId: 10.9.0.2
        %s
        peers: [{name: daemon, address: 10.9.0.1, as: 65001, holdTime: 9, connectRetry: 1,
                 families: [ipv4-unicast], extendedParameters: true, %s}]
        """.formatted(bgp, peer));
  }

  /** FRR says its OPEN in the extended form and takes no other; BIRD takes either. */
  private Router router(String kind) {
    assumeTrue(Daemon.has(kind), "needs Debian's " + kind);
    return kind.equals("BIRD")
        ? Router.bird(netns, there, dir, """
            protocol static s4 { ipv4; route 100.1.0.0/24 blackhole; }
            protocol static s5 { ipv4; route 100.1.1.0/24 blackhole { bgp_otc = 65009; }; }
            protocol bgp cw { local 10.9.0.1 as 65001; neighbor 10.9.0.2 as 64601; hold time 9;
              connect retry time 1; error wait time 1,2; passive on;
              ipv4 { import all; export all; }; }
            """)
        : router(kind, "", " neighbor 10.9.0.2 extended-optional-parameters");
  }

  /**
   * Extended parameters (RFC 9072), nothing without a filter (RFC 8212), Only to Customer (RFC 9234), limits
   * that warn, that end the session, and that let it come back.
   */
  @ParameterizedTest
  @ValueSource(strings = {"BIRD", "FRR"})
  void oneTermAfterAnother(String kind) {
    Router router = router(kind);
    Remote ours = speaker(config("requireFilter: true", "enhancedRefresh: true"));
    ours.say("originate " + OWN);
    within(() -> ours.ask("view").contains("endOfRib=[ipv4-unicast]"), "all that it has");
    assertTrue(ours.ask("view").matches(".*theirs=\\[[^]]*four-byte-as.*"), this::logs);
    assertEquals(Map.of(), ours.learned());
    assertFalse(route(router, kind, OWN).contains("64601"), () -> route(router, kind, OWN));

    ours.ask("reconfigure " + config(ALL, "requireFilter: true, filters: [all]"));
    within(() -> ours.learned().size() == 2, "both routes, by a filter");
    within(() -> route(router, kind, OWN).contains("64601"), "ours");

    ours.ask("reconfigure " + config("", "role: provider"));
    String mark = kind.equals("BIRD") ? "otc: 64601" : "otc 64601";
    within(() -> route(router, kind, OWN).toLowerCase(Locale.ROOT).contains(mark), mark);
    if (kind.equals("BIRD")) { // what is for customers only has not to come from one
      within(() -> ours.learned().equals(new TreeMap<>(Map.of(P1, "10.9.0.1"))), "no leak");
    }

    int one = kind.equals("FRR") ? 2 : 1; // FRR tells us our own route, too
    String limit = "prefixLimit: {maximum: " + one;
    ours.ask("reconfigure " + config("", limit + ", warnOnly: true}"));
    within(() -> logs().contains("too many prefixes peer=daemon"), "a warning");
    within(() -> ours.learned().size() == 2, "and all the same both routes");

    ours.ask("reconfigure " + config("", limit + "}"));
    within(() -> ours.ask("view").contains("6/1 maximum prefixes"), "CEASE");
    within(() -> ours.learned().isEmpty(), "nothing of it");
    assertEquals("PEERS idle", ours.ask("peers"));

    if (kind.equals("BIRD")) {
      router.ask("disable s5");
    } else {
      router.ask("conf t", "router bgp 65001", "address-family ipv4 unicast", "no network " + P2);
    }
    ours.ask("reconfigure " + config("", limit + ", restart: 1}"));
    within(() -> ours.learned().equals(new TreeMap<>(Map.of(P1, "10.9.0.1"))), "it is back");
  }

  /** Each side takes callers from a range: ours those that dial us, theirs our call. */
  @ParameterizedTest
  @ValueSource(strings = {"BIRD", "FRR"})
  void rangesOnEitherSide(String kind) {
    assumeTrue(Daemon.has(kind), "needs Debian's " + kind);
    Netns.run("ip", "-n", there, "addr", "add", "10.9.0.5/24", "dev", "cable");
    Netns.run("ip", "-n", here, "addr", "add", "10.9.0.6/24", "dev", "cable");
    Router router = kind.equals("BIRD")
        ? Router.bird(netns, there, dir, """
            protocol static s4 { ipv4; route 100.1.0.0/24 blackhole; }
            protocol bgp many { local 10.9.0.1 as 65001; neighbor range 10.9.0.0/30 as 64601;
              strict bind on; ipv4 { import all; export all; }; }
            protocol bgp call { local 10.9.0.5 as 65001; neighbor 10.9.0.6 as 64601;
              strict bind on; connect retry time 1; error wait time 1,2;
              ipv4 { import none; export all; }; }
            """)
        : Router.frr(netns, there, dir, "0.0.0.0", """
            router bgp 65001
             bgp router-id 10.9.0.1
             no bgp ebgp-requires-policy
             no bgp network import-check
             neighbor leaves peer-group
             neighbor leaves remote-as 64601
             bgp listen range 10.9.0.0/30 peer-group leaves
             neighbor 10.9.0.6 remote-as 64601
             neighbor 10.9.0.6 update-source 10.9.0.5
             neighbor 10.9.0.6 timers connect 1
             address-family ipv4 unicast
              network 100.1.0.0/24
             exit-address-family
            """);
    Remote ours = speaker(write("ours.yaml", """
        as: 64601
        routerId: 10.9.0.2
        peers: [{address: 10.9.0.1, as: 65001, connectRetry: 1, families: [ipv4-unicast]}]
        dynamic: [{prefix: 10.9.0.4/30, as: any, families: [ipv4-unicast]}]
        """));
    ours.say("originate " + OWN);
    within(() -> ours.ask("peers").equals("PEERS established established"), "both sessions");
    within(() -> ours.learned().containsKey(P1), "its route");
    within(() -> ours.ask("routes " + P1).split("peer=", -1).length == 3, "by both");
    within(() -> route(router, kind, OWN).contains("10.9.0.2"), "ours");
  }
}
