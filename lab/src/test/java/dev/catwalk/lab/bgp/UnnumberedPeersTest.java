package dev.catwalk.lab.bgp;

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

/**
 * Sessions over a cable that has no addresses but the kernel's link-local ones: each side learns the
 * other's by router advertisements, and IPv4 goes by IPv6 next hops (RFC 8950).
 */
class UnnumberedPeersTest {
  private static final String OURS = "10.6.0.0/24";
  private static final String THEIRS = "10.5.0.0/24";

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
    netns.join("cable", theirs, List.of(), ours, List.of());
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

  private Remote speaker() throws IOException {
    Path config = write("bgp.yaml", """
        as: 64601
        routerId: 10.9.0.2
        peers: [{name: daemon, interface: cable, as: external, bfd: {interval: 100, multiplier: 10}}]
        """);
    return new Remote(netns, ours, config, dir.resolve("speaker.log"));
  }

  private void daemon(String name, Path config, String... more) {
    List<String> command = new ArrayList<>(List.of(
        "/usr/lib/frr/" + name,
        "-f",
        config.toString(),
        "-i",
        dir.resolve(name + ".pid").toString(),
        "-z",
        dir.resolve("zserv").toString(),
        "--vty_socket",
        dir.toString(),
        "-P",
        "0"));
    command.addAll(List.of(more));
    netns.start(theirs, dir.resolve(name + ".log"), command.toArray(String[]::new));
  }

  private void within(BooleanSupplier condition, String what) {
    assertTrue(Netns.within(40, condition), () -> "in vain: " + what + "\n" + logs());
  }

  private String logs() {
    StringBuilder all = new StringBuilder(Netns.run("ip", "-n", ours, "addr"));
    for (String name : List.of("speaker.log", "bird.log", "bgpd.log", "zebra.log")) {
      try {
        all.append(name).append(":\n").append(Files.readString(dir.resolve(name)));
      } catch (IOException e) {
        all.append(e).append('\n');
      }
    }
    return all.toString();
  }

  private String kernel(String family, String prefix) {
    return Netns.run("ip", "-n", theirs, family, "route", "show", prefix);
  }

  @Test
  void withFrrByTheInterfaceAlone() throws IOException {
    assumeTrue(Daemon.has("FRR"), "needs Debian's frr");
    Path bgpd = write("bgpd.conf", """
        router bgp 65001
         bgp router-id 10.9.0.1
         no bgp ebgp-requires-policy
         no bgp network import-check
         neighbor cable interface remote-as external
         neighbor cable timers connect 1
         address-family ipv4 unicast
          network 10.5.0.0/24
         exit-address-family
         address-family ipv6 unicast
          network fd05::/64
          neighbor cable activate
        """);
    Path zebra = write("zebra.conf", "interface cable\n ipv6 nd ra-interval 3\n");
    Netns.run("chown", "-R", "frr:frr", dir.toString());
    daemon("zebra", zebra);
    assertTrue(Netns.within(20, () -> Files.exists(dir.resolve("zserv"))), this::logs);
    daemon("bgpd", bgpd);
    Remote speaker = speaker();
    speaker.say("originate " + OURS + " fd06::/64");
    within(() -> speaker.answersNow("peers", "PEERS established"), "the session");
    within(() -> speaker.learned().containsKey(THEIRS), "an IPv4 route");
    within(() -> speaker.learned().containsKey("fd05::/64"), "an IPv6 route");
    assertTrue(speaker.learned().get(THEIRS).startsWith("fe80::"), this::logs);
    within(() -> kernel("-4", OURS).contains("via inet6 fe80::"), "FRR's kernel has our IPv4");
    within(() -> kernel("-6", "fd06::/64").contains("via fe80::"), "and our IPv6 route");
  }

  @Test
  void withBirdWhoAdvertisesItself() throws IOException {
    assumeTrue(Daemon.has("BIRD"), "needs Debian's bird2");
    Path config = write("bird.conf", """
        router id 10.9.0.1;
        protocol device { scan time 1; }
        protocol kernel { ipv4 { export where source = RTS_BGP; }; }
        protocol bfd { interface "*" { interval 100 ms; multiplier 10; }; }
        protocol radv { interface "cable" { default lifetime 0; max ra interval 4; }; }
        protocol static { ipv4; route 10.5.0.0/24 blackhole; }
        protocol bgp cw { local as 65001; neighbor range fe80::/64 external; interface "cable";
          bfd on; dynamic name "cw";
          ipv4 { extended next hop on; import all; export all; }; }
        """);
    netns.start(
        theirs,
        dir.resolve("bird.log"),
        "/usr/sbin/bird",
        "-f",
        "-c",
        config.toString(),
        "-s",
        dir.resolve("ctl").toString());
    Remote speaker = speaker();
    speaker.say("originate " + OURS);
    within(() -> speaker.answersNow("peers", "PEERS established"), "the session");
    within(() -> speaker.learned().containsKey(THEIRS), "an IPv4 route");
    assertTrue(speaker.learned().get(THEIRS).startsWith("fe80::"), this::logs);
    within(() -> kernel("-4", OURS).contains("via inet6 fe80::"), "BIRD's kernel has ours");
    within(() -> speaker.ask("view").contains("bfd=Bfd[state=up"), "BFD over link-local addresses");
  }

  /** What peers shows while nobody advertises himself. */
  @Test
  void aSilentCableIsExplained() throws IOException {
    Remote speaker = speaker();
    within(
        () -> speaker
            .ask("why")
            .equals("WHY idle no router advertisement has come from interface"
                + " cable: is cable up, and does the router at its other end advertise itself there"
                + " (FRR: no ipv6 nd suppress-ra; BIRD: protocol radv)?"),
        "the reason");
  }
}
