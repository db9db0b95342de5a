package dev.catwalk.lab.bgp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Graceful restart with real routers: what is in whose kernel, and that it never leaves it. */
class RestartAmongRealPeersTest {
  private static final String KEPT = "100.2.0.0/24";
  private static final String DROPPED = "100.2.1.0/24";
  private static final String THEIRS = "100.1.0.0/24";
  private static final String THEIR_DROPPED = "100.1.1.0/24";

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
    for (String name : List.of("speaker.log", "bird.log", "frr.log", "zebra.log", "monitor")) {
      try {
        all.append(name).append(":\n").append(Files.readString(dir.resolve(name)));
      } catch (IOException e) {
        all.append(e).append('\n');
      }
    }
    return all.toString();
  }

  private void within(java.util.function.BooleanSupplier condition, String what) {
    assertTrue(Netns.within(40, condition), () -> "in vain: " + what + "\n" + logs());
  }

  /** Killed, then stopped by plan: each time the peer's kernel keeps our route all along. */
  @ParameterizedTest
  @ValueSource(strings = {"BIRD", "FRR"})
  void aPeersKernelKeepsOurRoutesOverOurRestart(String kind) throws IOException {
    assumeTrue(Daemon.has(kind), "needs Debian's " + kind);
    Daemon daemon = Daemon.of(kind, netns, daemonSide, dir);
    daemon.start(new Daemon.Setup(List.of(THEIRS), ""));
    Remote first = speaker();
    first.say("originate " + KEPT + " " + DROPPED);
    within(() -> daemon.forwards(KEPT) && daemon.forwards(DROPPED), "our routes");
    within(first::hasConverged, "the first start is over");
    netns.start(
        daemonSide,
        dir.resolve("errors"),
        "sh",
        "-c",
        "exec ip -4 monitor route > " + dir.resolve("monitor"));
    within(() -> Files.exists(dir.resolve("monitor")), "the monitor");
    first.kill();
    within(() -> !daemon.isEstablished(), "the session is down");
    assertTrue(daemon.forwards(KEPT) && daemon.forwards(DROPPED), this::logs);
    fallAgainBeforeEndOfRib(daemon);
    assertTrue(daemon.forwards(KEPT) && daemon.forwards(DROPPED), this::logs);
    Remote second = speaker("restarting");
    second.say("originate " + KEPT);
    within(() -> !daemon.forwards(DROPPED), "what we did not name again goes");
    within(second::hasConverged, "the restart is over");
    // FRR marks itself as restarting for a while after its own start: its End-of-RIB is not waited
    // for
    // then (RFC 4724 §4.1), and on a slow machine its route comes after the restart is over.
    within(
        () -> second.learned().equals(java.util.Map.of(THEIRS, "10.9.0.1")),
        "what the daemon tells again");
    assertTrue(second.answers("stop RESTART", "STOPPED"));
    within(() -> !daemon.isEstablished(), "the session is down");
    Remote third = speaker("restarting");
    third.say("originate " + KEPT);
    within(daemon::isEstablished, "the session is up");
    within(third::hasConverged, "the planned restart is over");
    assertTrue(daemon.forwards(KEPT), this::logs);
    String changes = Files.readString(dir.resolve("monitor"));
    assertFalse(changes.contains("Deleted " + KEPT), changes);
    assertTrue(changes.contains("Deleted " + DROPPED), changes);
    assertTrue(third.answers("stop STOP", "STOPPED"));
    within(() -> !daemon.forwards(KEPT), "a stop withdraws at once");
  }

  /**
   * A life within the restart time that tells all again and ends before it has said so: it waits
   * for a peer that does not come. What it told is not stale (RFC 4724 §4.2), and stays.
   */
  private void fallAgainBeforeEndOfRib(Daemon daemon) throws IOException {
    Path waiting = Files.writeString(dir.resolve("waiting.yaml"), """
        as: 64601
        listen: ["10.9.0.2:179"]
        transit: true
        peers:
          - {name: daemon, address: 10.9.0.1, as: 65001, holdTime: 9, families: [ipv4-unicast]}
          - {name: absent, address: 10.9.0.9, as: 65009}
        """);
    Remote fallen = new Remote(netns, ours, waiting, dir.resolve("speaker.log"), "restarting");
    fallen.say("originate " + KEPT + " " + DROPPED);
    within(() -> fallen.ask("view").matches(".*sent=\\{[^}]*update=[1-9].*"), "all is told again");
    assertFalse(fallen.hasConverged(), "it has said End-of-RIB");
    fallen.kill();
    within(() -> !daemon.isEstablished(), "the session is down again");
  }

  /** The other way round: the daemon dies and comes back with less to say. */
  @ParameterizedTest
  @ValueSource(strings = {"BIRD", "FRR"})
  void weKeepAPeersRoutesOverItsRestart(String kind) {
    assumeTrue(Daemon.has(kind), "needs Debian's " + kind);
    Daemon daemon = Daemon.of(kind, netns, daemonSide, dir);
    daemon.start(new Daemon.Setup(List.of(THEIRS, THEIR_DROPPED), ""));
    Remote speaker = speaker();
    speaker.say("originate " + KEPT);
    within(() -> speaker.learned().size() == 2, "the daemon's routes");
    within(() -> daemon.forwards(KEPT), "our route");
    within(speaker::hasConverged, "we are no longer starting");
    daemon.kill();
    within(() -> !speaker.answersNow("peers", "PEERS established"), "the session is down");
    assertEquals(2, speaker.learned().size());
    daemon.start(new Daemon.Setup(List.of(THEIRS), ""));
    within(() -> speaker.learned().size() == 1, "what it did not name again goes");
    assertEquals(new TreeMap<>(java.util.Map.of(THEIRS, "10.9.0.1")), speaker.learned());
    assertEquals(List.of(THEIR_DROPPED), speaker.removals());
    assertTrue(speaker.answers("peers", "PEERS established"));
  }
}
