package dev.catwalk.lab.bgp;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * BFD with a real BIRD: hold time 90 s, so that BFD alone can notice what these notice; a second of
 * silence, so that no other test on the machine makes one. FRR: {@link BfdRestartAmongRealPeersTest}.
 */
class BfdAmongRealPeersTest {
  private Netns netns;
  private String theirs;
  private String ours;

  @TempDir
  Path dir;

  @BeforeEach
  void cable() {
    assumeTrue(Netns.possible(), "needs root and iproute2");
    netns = new Netns();
    theirs = netns.add("peer");
    ours = netns.add("cw");
    netns.join("cable", theirs, List.of("10.9.0.1/24"), ours, List.of("10.9.0.2/24"));
  }

  @AfterEach
  void unplug() {
    if (netns != null) {
      netns.close();
    }
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(dir.resolve(name), text);
  }

  private Remote speaker(boolean multihop) throws IOException {
    return speaker("peers", "name: daemon, address: 10.9.0.1", multihop);
  }

  /** @param key {@code peers} or {@code dynamic} */
  private Remote speaker(String key, String who, boolean multihop) throws IOException {
    Path config = write("bgp.yaml", """
        as: 64601
        listen: ["10.9.0.2:179"]
        %s: [{%s, as: 65001, holdTime: 90,
              families: [ipv4-unicast], gracefulRestart: {enabled: false},
              bfd: {interval: 100, multiplier: 10, multihop: %s}}]
        """.formatted(key, who, multihop));
    return new Remote(netns, ours, config, dir.resolve("speaker.log"));
  }

  private void bird(boolean multihop) throws IOException {
    Path config = write("bird.conf", """
        router id 10.9.0.1;
        protocol device {}
        protocol bfd { strict bind yes; interface "*" { interval 100 ms; multiplier 10; };
          multihop { interval 100 ms; multiplier 10; }; }
        protocol static { ipv4; route 10.5.0.0/24 blackhole; }
        protocol bgp cw { local 10.9.0.1 as 65001; neighbor 10.9.0.2 as 64601; hold time 90;
          %s connect retry time 1; error wait time 1,2; bfd on; ipv4 { export all; import all; }; }
        """.formatted(multihop ? "multihop 4;" : ""));
    netns.start(
        theirs,
        dir.resolve("bird.log"),
        "/usr/sbin/bird",
        "-f",
        "-c",
        config.toString(),
        "-s",
        dir.resolve("ctl").toString());
  }

  private String birdSays(String... words) {
    List<String> command =
        new java.util.ArrayList<>(List.of("birdc", "-s", dir.resolve("ctl").toString()));
    command.addAll(List.of(words));
    return Netns.runAnyway(command.toArray(String[]::new));
  }

  private String logs() {
    StringBuilder all = new StringBuilder();
    for (String name : List.of("speaker.log", "bird.log")) {
      try {
        all.append(name).append(":\n").append(Files.readString(dir.resolve(name)));
      } catch (IOException e) {
        all.append(e).append('\n');
      }
    }
    return all.toString();
  }

  private void within(java.util.function.BooleanSupplier condition, String what) {
    assertTrue(
        Netns.within(40, condition),
        () -> "in vain: " + what + "\n" + logs() + birdSays("show", "bfd", "sessions"));
  }

  private boolean logged(String text) {
    try {
      return Files.readString(dir.resolve("speaker.log")).contains(text);
    } catch (IOException e) {
      return false;
    }
  }

  /** What the peer sends is lost from now on, BFD and BGP alike; the link stays up. */
  private void deafen() {
    Netns.run(
        "ip", "netns", "exec", ours, "iptables", "-A", "INPUT", "-s", "10.9.0.1", "-j", "DROP");
  }

  @ParameterizedTest
  @ValueSource(strings = {"one hop", "several hops", "from a range"})
  void withBirdASilentPathEndsTheSession(String how) throws IOException {
    assumeTrue(Daemon.has("BIRD"), "needs Debian's bird2");
    boolean multihop = how.equals("several hops");
    bird(multihop);
    Remote speaker = how.equals("from a range")
        ? speaker("dynamic", "prefix: 10.9.0.0/24", false)
        : speaker(multihop);
    within(() -> speaker.answersNow("peers", "PEERS established"), "the session");
    within(() -> logged("BFD changed peer=10.9.0.1 state=up"), "BFD is up here");
    within(() -> birdSays("show", "bfd", "sessions").contains(" Up "), "BFD is up there");
    deafen();
    within(() -> logged("BFD: nothing heard for 1000 ms"), "the session falls by BFD");
    within(() -> !birdSays("show", "protocols", "cw").contains("Established"), "and over there");
  }
}
