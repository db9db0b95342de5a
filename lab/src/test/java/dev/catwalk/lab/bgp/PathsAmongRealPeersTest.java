package dev.catwalk.lab.bgp;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What becomes of paths on their way: a BIRD tells routes by two sessions and hears them by others,
 * each of which we treat in another way. BIRD has one session with each address of a neighbour, so
 * that each has one of ours of its own, 10.9.0.100 and up. Our AS needs four octets.
 */
class PathsAmongRealPeersTest {
  private static final long OURS = 4_200_000_001L;
  private static final String US = "as " + OURS;

  /** Who hears: name, last octet of its address, its AS, what it takes us for, our keys, its. */
  private static final List<String[]> HEARERS = List.of(
      new String[] {"plain", "11", "65001", US, "", ""},
      new String[] {"same", "12", "65010", US, ", overrideAs: true", ""},
      new String[] {"public", "13", "65002", US, ", removePrivateAs: true", ""},
      new String[] {"other", "14", "65003", "as 64999", ", localAs: 64999", ""},
      new String[] {"kept", "15", "65004", US, ", nextHop: keep", ""},
      new String[] {"old", "16", "65005", "external", "", "enable as4 off;"},
      new String[] {"inside", "17", "" + OURS, US, ", reflectorClient: true", "direct;"},
      new String[] {"self", "18", "" + OURS, US, ", reflectorClient: true, nextHop: self", "direct;"
      });

  /** Views of a FRR that hear: name, last octet of its address, its AS, our keys. */
  private static final List<String[]> FRR_HEARERS = List.of(
      new String[] {"plain", "31", "65031", ""},
      new String[] {"public", "32", "65032", ", removePrivateAs: true"},
      new String[] {"kept", "33", "65033", ", nextHop: keep"},
      new String[] {"inside", "34", "" + OURS, ", reflectorClient: true"},
      new String[] {"self", "35", "" + OURS, ", reflectorClient: true, nextHop: self"});

  /** What is in the tables when all has come. */
  private static final String ALL =
      "10.5.0.0/24 10.5.1.0/24 10.5.2.0/24 10.5.9.0/24 10.6.0.0/16 10.6.1.0/24 10.6.2.0/26";

  /** A rule that accepts before one that rejects all the rest, and what a hearer of it has. */
  private static final List<String[]> RULES = List.of(
      new String[] {"matchOperator: In, cidr: 10.6.0.0/16", "10.6.0.0/16 10.6.1.0/24 10.6.2.0/26"},
      new String[] {
        "matchOperator: In, cidr: 10.6.0.0/16, prefixLength: {min: 24, max: 25}", "10.6.1.0/24"
      },
      new String[] {"matchOperator: NotIn, cidr: 10.5.0.0/16", "10.6.0.0/16 10.6.1.0/24 10.6.2.0/26"
      },
      new String[] {"matchOperator: Equal, cidr: 10.6.0.0/16", "10.6.0.0/16"},
      new String[] {"matchOperator: NotEqual, cidr: 10.6.0.0/16", ALL.replace(" 10.6.0.0/16", "")},
      new String[] {"source: RemotePeers", ALL.replace(" 10.6.0.0/16", "")},
      new String[] {"peerType: eBGP", ALL},
      new String[] {"peerType: iBGP", ""},
      new String[] {"communities: {values: ['65010:7']}", "10.6.1.0/24"},
      new String[] {"communities: {values: ['65010:7:8']}", "10.6.2.0/26"},
      new String[] {"asPathPrefix: [65010, 65077]", "10.6.2.0/26"},
      new String[] {"priority: 50", "10.6.1.0/24"},
      new String[] {"interface: 'c*le'", ALL.replace(" 10.6.0.0/16", "")},
      new String[] {"interface: eth0", ""},
      new String[] {
        "operations: [{addCommunity: {value: '65000:9'}}, {addCommunity: {value: '65000:9:8'}},"
            + " {prependASPath: {prefix: [64601, 64602]}}, {setPriority: {value: 9}}]",
        ALL
      });

  private Netns netns;
  private Router bird;
  private @Nullable Router frr;
  private Remote speaker;

  @TempDir
  Path dir;

  @BeforeEach
  void comeUp() throws IOException {
    assumeTrue(Netns.possible(), "needs root and iproute2");
    assumeTrue(Daemon.has("BIRD"), "needs Debian's bird2");
    netns = new Netns();
    String theirs = netns.add("peer");
    String ours = netns.add("cw");
    List<String> addresses = new ArrayList<>();
    List<String> sources = new ArrayList<>();
    List<String> octets = new ArrayList<>(List.of("3", "4"));
    HEARERS.forEach(h -> octets.add(h[1]));
    for (int i = 0; i < RULES.size(); i++) {
      octets.add(String.valueOf(20 + i));
    }
    for (String octet : octets) {
      addresses.add("10.9.0." + octet + "/24");
      sources.add(source(octet) + "/24");
    }
    netns.join("cable", theirs, addresses, ours, sources);
    bird = Router.bird(netns, theirs, dir, birdConfig());
    if (Daemon.has("FRR")) {
      frr = frr(ours);
    }
    Path config = Files.writeString(dir.resolve("bgp.yaml"), ourConfig());
    speaker = new Remote(netns, ours, config, dir.resolve("speaker.log"));
    speaker.say("originate 10.6.0.0/16");
  }

  /** One that tells and five that hear, each behind a peer group of its own. */
  private Router frr(String ours) throws IOException {
    String views = netns.add("views");
    List<String> addresses = new ArrayList<>(List.of("10.8.0.30/24"));
    List<String> sources = new ArrayList<>(List.of("10.8.0.130/24"));
    StringBuilder config = new StringBuilder("""
        route-map ODD permit 10
         set as-path prepend 4200000001
         set community no-advertise
        !
        """);
    config.append(view("tells", "30", "65030", """
          network 10.7.0.0/24
          neighbor US route-map ODD out
        """));
    for (String[] h : FRR_HEARERS) {
      addresses.add("10.8.0." + h[1] + "/24");
      sources.add("10.8.0.1" + h[1] + "/24");
      config.append(view(h[0], h[1], h[2], ""));
    }
    netns.join("views", views, addresses, ours, sources);
    Path frrDir = Files.createDirectory(dir.resolve("frr"));
    return Router.frr(netns, views, frrDir, "0.0.0.0", config.toString());
  }

  private static String view(String name, String octet, String as, String family) {
    return """
        router bgp %s view %s
         bgp router-id 10.8.0.%s
         no bgp ebgp-requires-policy
         no bgp network import-check
         neighbor US peer-group
         neighbor US remote-as %d
         neighbor US passive
         neighbor US timers 3 9
         neighbor 10.8.0.1%s peer-group US
         address-family ipv4 unicast
        %s exit-address-family
        !
        """.formatted(as, name, octet, OURS, octet, family);
  }

  @AfterEach
  void unplug() {
    if (netns != null) {
      netns.close();
    }
  }

  /** Our address in the session with that one. */
  private static String source(String octet) {
    return "10.9.0.1" + (octet.length() == 1 ? "0" : "") + octet;
  }

  private static String birdConfig() {
    StringBuilder config = new StringBuilder("""
        ipv4 table outer;
        ipv4 table inner;
        protocol static { ipv4 { table outer; };
          route 10.5.0.0/24 blackhole;
          route 10.5.1.0/24 blackhole { bgp_path.prepend(4200000001); };
          route 10.5.2.0/24 blackhole { bgp_community.add((65535,0)); };
          route 10.5.3.0/24 blackhole { bgp_community.add((65535,666)); };
          route 10.5.4.0/24 blackhole { bgp_community.add((65535,65281)); };
          route 10.6.1.0/24 blackhole { bgp_community.add((65010,7)); };
          route 10.6.2.0/26 blackhole { bgp_large_community.add((65010,7,8));
            bgp_path.prepend(65077); }; }
        protocol static { ipv4 { table inner; };
          route 10.5.9.0/24 blackhole { bgp_ext_community.add((rt,65010,77));
            bgp_ext_community.add((generic,0x43000000,1)); }; }
        """);
    config.append(protocol(
        "src",
        "3",
        "65010",
        US,
        "",
        "table outer; import none; export filter { bgp_next_hop = 10.9.0.77;"
            + " if net = 10.6.1.0/24 then bgp_med = 50; accept; };"));
    config.append(protocol(
        "src2",
        "4",
        "" + OURS,
        US,
        "direct;",
        "table inner; import none; export filter { bgp_next_hop = 10.9.0.78; accept; };"));
    for (String[] h : HEARERS) {
      config.append("ipv4 table t_").append(h[0]).append(";\n");
      config.append(
          protocol(h[0], h[1], h[2], h[3], h[5], "table t_" + h[0] + "; import all; export none;"));
    }
    for (int i = 0; i < RULES.size(); i++) {
      config.append("ipv4 table t_f").append(i).append(";\n");
      String channel = "table t_f" + i + "; import all; export none;";
      config.append(protocol("f" + i, "" + (20 + i), "" + (65100 + i), US, "", channel));
    }
    return config.toString();
  }

  private static String protocol(
      String name, String octet, String as, String neighbour, String more, String channel) {
    return """
        protocol bgp p_%s { router id 10.9.0.%s; local 10.9.0.%s as %s; neighbor %s %s;
          hold time 9; passive on; error wait time 1,2; strict bind on; %s
          ipv4 { %s }; }
        """.formatted(name, octet, octet, as, source(octet), neighbour, more, channel);
  }

  private static String ourConfig() {
    StringBuilder config = new StringBuilder("""
        as: 64086.59905
        routerId: 10.9.0.2
        groups: {all: {families: [ipv4-unicast], connectRetry: 1, gracefulRestart: {enabled: false}}}
        peers:
          - {name: src, address: 10.9.0.3, as: 65010, source: 10.9.0.103, group: all, allowOwnAs: 1}
          - {name: src2, address: 10.9.0.4, as: 4200000001, source: 10.9.0.104, group: all,
             reflectorClient: true}
        """);
    for (String[] h : HEARERS) {
      config.append("  - {name: %s, address: 10.9.0.%s, as: %s, source: %s, group: all%s}\n"
          .formatted(h[0], h[1], h[2], source(h[1]), h[4]));
    }
    config.append("  - {name: tells, address: 10.8.0.30, as: 65030, source: 10.8.0.130, group: all,"
        + " allowOwnAs: 1}\n");
    for (String[] h : FRR_HEARERS) {
      config.append(
          "  - {name: v_%s, address: 10.8.0.%s, as: %s, source: 10.8.0.1%s, group: all%s}\n"
              .formatted(h[0], h[1], h[2], h[1], h[3]));
    }
    StringBuilder filters = new StringBuilder("filters:\n");
    for (int i = 0; i < RULES.size(); i++) {
      String octet = String.valueOf(20 + i);
      config.append(
          "  - {name: f%d, address: 10.9.0.%s, as: %d, source: %s, group: all, filters: [f%d]}\n"
              .formatted(i, octet, 65100 + i, source(octet), i));
      filters.append("  f%d: {exportV4: [{action: Accept, %s}, {action: Reject}]}\n"
          .formatted(i, RULES.get(i)[0]));
    }
    config.append(filters);
    return config.toString();
  }

  private void within(BooleanSupplier condition, String what) {
    assertTrue(Netns.within(40, condition), () -> {
      try {
        return "in vain: " + what + "\n" + bird.ask("show protocols") + bird.log()
            + Files.readString(dir.resolve("speaker.log"));
      } catch (IOException e) {
        return what + e;
      }
    });
  }

  private String held(String hearer, String prefix) {
    return bird.ask("show route " + prefix + " table t_" + hearer + " all");
  }

  /** All that one holds, in order. */
  private String prefixesOf(String hearer) {
    return bird.ask("show route table t_" + hearer)
        .lines()
        .filter(line -> line.startsWith("10."))
        .map(line -> line.split(" ")[0])
        .sorted()
        .collect(Collectors.joining(" "));
  }

  private void hears(String hearer, String prefix, String line) {
    within(() -> held(hearer, prefix).contains(line + "\n"), hearer + " hears " + line);
  }

  @Test
  void everyHearerHasItsOwn() {
    hears("plain", "10.5.0.0/24", "BGP.as_path: 4200000001 65010");
    hears("plain", "10.5.0.0/24", "BGP.next_hop: 10.9.0.111");
    hears("same", "10.5.0.0/24", "BGP.as_path: 4200000001 4200000001");
    hears("public", "10.5.0.0/24", "BGP.as_path: 4200000001");
    hears("other", "10.5.0.0/24", "BGP.as_path: 64999 65010");
    hears("kept", "10.5.0.0/24", "BGP.next_hop: 10.9.0.77");
    hears("old", "10.5.0.0/24", "BGP.as_path: 4200000001 65010"); // of AS_TRANS and AS4_PATH
    hears("plain", "10.5.1.0/24", "BGP.as_path: 4200000001 65010 4200000001");
    hears("inside", "10.5.9.0/24", "BGP.cluster_list: 10.9.0.2");
    hears("inside", "10.5.9.0/24", "BGP.originator_id: 10.9.0.4");
    hears("inside", "10.5.9.0/24", "BGP.next_hop: 10.9.0.78");
    hears("self", "10.5.9.0/24", "BGP.next_hop: 10.9.0.118");
    hears("inside", "10.5.9.0/24", "BGP.ext_community: (rt, 65010, 77) (generic, 0x43000000, 0x1)");
    hears("plain", "10.5.9.0/24", "BGP.ext_community: (rt, 65010, 77)"); // RFC 4360 §6
    hears("inside", "10.5.2.0/24", "BGP.local_pref: 0");
    hears("plain", "10.5.2.0/24", "BGP.community: (65535,0)");
    hears("inside", "10.5.3.0/24", "BGP.community: (65535,666)");
    hears("inside", "10.5.4.0/24", "BGP.community: (65535,65281)");
    String outside = bird.ask("show route table t_plain");
    assertFalse(outside.contains("10.5.3.0/24") || outside.contains("10.5.4.0/24"), outside);
    for (int i = 0; i < RULES.size(); i++) {
      String rule = RULES.get(i)[0];
      String hearer = "f" + i;
      String expected = RULES.get(i)[1];
      within(() -> prefixesOf(hearer).equals(expected), rule + ": " + expected);
    }
    String last = "f" + (RULES.size() - 1);
    hears(last, "10.5.0.0/24", "BGP.as_path: 4200000001 64601 64602 65010");
    hears(last, "10.5.0.0/24", "BGP.community: (65000,9)");
    hears(last, "10.5.0.0/24", "BGP.large_community: (65000, 9, 8)");
    hears(last, "10.5.0.0/24", "BGP.med: 9");
    if (frr != null) {
      everyViewHasItsOwn();
    }
    bird.ask("disable p_src \"moved to rack 7\"");
    within(() -> speaker.ask("view").contains("moved to rack 7"), "the shutdown communication");
    within(() -> !held("plain", "10.5.0.0/24").contains("BGP.as_path"), "its routes go");
    departs();
  }

  private void everyViewHasItsOwn() {
    sees("plain", "10.5.0.0/24", "  4200000001 65010\n");
    sees("plain", "10.5.0.0/24", "10.8.0.131 from 10.8.0.131");
    sees("plain", "10.5.2.0/24", "graceful-shutdown");
    sees("public", "10.5.0.0/24", "  4200000001\n");
    sees("kept", "10.5.0.0/24", "10.9.0.77 from 10.8.0.133");
    sees("inside", "10.5.9.0/24", "10.9.0.78 from 10.8.0.134");
    sees("inside", "10.5.9.0/24", "Originator: 10.9.0.4, Cluster list: 10.9.0.2");
    sees("inside", "10.5.2.0/24", "localpref 0,");
    sees("inside", "10.5.9.0/24", "Extended Community: RT:65010:77 ");
    sees("plain", "10.5.9.0/24", "Extended Community: RT:65010:77\n");
    sees("self", "10.5.9.0/24", "10.8.0.135 from 10.8.0.135");
    within(
        () -> speaker.ask("routes 10.7.0.0/24").contains("asPath=65030 4200000001"),
        "ours in its path once is allowed");
  }

  private void sees(String view, String prefix, String text) {
    Router router = Objects.requireNonNull(frr);
    String show = "show bgp view " + view + " ipv4 unicast " + prefix;
    within(() -> router.ask(show).contains(text), view + ": " + text + " in " + router.ask(show));
  }

  /** {@code drain}: first all is marked, then all is withdrawn, and the sessions stay. */
  private void departs() {
    speaker.say("drain 600000");
    hears("plain", "10.6.0.0/16", "BGP.community: (65535,0)");
    if (frr != null) {
      sees("plain", "10.6.0.0/16", "graceful-shutdown");
      sees("inside", "10.6.0.0/16", "localpref 0,");
    }
    speaker.say("drain 0");
    within(() -> prefixesOf("plain").isEmpty(), "nothing is left");
    if (frr != null) {
      sees("plain", "10.6.0.0/16", "Network not in table");
      sees("inside", "10.6.0.0/16", "Network not in table");
    }
    assertTrue(bird.ask("show protocols p_plain").contains("Established"));
  }
}
