package dev.catwalk.lab.bgp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One session with a real GoBGP that has all of it: ADD-PATH, communities, (long-lived) restart. */
class GobgpTest {
  private Netns netns;
  private String theirs;
  private Remote speaker;
  private Process gobgpd;

  @TempDir
  Path dir;

  @BeforeEach
  void comeUp() throws IOException {
    assumeTrue(Netns.possible(), "needs root and iproute2");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/gobgpd")), "needs Debian's gobgpd");
    netns = new Netns();
    theirs = netns.add("peer");
    String ours = netns.add("cw");
    netns.join("cable", theirs, addresses("1", "2"), ours, addresses("2", "12"));
    daemon();
    Path config = Files.writeString(dir.resolve("bgp.yaml"), """
        as: 64601
        routerId: 10.9.0.2
        listen: ["10.9.0.2:179"]
        peers: [{name: gobgp, address: 10.9.0.1, as: 65001, holdTime: 9, connectRetry: 1,
                 families: [ipv4-unicast], addPath: {receive: true, send: 2},
                 longLivedStaleTime: 600}]
        """);
    speaker = new Remote(netns, ours, config, dir.resolve("speaker.log"));
    speaker.say("originate 10.6.0.0/24");
    within(() -> speaker.answersNow("peers", "PEERS established"), "the session");
  }

  @AfterEach
  void unplug() {
    if (netns != null) {
      netns.close();
    }
  }

  /** The first, and four that begin with these digits. */
  private static List<String> addresses(String first, String tens) {
    List<String> all = new ArrayList<>(List.of("10.9.0." + first + "/24"));
    for (int i = 1; i <= 4; i++) {
      all.add("10.9.0." + tens + i + "/24");
    }
    return all;
  }

  /** One that waits for our call to 10.9.0.n, from 10.9.0.1n. */
  private static String stranger(int n, long as, String family) {
    return """
        [[neighbors]]
          [neighbors.config]
            neighbor-address = "10.9.0.1%d"
            peer-as = %d
          [neighbors.transport.config]
            passive-mode = true
            local-address = "10.9.0.%d"
          [[neighbors.afi-safis]]
            [neighbors.afi-safis.config]
              afi-safi-name = "ipv4-unicast"
        %s""".formatted(n, as, n, family);
  }

  private void daemon() throws IOException {
    Path config = Files.writeString(
        dir.resolve("gobgp.toml"),
        """
        [global.config]
          as = 65001
          router-id = "10.9.0.1"
          local-address-list = ["10.9.0.1", "10.9.0.21", "10.9.0.22", "10.9.0.23", "10.9.0.24"]
        [[neighbors]]
          [neighbors.config]
            neighbor-address = "10.9.0.2"
            peer-as = 64601
          [neighbors.timers.config]
            connect-retry = 1
            hold-time = 9
            keepalive-interval = 3
          [neighbors.graceful-restart.config]
            enabled = true
            restart-time = 2
            notification-enabled = true
            long-lived-enabled = true
          [[neighbors.afi-safis]]
            [neighbors.afi-safis.config]
              afi-safi-name = "ipv4-unicast"
            [neighbors.afi-safis.mp-graceful-restart.config]
              enabled = true
            [neighbors.afi-safis.long-lived-graceful-restart.config]
              enabled = true
              restart-time = 600
            [neighbors.afi-safis.add-paths.config]
              receive = true
              send-max = 4
        """ + stranger(21, 64999, "")
            + stranger(22, 64601, "")
            + stranger(23, 64601, "")
            + stranger(24, 64601, """
              [neighbors.afi-safis.prefix-limit.config]
                max-prefixes = 1
            """));
    gobgpd =
        netns.start(theirs, dir.resolve("gobgpd.log"), "/usr/bin/gobgpd", "-f", config.toString());
  }

  private String gobgp(String... words) {
    List<String> command =
        new ArrayList<>(List.of("ip", "netns", "exec", theirs, "/usr/bin/gobgp"));
    command.addAll(List.of(words));
    return Netns.runAnyway(command.toArray(String[]::new));
  }

  private void within(BooleanSupplier condition, String what) {
    assertTrue(Netns.within(40, condition), () -> "in vain: " + what + "\n" + logs());
  }

  private String logs() {
    StringBuilder all = new StringBuilder(gobgp("neighbor", "10.9.0.2"));
    for (String name : List.of("speaker.log", "gobgpd.log")) {
      try {
        all.append(name).append(":\n").append(Files.readString(dir.resolve(name)));
      } catch (IOException e) {
        all.append(e).append('\n');
      }
    }
    return all.toString();
  }

  @Test
  void whatBothHaveIsSpoken() throws IOException {
    within(() -> gobgp("global", "rib").contains("10.6.0.0/24"), "our route over there");
    gobgp(
        "global",
        "rib",
        "add",
        "10.5.0.0/24",
        "identifier",
        "1",
        "nexthop",
        "10.9.0.1",
        "large-community",
        "65001:7:8",
        "community",
        "65001:9");
    gobgp("global", "rib", "add", "10.5.0.0/24", "identifier", "2", "nexthop", "10.9.0.3");
    within(() -> speaker.ask("count").equals("COUNT 2"), "both paths of one prefix");
    String routes = speaker.ask("routes 10.5.0.0/24");
    assertTrue(routes.contains("65001:7:8") && routes.contains("65001:9"), routes);
    String view = speaker.ask("view");
    for (String capability : List.of("add-path", "long-lived-graceful-restart", "four-byte-as")) {
      assertEquals(2, view.split(capability, -1).length - 1, view);
    }
    gobgp("global", "rib", "del", "10.5.0.0/24", "identifier", "2");
    within(() -> speaker.ask("count").equals("COUNT 1"), "one of them goes");
    whoDoesNotFitIsTold();
  }

  /** What {@code peers} says to look at, where its neighbours and ours do not go together. */
  private void whoDoesNotFitIsTold() throws IOException {
    StringBuilder config = new StringBuilder("""
        as: 64601
        routerId: 10.9.0.2
        listen: ["10.9.0.2:179"]
        peers:
        """);
    List<String> keys =
        List.of("as: 65001", "as: 65009", "as: 65001, strictRole: true, role: peer", "as: 65001");
    for (int i = 0; i < keys.size(); i++) {
      int n = 21 + i;
      config.append("""
          - {name: p%d, address: 10.9.0.%d, source: 10.9.0.1%d, holdTime: 9, connectRetry: 1,
             families: [ipv4-unicast], %s}
          """.formatted(n, n, n, keys.get(i)));
    }
    Path others = Files.writeString(dir.resolve("others.yaml"), config);
    speaker.say("reconfigure " + others);
    speaker.say("originate 10.6.0.0/24 10.6.1.0/24");
    within(() -> why(21).contains("the peer expects another AS of us than 64601"), why(21));
    within(() -> why(22).contains("give this peer its real AS"), why(22));
    within(() -> why(23).contains("the roles of both sides must go together"), why(23));
    within(() -> why(24).contains("we tell the peer more prefixes than it allows us"), why(24));
  }

  private String why(int n) {
    return speaker.ask("why p" + n);
  }

  /** RFC 9494: its routes outlive its restart time, and it finds them when it is back. */
  @Test
  void itsRoutesOutliveItsRestartTime() throws IOException {
    gobgp("global", "rib", "add", "10.5.0.0/24", "nexthop", "10.9.0.1");
    within(() -> speaker.learned().containsKey("10.5.0.0/24"), "its route");
    within(speaker::hasConverged, "our start is over");
    gobgpd.destroyForcibly().onExit().join();
    within(
        () -> speaker.ask("routes 10.5.0.0/24").contains("llgr-stale")
            || speaker.ask("routes 10.5.0.0/24").contains("65535:6"),
        "it is long-lived");
    assertEquals(List.of(), speaker.removals());
    daemon();
    within(() -> speaker.answersNow("peers", "PEERS established"), "the session is back");
    within(() -> !speaker.learned().containsKey("10.5.0.0/24"), "what it does not tell again goes");
  }
}
