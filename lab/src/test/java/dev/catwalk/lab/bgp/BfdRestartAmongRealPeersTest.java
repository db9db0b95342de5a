package dev.catwalk.lab.bgp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * RFC 5882 §4.3: BFD that ends with its control plane (the C bit is clear, ours and BIRD's) and
 * graceful restart. Whoever notices by BFD that the other is away keeps its routes all the same.
 */
class BfdRestartAmongRealPeersTest extends SessionWithRouter {
  private static final String OURS = "100.2.0.0/24";
  private static final String THEIRS = "100.1.0.0/24";

  private Remote speaker(String... restart) {
    Path config = write("bgp.yaml", """
        as: 64601
        listen: ["10.9.0.2:179"]
        transit: false
        bfd: {interval: 100, multiplier: 10}
        peers: [{name: daemon, address: 10.9.0.1, as: 65001, holdTime: 9,
                 families: [ipv4-unicast]}]
        """);
    return speaker(config, restart);
  }

  private boolean pathIs(Remote speaker, String state) {
    return speaker.ask("view").contains("bfd=Bfd[state=" + state);
  }

  private void watchRoutes() {
    netns.start(
        there,
        dir.resolve("errors"),
        "sh",
        "-c",
        "exec ip -4 monitor route > " + dir.resolve("monitor.log"));
    within(() -> Files.exists(dir.resolve("monitor.log")), "the monitor");
  }

  @ParameterizedTest
  @ValueSource(strings = {"BIRD", "FRR"})
  void aRestartThatBfdNoticesIsNoNodeDeath(String kind) throws IOException {
    assumeTrue(Daemon.has(kind), "needs Debian's " + kind);
    Daemon daemon = Daemon.of(kind, netns, there, dir);
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
    String changes = Files.readString(dir.resolve("monitor.log"));
    assertFalse(changes.contains("Deleted " + OURS), changes);
  }

  /** BIRD's turn: its BFD ends with it, and says so by the C bit. */
  @Test
  void weKeepTheRoutesOfOneWhoseControlPlaneDies() {
    Daemon daemon = watched("BIRD");
    Remote speaker = watcher(false);
    daemon.kill();
    within(() -> pathIs(speaker, "down"), "BFD notices");
    assertTrue(speaker.learned().containsKey(THEIRS), this::logs);
    daemon.start(new Daemon.Setup(List.of(THEIRS), "").withBfd());
    within(() -> pathIs(speaker, "up"), "BFD is up again");
    within(() -> speaker.answersNow("peers", "PEERS established"), "and the session");
    assertEquals(List.of(), speaker.removals());
  }

  /** FRR's is a process of its own, and says so: where it is silent the path is dead. */
  @Test
  void whereBfdOutlivesTheControlPlaneADeadPathTakesTheRoutes() {
    watched("FRR");
    Remote speaker = watcher(true);
    deafen();
    within(() -> !speaker.learned().containsKey(THEIRS), "it would be kept for 120 s");
    assertTrue(logs().contains("BFD: nothing heard for 1000 ms"), this::logs);
  }

  private Daemon watched(String kind) {
    assumeTrue(Daemon.has(kind), "needs Debian's " + kind);
    Daemon daemon = Daemon.of(kind, netns, there, dir);
    daemon.start(new Daemon.Setup(List.of(THEIRS), "").withBfd());
    return daemon;
  }

  /** Our end with BFD up and the daemon's C bit as it is to be. */
  private Remote watcher(boolean independent) {
    Remote speaker = speaker();
    speaker.say("originate " + OURS);
    within(() -> speaker.learned().containsKey(THEIRS), "the daemon's route");
    within(speaker::hasConverged, "we are no longer starting");
    within(() -> pathIs(speaker, "up"), "BFD is up");
    String bit = "controlPlaneIndependent=" + independent;
    assertTrue(speaker.ask("view").contains(bit), this::logs);
    return speaker;
  }

  /** What the peer sends is lost from now on, BFD and BGP alike; the link stays up. */
  private void deafen() {
    Netns.run(
        "ip", "netns", "exec", here, "iptables", "-A", "INPUT", "-s", "10.9.0.1", "-j", "DROP");
  }
}
