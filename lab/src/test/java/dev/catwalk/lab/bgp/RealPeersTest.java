package dev.catwalk.lab.bgp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A speaker and a real daemon in two namespaces, a cable between them. */
class RealPeersTest {
  private static final TreeMap<String, String> LEARNED = new TreeMap<>(java.util.Map.of(
      "100.1.0.0/24", "10.9.0.1", "100.1.1.0/24", "10.9.0.1", "2001:db8:1::/48", "fd00:9::1"));
  private static final List<String> OWN = List.of("100.2.0.0/24", "2001:db8:2::/48");

  private Netns netns;
  private String daemonSide;
  private Remote speaker;

  @TempDir
  Path dir;

  @BeforeEach
  void cable() throws IOException {
    assumeTrue(Netns.possible(), "needs root and iproute2");
    netns = new Netns();
    daemonSide = netns.add("peer");
    String ours = netns.add("cw");
    netns.join(
        "cable",
        daemonSide,
        List.of("10.9.0.1/24", "fd00:9::1/64"),
        ours,
        List.of("10.9.0.2/24", "fd00:9::2/64"));
    Path config = Files.writeString(dir.resolve("bgp.yaml"), """
        as: 64601
        listen: ["10.9.0.2:179"]
        peers: [{name: daemon, address: 10.9.0.1, as: 65001, holdTime: 9}]
        """);
    speaker = new Remote(netns, ours, config, dir.resolve("speaker.log"));
  }

  @AfterEach
  void unplug() {
    if (netns != null) {
      netns.close();
    }
  }

  @Test
  void birdAndWeExchangeRoutesOfBothFamilies() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/usr/sbin/bird")), "needs Debian's bird2");
    Path config = Files.writeString(dir.resolve("bird.conf"), """
        router id 10.9.0.1;
        protocol device {}
        protocol static s4 { ipv4; route 100.1.0.0/24 blackhole; route 100.1.1.0/24 blackhole; }
        protocol static s6 { ipv6; route 2001:db8:1::/48 blackhole; }
        protocol bgp cw { local 10.9.0.1 as 65001; neighbor 10.9.0.2 as 64601; hold time 9;
          connect retry time 1; error wait time 1,2; passive on;
          ipv4 { import all; export all; }; ipv6 { import all; export all; }; }
        """);
    netns.start(
        daemonSide,
        dir.resolve("bird.log"),
        "/usr/sbin/bird",
        "-f",
        "-c",
        config.toString(),
        "-s",
        dir.resolve("ctl").toString());
    speaker.say("originate " + String.join(" ", OWN));
    learns(LEARNED);
    hasOurs(true, this::birdRoutes);
    speaker.say("originate " + OWN.get(1));
    assertTrue(Netns.within(20, () -> !birdRoutes().contains(OWN.get(0))), this::birdRoutes);
    assertTrue(birdRoutes().contains(OWN.get(1)));
    birdc("disable", "s4");
    learns(new TreeMap<>(LEARNED.subMap("2", "3")));
    birdc("enable", "s4");
    learns(LEARNED);
    birdc("disable", "cw");
    learns(new TreeMap<>());
    birdc("enable", "cw");
    learns(LEARNED);
    birdc("reload", "out", "cw");
    birdc("reload", "in", "cw"); // a route refresh: we tell it again
    hasOurs(false, this::birdRoutes);
    speaker.say("stop STOP");
    assertTrue(
        Netns.within(
            20, () -> birdc("show", "protocols", "all", "cw").contains("Administrative shutdown")),
        () -> birdc("show", "protocols", "all", "cw"));
    assertTrue(Netns.within(20, () -> !birdRoutes().contains(OWN.get(1))));
  }

  @Test
  void frrAndWeExchangeRoutesOfBothFamilies() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/usr/lib/frr/bgpd")), "needs Debian's frr");
    Path config = Files.writeString(dir.resolve("bgpd.conf"), """
        router bgp 65001
         bgp router-id 10.9.0.1
         no bgp ebgp-requires-policy
         no bgp network import-check
         neighbor 10.9.0.2 remote-as 64601
         neighbor 10.9.0.2 timers 3 9
         neighbor 10.9.0.2 timers connect 1
         address-family ipv4 unicast
          network 100.1.0.0/24
          network 100.1.1.0/24
         exit-address-family
         address-family ipv6 unicast
          neighbor 10.9.0.2 activate
          neighbor 10.9.0.2 route-map HERE out
          network 2001:db8:1::/48
         exit-address-family
        route-map HERE permit 10
         set ipv6 next-hop global fd00:9::1
        """);
    netns.start(
        daemonSide,
        dir.resolve("frr.log"),
        "/usr/lib/frr/bgpd",
        "-Z",
        "-S",
        "-f",
        config.toString(),
        "-i",
        dir.resolve("pid").toString(),
        "--vty_socket",
        dir.toString(),
        "-P",
        "0",
        "-l",
        "10.9.0.1");
    speaker.say("originate " + String.join(" ", OWN));
    learns(LEARNED);
    hasOurs(true, this::frrRoutes);
    vtysh(
        "configure terminal",
        "router bgp 65001",
        "address-family ipv4 unicast",
        "no network 100.1.0.0/24",
        "no network 100.1.1.0/24");
    learns(new TreeMap<>(LEARNED.subMap("2", "3")));
    vtysh("clear bgp *"); // a session drop
    assertTrue(Netns.within(30, () -> frrRoutes().contains(OWN.get(0))), this::frrRoutes);
    learns(new TreeMap<>(LEARNED.subMap("2", "3")));
    speaker.say("stop STOP");
    assertTrue(Netns.within(20, () -> !frrRoutes().contains(OWN.get(0))), this::frrRoutes);
  }

  private void learns(TreeMap<String, String> expected) {
    TreeMap<String, String> all = new TreeMap<>(expected);
    Netns.within(30, () -> learned().equals(all));
    assertEquals(all, learned(), this::logs);
  }

  /** Without what we originate ourselves. */
  private TreeMap<String, String> learned() {
    TreeMap<String, String> learned = speaker.selected();
    learned.keySet().removeAll(OWN);
    return learned;
  }

  private void hasOurs(boolean both, java.util.function.Supplier<String> routes) {
    for (String prefix : both ? OWN : OWN.subList(1, 2)) {
      assertTrue(Netns.within(20, () -> routes.get().contains(prefix)), routes);
    }
  }

  private String birdRoutes() {
    return birdc("show", "route", "protocol", "cw");
  }

  private String birdc(String... words) {
    List<String> command =
        new java.util.ArrayList<>(List.of("birdc", "-s", dir.resolve("ctl").toString()));
    command.addAll(List.of(words));
    Netns.within(10, () -> Files.exists(dir.resolve("ctl")));
    return Netns.run(command.toArray(String[]::new));
  }

  private String frrRoutes() {
    return vtysh("show bgp ipv4 unicast") + vtysh("show bgp ipv6 unicast");
  }

  private String vtysh(String... lines) {
    List<String> command =
        new java.util.ArrayList<>(List.of("vtysh", "--vty_socket", dir.toString()));
    for (String line : lines) {
      command.add("-c");
      command.add(line);
    }
    Netns.within(10, () -> Files.exists(dir.resolve("bgpd.vty")));
    return Netns.run(command.toArray(String[]::new));
  }

  private String logs() {
    StringBuilder all = new StringBuilder();
    for (String name : List.of("speaker.log", "bird.log", "frr.log")) {
      Path log = dir.resolve(name);
      if (Files.exists(log)) {
        try {
          all.append(name).append(":\n").append(Files.readString(log));
        } catch (IOException e) {
          all.append(e);
        }
      }
    }
    return all.toString();
  }
}
