package dev.catwalk.lab.bgp;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a session may have beyond the plain one, with BIRD and FRR at the other end. */
class FeaturesAmongRealPeersTest extends SessionWithRouter {
  /** So many prefixes of 4 octets that one message of 4096 does not hold them. */
  private static final int MANY = 3000;

  private Remote speaker(String keys) {
    return speaker(write("ours.yaml", """
        as: 64601
        listen: ["10.9.0.2:179"]
        peers: [{name: daemon, address: 10.9.0.1, as: 65001, holdTime: 9, connectRetry: 1,
                 families: [ipv4-unicast]%s}]
        """.formatted(keys)));
  }

  private static String prefixes() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < MANY; i++) {
      text.append(" 100.").append(64 + i / 256).append('.').append(i % 256).append(".0/24");
    }
    return text.toString();
  }

  /** Long messages both ways, refreshes with their markers, and words of farewell. */
  @Test
  void birdSpeaksInLongMessagesAndRefreshesWithMarkers() {
    assumeTrue(Daemon.has("BIRD"), "needs Debian's bird2");
    StringBuilder routes = new StringBuilder();
    for (String prefix : prefixes().strip().split(" ")) {
      routes.append("route ").append(prefix).append(" blackhole; ");
    }
    Router bird = Router.bird(netns, there, dir, """
        protocol static s4 { ipv4; %s }
        protocol bgp cw { local 10.9.0.1 as 65001; neighbor 10.9.0.2 as 64601; hold time 9;
          connect retry time 1; error wait time 1,2; passive on; enable extended messages on;
          ipv4 { import all; export all; }; }
        """.formatted(routes));
    Remote ours = speaker("");
    ours.say("originate" + prefixes().replace(" 100.", " 101."));
    within(() -> ours.ask("count").equals("COUNT " + MANY), "its routes");
    within(
        () -> bird.ask("show route count protocol cw").contains(MANY + " of "),
        "our routes: " + bird.ask("show route count"));
    String view = ours.ask("view");
    assertTrue(
        view.matches(".*theirs=\\[[^]]*extended-message[^]]*enhanced-route-refresh.*"), view);
    assertTrue(updates(view, "sent") <= 3, view); // in messages of 4096 they are more
    bird.ask("reload in cw");
    within(() -> ours.ask("view").matches(".*sent=\\{[^}]*routeRefresh=2.*"), "BoRR, EoRR");
    bird.ask("disable s4");
    within(() -> ours.ask("count").equals("COUNT 0"), "nothing of it is left");
    bird.ask("disable cw \"back at noon\"");
    within(() -> ours.ask("view").contains("back at noon"), "its farewell");
  }

  @Test
  void frrSpeaksInLongMessagesAndRefreshesWithMarkers() {
    assumeTrue(Daemon.has("FRR"), "needs Debian's frr");
    StringBuilder routes = new StringBuilder();
    for (String prefix : prefixes().strip().split(" ")) {
      routes.append("  network ").append(prefix).append('\n');
    }
    Router frr = Router.frr(netns, there, dir, """
        router bgp 65001
         bgp router-id 10.9.0.1
         no bgp ebgp-requires-policy
         no bgp network import-check
         neighbor 10.9.0.2 remote-as 64601
         neighbor 10.9.0.2 timers 3 9
         neighbor 10.9.0.2 timers connect 1
         address-family ipv4 unicast
        %s  exit-address-family
        """.formatted(routes));
    Remote ours = speaker("");
    ours.say("originate" + prefixes().replace(" 100.", " 101."));
    within(() -> ours.ask("count").equals("COUNT " + MANY), "its routes");
    within(
        () -> frr.ask("show bgp ipv4 unicast statistics").contains(String.valueOf(2 * MANY)),
        "our routes");
    String view = ours.ask("view");
    assertTrue(view.matches(".*theirs=\\[[^]]*extended-message.*"), view);
    assertTrue(view.matches(".*theirs=\\[[^]]*enhanced-route-refresh.*"), view);
    frr.ask("clear bgp ipv4 unicast 10.9.0.2 in");
    within(() -> ours.ask("view").matches(".*sent=\\{[^}]*routeRefresh=2.*"), "BoRR, EoRR");
    frr.ask(
        "configure terminal",
        "router bgp 65001",
        "neighbor 10.9.0.2 shutdown message back at noon");
    within(() -> ours.ask("view").contains("back at noon"), "its farewell");
  }

  /**
   * RFC 9687: a router is stopped, so that its window shuts while routes flow, and its hold time is long. It
   * is given up, and comes back when it goes on.
   */
  @Test
  void whoTakesNothingIsGivenUp() {
    assumeTrue(Daemon.has("FRR"), "needs Debian's frr");
    Router frr = Router.frr(netns, there, dir, """
        router bgp 65001
         bgp router-id 10.9.0.1
         no bgp ebgp-requires-policy
         neighbor 10.9.0.2 remote-as 64601
         neighbor 10.9.0.2 timers 80 240
         neighbor 10.9.0.2 timers connect 1
        """);
    Remote ours = speaker(write("ours.yaml", """
        as: 64601
        listen: ["10.9.0.2:179"]
        peers: [{name: daemon, address: 10.9.0.1, as: 65001, holdTime: 240, sendHoldTime: 2,
                 connectRetry: 1, families: [ipv4-unicast]}]
        """));
    within(() -> ours.ask("peers").equals("PEERS established"), "the session");
    frr.pause();
    StringBuilder many = new StringBuilder("originate");
    for (int i = 0; i < 100_000; i++) {
      many.append(" 100.").append(64 + (i >> 12)).append('.').append(i >> 4 & 255);
      many.append('.').append((i & 15) << 4).append("/28");
    }
    ours.say(many.toString());
    within(() -> ours.ask("why").contains("send hold timer expired"), "it is given up");
    ours.say("originate 100.64.0.0/24");
    frr.resume();
    within(() -> ours.ask("peers").equals("PEERS established"), "it is back");
    within(() -> route(frr, "FRR", "100.64.0.0/24").contains("64601"), "and hears us");
  }

  /** Its sessions come up and end at once, and it calls again a second later: not so we. */
  @Test
  void whoEndsEachSessionIsMetLessAndLess() {
    assumeTrue(Daemon.has("BIRD"), "needs Debian's bird2");
    var unused = Router.bird(netns, there, dir, """
        protocol bgp cw { local 10.9.0.1 as 65001; neighbor 10.9.0.2 as 64601; hold time 9;
          connect retry time 1; error wait time 1,1;
          ipv4 { import all; export all; import limit 1 action restart; }; }
        """);
    Remote ours = speaker(", gracefulRestart: {enabled: false}");
    ours.say("originate 100.1.0.0/24 100.1.1.0/24");
    within(() -> comings().size() >= 3, "a third session");
    List<Instant> ups = comings();
    Duration second = Duration.between(ups.get(1), ups.get(2));
    assertTrue(second.toMillis() >= 1_500, "2 s but for the jitter: " + ups);
    within(() -> ours.ask("why").contains("more prefixes than it allows us"), "and why");
  }

  /** When its sessions came up. */
  private List<Instant> comings() {
    try (Stream<String> lines = Files.lines(dir.resolve("ours.log"))) {
      return lines
          .filter(l -> l.contains("session up"))
          .map(l -> Instant.parse(l.substring(0, l.indexOf('Z') + 1)))
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  /**
   * One router has two ways to a prefix; another one, behind us, hears of both. To that one we are another
   * AS, which stands in paths in the place of its own, and what is for customers only it does not take.
   */
  @ParameterizedTest
  @ValueSource(strings = {"BIRD", "FRR"})
  void bothPathsOfAPrefixComeInAndGoOn(String kind) throws IOException {
    assumeTrue(Daemon.has("BIRD") && Daemon.has(kind), "needs Debian's bird2 and " + kind);
    String beyond = netns.add("far");
    netns.join("cable2", beyond, List.of("10.9.1.3/24"), here, List.of("10.9.1.2/24"));
    Router two = Router.bird(netns, there, dir, """
        protocol static a { ipv4 { import filter { bgp_community.add((1,1)); accept; }; };
          route 100.1.0.0/24 blackhole; }
        protocol static b { ipv4 { preference 150; }; route 100.1.0.0/24 blackhole; }
        protocol static c { ipv4; route 100.1.8.0/24 blackhole { bgp_path.prepend(65003); };
          route 100.1.9.0/24 blackhole { bgp_otc = 65009; }; }
        protocol bgp cw { local 10.9.0.1 as 65001; neighbor 10.9.0.2 as 64601; hold time 9;
          connect retry time 1; error wait time 1,2; passive on;
          ipv4 { import all; export all; add paths on; }; }
        """);
    Path dir3 = Files.createDirectory(dir.resolve("far"));
    Router far = kind.equals("BIRD")
        ? Router.bird(netns, beyond, dir3, """
            protocol bgp cw { local 10.9.1.3 as 65003; neighbor 10.9.1.2 as 64999; hold time 9;
              connect retry time 1; error wait time 1,2; passive on; local role provider;
              ipv4 { import all; export all; add paths rx; }; }
            """)
        : Router.frr(netns, beyond, dir3, "10.9.1.3", """
            router bgp 65003
             bgp router-id 10.9.1.3
             no bgp ebgp-requires-policy
             neighbor 10.9.1.2 remote-as 64999
             neighbor 10.9.1.2 timers 3 9
             neighbor 10.9.1.2 local-role provider
            """);
    Path config = write("ours.yaml", """
        as: 64601
        routerId: 10.9.0.2
        transit: true
        peers:
          - {address: 10.9.0.1, as: 65001, holdTime: 9, connectRetry: 1,
             families: [ipv4-unicast], addPath: {receive: true}}
          - {address: 10.9.1.3, as: 65003, holdTime: 9, connectRetry: 1,
             families: [ipv4-unicast], addPath: {send: 4}, localAs: 64999, overrideAs: true}
        """);
    Remote ours = speaker(config);
    within(() -> ours.ask("count").equals("COUNT 4"), "two paths of one prefix, and two prefixes");
    String show =
        kind.equals("BIRD") ? "show route 100.1.0.0/24 all" : "show bgp ipv4 unicast 100.1.0.0/24";
    String path = kind.equals("BIRD") ? "BGP.as_path: 64999 65001" : "64999 65001";
    within(() -> far.ask(show).split(path, -1).length == 3, "both beyond us");
    within(() -> route(far, kind, "100.1.8.0/24").contains("64999 65001 64999"), "no loop to it");
    String leaked = route(far, kind, "100.1.9.0/24");
    assertFalse(leaked.contains("64999 65001"), leaked); // RFC 9234: a provider does not take it
    two.ask("disable a");
    within(() -> far.ask(show).split(path, -1).length == 2, "one is left");
    two.ask("disable b");
    within(() -> far.ask(show).split(path, -1).length == 1, "none is left");
  }

  private static int updates(String view, String way) {
    return Integer.parseInt(view.replaceFirst(".*" + way + "=\\{[^}]*update=([0-9]+)}.*", "$1"));
  }
}
