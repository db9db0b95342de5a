package dev.catwalk.lab.bgp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * RFC 5882 §4.3: BFD that ends with its control plane (the C bit is clear, ours and BIRD's) and
 * graceful restart. Whoever notices by BFD that the other is away keeps its routes all the same.
 */
class BfdRestartAmongRealPeersTest {
  private static final String OURS = "100.2.0.0/24";
  private static final String THEIRS = "100.1.0.0/24";

  private Netns netns;
  private String daemonSide;
  private String ours;
  private Path config;

  @TempDir
  Path dir;

  @BeforeEach
  void cable() throws IOException {
    assumeTrue(Netns.possible(), "needs root and iproute2");
    netns = new Netns();
    daemonSide = netns.add("peer");
    ours = netns.add("cw");
    netns.join("cable", daemonSide, List.of("10.9.0.1/24"), ours, List.of("10.9.0.2/24"));
    config = Files.writeString(dir.resolve("bgp.yaml"), """
        as: 64601
        listen: ["10.9.0.2:179"]
        transit: false
        bfd: {interval: 100, multiplier: 10}
        peers: [{name: daemon, address: 10.9.0.1, as: 65001, holdTime: 9,
                 families: [ipv4-unicast]}]
        """);
  }

  @AfterEach
  void unplug() {
    if (netns != null) {
      netns.close();
    }
  }

  private Remote speaker(String... restart) {
    return new Remote(netns, ours, config, dir.resolve("speaker.log"), restart);
  }

  private String logs() {
    StringBuilder all = new StringBuilder();
    for (String name : List.of("speaker.log", "bird.log", "frr.log", "bfdd.log", "monitor")) {
      try {
        all.append(name).append(":\n").append(Files.readString(dir.resolve(name)));
      } catch (IOException e) {
        all.append(e).append('\n');
      }
    }
    return all.toString();
  }

  private void within(BooleanSupplier condition, String what) {
    assertTrue(Netns.within(40, condition), () -> "in vain: " + what + "\n" + logs());
  }

  private boolean pathIs(Remote speaker, String state) {
    return speaker.ask("view").contains("bfd=Bfd[state=" + state);
  }

  private void watchRoutes() {
    netns.start(
        daemonSide,
        dir.resolve("errors"),
        "sh",
        "-c",
        "exec ip -4 monitor route > " + dir.resolve("monitor"));
    within(() -> Files.exists(dir.resolve("monitor")), "the monitor");
  }

  @ParameterizedTest
  @ValueSource(strings = {"BIRD", "FRR"})
  void aRestartThatBfdNoticesIsNoNodeDeath(String kind) throws IOException {
    assumeTrue(Daemon.has(kind), "needs Debian's " + kind);
    Daemon daemon = Daemon.of(kind, netns, daemonSide, dir);
    daemon.start(new Daemon.Setup(List.of(THEIRS), "").withBfd());
    Remote first = speaker();
    first.say("originate " + OURS);
    within(() -> daemon.forwards(OURS), "our route");
    within(first::hasConverged, "the first start is over");
    within(() -> pathIs(first, "up") && daemon.seesThePath(), "BFD is up on both sides");
    watchRoutes();
    first.kill();
    within(() -> !daemon.seesThePath(), "BFD over there notices a kill -9");
    assertTrue(daemon.forwards(OURS), this::logs);
    Remote second = speaker("restarting");
    second.say("originate " + OURS);
    within(second::hasConverged, "the restart is over");
    within(() -> pathIs(second, "up") && daemon.seesThePath(), "BFD is up again");
    assertTrue(second.answers("stop RESTART", "STOPPED"));
    within(() -> !daemon.seesThePath(), "BFD over there hears of a planned stop");
    Remote third = speaker("restarting");
    third.say("originate " + OURS);
    within(third::hasConverged, "the planned restart is over");
    within(() -> pathIs(third, "up") && daemon.seesThePath(), "BFD is up again");
    within(daemon::isEstablished, "the session is up");
    String changes = Files.readString(dir.resolve("monitor"));
    assertFalse(changes.contains("Deleted " + OURS), changes);
  }

  /** The daemon's turn; neither sets the C bit of its own accord. */
  @ParameterizedTest
  @ValueSource(strings = {"BIRD"})
  void weKeepTheRoutesOfOneWhoseControlPlaneDies(String kind) {
    assumeTrue(Daemon.has(kind), "needs Debian's " + kind);
    Daemon daemon = Daemon.of(kind, netns, daemonSide, dir);
    daemon.start(new Daemon.Setup(List.of(THEIRS), "").withBfd());
    Remote speaker = speaker();
    speaker.say("originate " + OURS);
    within(() -> speaker.learned().containsKey(THEIRS), "the daemon's route");
    within(speaker::hasConverged, "we are no longer starting");
    within(() -> pathIs(speaker, "up"), "BFD is up");
    daemon.kill();
    within(() -> pathIs(speaker, "down"), "BFD notices");
    assertTrue(speaker.learned().containsKey(THEIRS), this::logs);
    daemon.start(new Daemon.Setup(List.of(THEIRS), "").withBfd());
    within(() -> pathIs(speaker, "up"), "BFD is up again");
    within(() -> speaker.answersNow("peers", "PEERS established"), "and the session");
    assertEquals(List.of(), speaker.removals());
  }
}
