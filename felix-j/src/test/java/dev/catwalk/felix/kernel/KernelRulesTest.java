package dev.catwalk.felix.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.felix.calc.DesiredKernel;
import dev.catwalk.felix.calc.Gateway;
import dev.catwalk.felix.calc.NodeCalc;
import dev.catwalk.felix.calc.NodeView;
import dev.catwalk.felix.calc.Ruleset;
import dev.catwalk.felix.calc.Ruleset.AddressSet;
import dev.catwalk.felix.calc.Ruleset.Chain;
import dev.catwalk.felix.calc.Ruleset.ChainName;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rules and address sets by both iptables, on the real kernel. */
class KernelRulesTest {
  private static final int WITHIN_MS = 10_000;

  /** What of {@code iptables-save} is ours, tables in any order. */
  private static final String OURS = "| grep -v '^#' | grep -o 'cw.*' | sort";

  private final TreeMap<Prefix, List<Gateway>> learned = new TreeMap<>();

  private Ruleset policy = Ruleset.EMPTY;
  private TestNetns nets;
  private Path node;

  @BeforeEach
  void makeNode() throws Exception {
    nets = TestNetns.open();
    node = nets.add("n");
    nets.in(
        "n",
        "ip link add up1 type veth peer name far1; ip link add up2 type veth peer name far2;"
            + "ip addr add 192.0.2.2/30 dev up1; ip addr add 192.0.2.6/30 dev up2;"
            + "ip -6 addr add 2001:db8:1::2/64 dev up1 nodad;"
            + "for l in up1 far1 up2 far2; do ip link set $l up; done");
  }

  @AfterEach
  void removeNode() throws Exception {
    if (nets != null) {
      nets.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void rulesAreAppliedRepairedAndLeft(Iptables iptables) throws Exception {
    try (KernelService kernel = KernelService.start(Optional.of(node), Optional.of(iptables))) {
      desire(kernel, 1);
      assertTrue(saved(iptables, "-t nat").contains("-A POSTROUTING -j cw-postrouting"));
      String rules = saved(iptables, "-t nat | grep cw-");
      for (String harm : List.of(
          "iptables -t nat -F",
          "iptables -t nat -F; iptables -t nat -X",
          "iptables -t nat -D cw-postrouting 1",
          "iptables -t nat -A cw-postrouting -j ACCEPT",
          "iptables -t nat -D POSTROUTING -j cw-postrouting")) {
        long before = kernel.status().repairs().rules();
        nets.in("n", by(iptables, harm));
        assertTrue(
            TestNetns.within(WITHIN_MS, () -> kernel.status().repairs().rules() > before), harm);
        assertEquals(rules, saved(iptables, "-t nat | grep cw-"), harm);
        assertEquals(0, kernel.status().repairs().sets(), harm);
      }
      long ruleRepairs = kernel.status().repairs().rules();
      for (String harm : List.of(
          "ipset del cw-pools4 10.42.0.0/16; ipset add cw-nat4 10.9.0.0/16",
          "ipset flush",
          "ipset add cw-pools4 10.9.0.0/16",
          "ipset create cw-other hash:ip")) {
        long before = kernel.status().repairs().sets();
        nets.in("n", harm);
        assertTrue(
            TestNetns.within(WITHIN_MS, () -> kernel.status().repairs().sets() > before), harm);
        assertEquals(
            "add cw-nat4 10.42.0.0/16\nadd cw-pools4 10.42.0.0/16\n",
            nets.in("n", "ipset save | grep -v cw-nat4.create | grep ^add | sort"),
            harm);
      }
      assertEquals(ruleRepairs, kernel.status().repairs().rules());
    }
  }

  @ParameterizedTest
  @EnumSource
  void allOfItAtOnceIsPutBack(Iptables iptables) throws Exception {
    policy = dropping("not from a pod's own address", "10.42.7.2,cw00000000001");
    try (KernelService kernel = KernelService.start(Optional.of(node), Optional.of(iptables))) {
      desire(kernel, 1);
      String before = saved(iptables, OURS) + nets.in("n", "ipset save");
      nets.in(
          "n",
          by(
              iptables,
              "for t in filter nat; do for c in -F -X; do iptables -t $t $c; done; done;"
                  + "ip6tables -F; ip6tables -X; ipset destroy"));
      assertTrue(
          TestNetns.within(
              WITHIN_MS,
              () -> kernel.status().repairs().sets() == 3 && kernel.status().inSync()),
          () -> kernel.status().toString());
      assertEquals(
          before.replaceAll(" initval.*", ""),
          (saved(iptables, OURS) + nets.in("n", "ipset save")).replaceAll(" initval.*", ""));
      // Two chains of IPv4, one of IPv6, and the jumps to them.
      assertEquals(6, kernel.status().repairs().rules(), () -> kernel.status().toString());
    }
  }

  @ParameterizedTest
  @EnumSource
  void noRuleOfOthersComesFirst(Iptables iptables) throws Exception {
    policy = dropping("not from a pod's own address", "10.42.7.2,cw00000000001");
    try (KernelService kernel = KernelService.start(Optional.of(node), Optional.of(iptables))) {
      desire(kernel, 1);
      nets.in("n", by(iptables, "iptables -I FORWARD 1 -j ACCEPT"));
      assertTrue(TestNetns.within(WITHIN_MS, () -> kernel.status().repairs().rules() > 0));
      assertEquals(
          "-A FORWARD -j cw-forward\n-A FORWARD -j ACCEPT\n",
          saved(iptables, "-t filter | grep 'A FORWARD'"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatOthersWriteElsewhereIsNoRepair(Iptables iptables) throws Exception {
    try (KernelService kernel = KernelService.start(Optional.of(node), Optional.of(iptables))) {
      desire(kernel, 1);
      long writes = kernel.status().ruleWrites();
      nets.in("n", by(iptables, "iptables -A FORWARD -j ACCEPT; ipset create other hash:ip"));
      nets.in("n", by(iptables, "iptables -t nat -D POSTROUTING -j cw-postrouting"));
      assertTrue(TestNetns.within(WITHIN_MS, () -> kernel.status().repairs().rules() == 1));
      assertEquals(1, kernel.status().repairs().total(), () -> kernel.status().toString());
      assertEquals(
          writes + 1, kernel.status().ruleWrites(), () -> kernel.status().toString());
    }
  }

  @ParameterizedTest
  @EnumSource
  void policyIsReplacedWholeAndFoundByTheNextStart(Iptables iptables) throws Exception {
    policy = dropping("not from a pod's own address", "10.42.7.2,cw00000000001");
    try (KernelService kernel = KernelService.start(Optional.of(node), Optional.of(iptables))) {
      desire(kernel, 1);
      policy = dropping("team-a/web, port 80: (none)", "10.42.7.3,cw00000000002");
      desire(kernel, 2);
      assertTrue(kernel.status().inSync(), () -> kernel.status().toString());
      assertEquals(0, kernel.status().repairs().total(), () -> kernel.status().toString());
    }
    for (String tables : List.of("iptables", "ip6tables")) {
      String saved = nets.in("n", by(iptables, tables + "-save -t filter"));
      assertTrue(saved.contains("-A FORWARD -j cw-forward"), saved);
      assertEquals(1, count(saved, "port 80: (none)"), saved);
      assertFalse(saved.contains("own address"), saved);
    }
    assertEquals(
        "add cw-4pods 10.42.7.3,cw00000000002\n", nets.in("n", "ipset save cw-4pods | grep ^add"));
    try (KernelService kernel = KernelService.start(Optional.of(node), Optional.of(iptables))) {
      desire(kernel, 3);
      assertEquals(0, kernel.status().ruleWrites(), () -> kernel.status().toString());
    }
  }

  private static Ruleset dropping(String words, String member) {
    String hash = Integer.toHexString(words.hashCode()) + "00000000000";
    String comment = "-m comment --comment \"cw:" + hash.substring(0, 12) + " " + words + "\"";
    String set = "-m set ! --match-set cw-4pods src,src ";
    TreeMap<ChainName, Chain> chains = new TreeMap<>();
    chains.put(
        new ChainName(Family.IPV4, "filter", "cw-forward"),
        new Chain(List.of("-i cw+ " + set + comment + " -j DROP"), List.of("FORWARD")));
    chains.put(
        new ChainName(Family.IPV6, "filter", "cw-forward"),
        new Chain(List.of("-i cw+ " + comment + " -j DROP"), List.of("FORWARD")));
    TreeMap<String, AddressSet> sets = new TreeMap<>();
    sets.put(
        "cw-4pods", new AddressSet(Family.IPV4, "hash:net,iface", new TreeSet<>(List.of(member))));
    return new Ruleset(chains, sets);
  }

  @ParameterizedTest
  @EnumSource
  void foreignThingsStayByteForByte(Iptables iptables) throws Exception {
    nets.in(
        "n",
        "ip route add 203.0.113.0/24 via 192.0.2.1 proto static;"
            + "ip route add blackhole 203.0.114.0/24 proto bird;"
            + "ip -6 route add 2001:db8:9::/64 via 2001:db8:1::1;"
            + "ip route add 203.0.115.0/24 via 192.0.2.1 table 100;"
            + "ipset create foreign hash:ip; ipset add foreign 198.51.100.7");
    for (Iptables each : Iptables.values()) {
      nets.in(
          "n",
          by(
              each,
              "iptables -N cwother; iptables -A FORWARD -m set --match-set foreign src -j DROP;"
                  + "iptables -t nat -A POSTROUTING -s 198.51.100.0/24 -j MASQUERADE;"
                  + "ip6tables -A FORWARD -s 2001:db8:dead::/48 -j DROP"));
    }
    String before = foreign();
    learned.put(
        Prefix.parse("10.42.9.0/24"),
        List.of(
            Gateway.of(IpAddress.parse("192.0.2.5")), Gateway.of(IpAddress.parse("192.0.2.1"))));
    for (int round = 0; round < 2; round++) {
      try (KernelService kernel = KernelService.start(Optional.of(node), Optional.of(iptables))) {
        desire(kernel, 1);
        assertTrue(kernel.status().inSync(), () -> kernel.status().toString());
        assertFalse(before.equals(everything()), "something of ours is there");
        assertEquals(before, foreign());
      }
      assertEquals(before, foreign());
    }
    KernelService.clean(Optional.of(node));
    assertEquals(before, everything());
    KernelService.clean(Optional.of(node));
    assertEquals(before, everything());
  }

  /** All routes but the kernel's own, all rules and sets, counters aside. */
  private String everything() throws Exception {
    return nets.in(
        "n",
        "(ip route show table all; ip -6 route show table all) | grep -v 'proto kernel';"
            + "ip -o link;"
            + "for s in iptables ip6tables; do for b in nft legacy; do"
            + " $s-$b-save | grep -v '^#' | sed 's/ \\[.*//'; done; done;"
            + "ipset save");
  }

  private String foreign() throws Exception {
    StringBuilder kept = new StringBuilder();
    everything()
        .lines()
        .filter(
            l -> !l.contains("proto 67") && !l.contains("cw-") && !l.contains("nexthop via 192"))
        .forEach(l -> kept.append(l).append('\n'));
    return kept.toString();
  }

  @ParameterizedTest
  @EnumSource
  void movingToTheOtherLeavesNothingInTheFirst(Iptables first) throws Exception {
    policy = dropping("not from a pod's own address", "10.42.7.2,cw00000000001");
    try (KernelService kernel = KernelService.start(Optional.of(node), Optional.of(first))) {
      desire(kernel, 1);
    }
    String before = saved(first, OURS);
    try (KernelService kernel =
        KernelService.start(Optional.of(node), Optional.of(first.other()))) {
      assertEquals(before, saved(first, OURS), "not before the new ones are in");
      desire(kernel, 1);
      assertTrue(kernel.status().inSync(), () -> kernel.status().toString());
      assertEquals(first.other().text(), kernel.status().backend());
      assertEquals(before, saved(first.other(), OURS));
      assertEquals(
          "0\n", nets.in("n", by(first, "(iptables-save; ip6tables-save) 2>&- | grep -c cw ||:")));
    }
  }

  @Test
  void theOneThatOthersUseIsUsed() throws Exception {
    for (Iptables theirs : Iptables.values()) {
      nets.in("n", by(theirs, "iptables -N KUBE-FORWARD; iptables -A FORWARD -j KUBE-FORWARD"));
      try (KernelService kernel = KernelService.start(Optional.of(node), Optional.empty())) {
        assertEquals(theirs.text(), kernel.status().backend());
        assertTrue(kernel.status().backendReason().contains("other programs are there, 1"));
      }
      nets.in("n", by(theirs, "iptables -F; iptables -X"));
    }
  }

  private String saved(Iptables iptables, String rest) throws Exception {
    return nets.in("n", by(iptables, "iptables-save 2>&- " + rest));
  }

  /** The commands of one of the two: {@code iptables -F} becomes {@code iptables-nft -F}. */
  private static String by(Iptables iptables, String command) {
    String suffix = iptables.text().substring("iptables".length());
    return command.replaceAll("\\b(ip6?tables)(-save)?\\b", "$1" + suffix + "$2");
  }

  private void desire(KernelService kernel, long revision) throws Exception {
    NodeView view = new NodeView(
        revision,
        List.of(
            new NodeView.Pool(Prefix.parse("10.42.0.0/16"), true),
            new NodeView.Pool(Prefix.parse("fd00::/16"), false)),
        new TreeSet<>(List.of(Prefix.parse("10.42.7.0/24"))),
        new TreeMap<>(),
        kernel.connected(),
        learned,
        policy);
    DesiredKernel desired = NodeCalc.calculate(view).kernel();
    kernel.desire(desired);
    kernel.applied(revision).get(60, TimeUnit.SECONDS);
  }

  private static int count(String text, String what) {
    return text.split(Pattern.quote(what), -1).length - 1;
  }
}
