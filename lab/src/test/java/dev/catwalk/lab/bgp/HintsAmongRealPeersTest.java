package dev.catwalk.lab.bgp;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What {@code peers} says to look at while a router does not speak with us, and that it is gone when it does.
 * FRR says why it ends a session in a Hard Reset, BIRD does not; both then answer calls by hanging up.
 */
class HintsAmongRealPeersTest extends SessionWithRouter {

  private Router strangerTo(String kind) {
    assumeTrue(Daemon.has(kind), "needs Debian's " + kind);
    return kind.equals("BIRD")
        ? Router.bird(netns, there, dir, """
            protocol bgp far { local 10.9.0.1 as 65001; neighbor 10.9.0.9 as 64609; passive on;
              ipv4 { import all; export all; }; }
            protocol bgp cw { disabled; local 10.9.0.1 as 65001; neighbor 10.9.0.2 as 64601;
              hold time 9; connect retry time 1; error wait time 1,2; passive on;
              ipv4 { import all; export all; }; }
            """)
        : Router.frr(netns, there, dir, """
            router bgp 65001
             bgp router-id 10.9.0.1
             no bgp ebgp-requires-policy
             neighbor 10.9.0.9 remote-as 64609
            """);
  }

  private static void admit(Router router, String kind, boolean on) {
    if (kind.equals("BIRD")) {
      router.ask(on ? "enable cw" : "disable cw");
    } else {
      router.ask(
          "conf t",
          "router bgp 65001",
          on ? "neighbor 10.9.0.2 remote-as 64601" : "neighbor 10.9.0.2 shutdown message works");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"BIRD", "FRR"})
  void aStrangerThenANeighbourThenSwitchedOff(String kind) {
    Router router = strangerTo(kind);
    Path config = write("ours.yaml", """
        as: 64601
        routerId: 10.9.0.2
        peers: [{name: daemon, address: 10.9.0.1, as: 65001, holdTime: 9, connectRetry: 1,
                 families: [ipv4-unicast]}]
        """);
    Remote ours = speaker(config);
    within(
        () ->
            ours.ask("why").contains("does it have a neighbour with the address that we call from")
                || ours.ask("why").contains("knows no neighbour at our address"),
        "it does not know us");
    admit(router, kind, true);
    within(() -> ours.answersNow("peers", "PEERS established"), "a session");
    within(() -> ours.ask("why").stripTrailing().endsWith(":"), "no hint while it is up");
    admit(router, kind, false);
    within(() -> ours.ask("why").contains("switched it off at 10.9.0.1"), "who did it");
    within(
        () -> ours.ask("why").contains("hangs up on us since"),
        "and still when it hangs up on us without a word");
  }
}
