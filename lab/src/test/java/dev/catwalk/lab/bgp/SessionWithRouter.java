package dev.catwalk.lab.bgp;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * What tests among real peers have in common: a namespace for the router at 10.9.0.1, AS 65001, and one for
 * our speaker at 10.9.0.2, AS 64601, with a cable between them.
 */
abstract class SessionWithRouter {
  Netns netns;
  String there;
  String here;
  private final List<Remote> speakers = new ArrayList<>();

  @TempDir
  Path dir;

  @BeforeEach
  void cable() {
    assumeTrue(Netns.possible(), "needs root and iproute2");
    netns = new Netns();
    there = netns.add("peer");
    here = netns.add("cw");
    netns.join("cable", there, List.of("10.9.0.1/24"), here, List.of("10.9.0.2/24"));
  }

  @AfterEach
  void unplug() {
    if (netns != null) {
      netns.close();
    }
  }

  Path write(String name, String text) {
    try {
      return Files.writeString(dir.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Our end. */
  Remote speaker(Path config, String... arguments) {
    Remote speaker = new Remote(netns, here, config, dir.resolve("ours.log"), arguments);
    speakers.add(speaker);
    return speaker;
  }

  /**
   * A router with two routes, 100.1.0.0/24 and 100.1.1.0/24, that waits for our call.
   *
   * @param bird further words of BIRD's session
   * @param frr further lines of FRR's
   */
  Router router(String kind, String bird, String frr) {
    assumeTrue(Daemon.has(kind), "needs Debian's " + kind);
    return kind.equals("BIRD")
        ? Router.bird(netns, there, dir, """
            protocol static s4 { ipv4; route 100.1.0.0/24 blackhole; route 100.1.1.0/24 blackhole; }
            protocol bgp cw { local 10.9.0.1 as 65001; neighbor 10.9.0.2 as 64601; hold time 9;
              connect retry time 1; error wait time 1,2; passive on; %s
              ipv4 { import all; export all; }; }
            """.formatted(bird))
        : Router.frr(netns, there, dir, """
            router bgp 65001
             bgp router-id 10.9.0.1
             no bgp ebgp-requires-policy
             no bgp network import-check
             neighbor 10.9.0.2 remote-as 64601
             neighbor 10.9.0.2 timers 3 9
             neighbor 10.9.0.2 timers connect 1
            %s
             address-family ipv4 unicast
              network 100.1.0.0/24
              network 100.1.1.0/24
             exit-address-family
            """.formatted(frr));
  }

  /** What a router of that kind says of a route. */
  static String route(Router router, String kind, String prefix) {
    return router.ask(
        kind.equals("BIRD") ? "show route " + prefix + " all" : "show bgp ipv4 unicast " + prefix);
  }

  void within(BooleanSupplier condition, String what) {
    assertTrue(Netns.within(40, condition), () -> "in vain: " + what + "\n" + logs());
  }

  /** All that was written, and what our speakers say of their first peer. */
  String logs() {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.list(dir)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".log")).sorted().toList()) {
        all.append(file.getFileName()).append(":\n").append(Files.readString(file));
      }
    } catch (IOException e) {
      all.append(e).append('\n');
    }
    speakers.forEach(s -> all.append(s.ask("view")).append('\n'));
    return all.toString();
  }
}
