package dev.catwalk.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.catwalk.lab.shell.Exec;
import dev.catwalk.lab.shell.LabException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Kernel objects of somebody else in one namespace: makes one of every kind, and tells ours from
 * theirs by the marks of {@code docs/contracts.md}. Names come as near to the marks as they can.
 */
final class ForeignObjects {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern OUR_LINK = Pattern.compile("\\bcw[0-9a-f]{11}\\b");
  private static final Pattern OUR_RULES = Pattern.compile("(^:| )cw-");
  private static final Pattern OUR_SETS = Pattern.compile("^(create|add) cw-");
  private static final Pattern OUR_PRIORITY = Pattern.compile("^67[0-9][0-9]:");
  private static final Pattern OUR_TABLES = Pattern.compile("^table inet catwalk(-guard)?$");
  private static final String OUR_PROTOCOL = "67";

  private static final String MAKE = """
      set -e
      ip link add fv0 type veth peer name fv1
      ip link add cw0 type veth peer name cwother
      ip address add 203.0.113.1/28 dev fv0
      ip address add 2001:db8:f::1/64 dev fv0 nodad
      for link in fv0 fv1 cw0 cwother; do
        echo 1 > /proc/sys/net/ipv6/conf/$link/disable_ipv6
      done
      echo 0 > /proc/sys/net/ipv6/conf/fv0/disable_ipv6
      echo 0 > /proc/sys/net/ipv6/conf/fv0/accept_dad
      ip link set fv0 up
      ip link set fv1 up
      ip address replace 2001:db8:f::1/64 dev fv0 nodad
      echo 2 > /proc/sys/net/ipv4/conf/fv0/rp_filter
      echo 77 > /proc/sys/net/ipv4/neigh/fv0/gc_stale_time
      echo 777 > /proc/sys/net/core/somaxconn
      # As an agent wants them; what else hangs on them would change with them.
      echo 1 > /proc/sys/net/ipv4/ip_forward
      echo 1 > /proc/sys/net/ipv4/fib_multipath_hash_policy

      ip neighbour add 203.0.113.9 lladdr 02:00:5e:00:53:09 dev fv0 nud permanent
      ip nexthop add id 6 via 203.0.113.6 dev fv0 protocol 66
      ip route add 198.51.100.0/26 via 203.0.113.2 proto static
      ip route add 198.51.100.64/26 via 203.0.113.3 proto bird metric 32
      ip route add 198.51.100.128/26 proto 66 \\
        nexthop via 203.0.113.2 weight 2 nexthop via 203.0.113.4
      ip route add 198.51.100.192/26 nhid 6 proto 68
      ip route add blackhole 192.0.2.128/26 proto 66
      ip route add 192.0.2.200 via 203.0.113.2 proto 68 table 6699
      ip -6 route add 2001:db8:a::/48 via 2001:db8:f::2 proto zebra
      ip -6 route add 2001:db8:b::/48 proto 68 \\
        nexthop via 2001:db8:f::2 nexthop via 2001:db8:f::3
      ip rule add from 203.0.113.0/28 lookup 6699 priority 6699
      ip rule add fwmark 0x1 lookup 100 priority 6800
      ip -6 rule add from 2001:db8:f::/64 lookup 6699 priority 6699

      ipset restore <<'END'
      create other-hosts hash:ip counters
      add other-hosts 203.0.113.7 packets 3 bytes 180
      create cwnets hash:net timeout 0
      add cwnets 198.51.100.0/24
      END
      iptables-nft-restore --counters <<'END'
      *filter
      :others - [0:0]
      :cwothers - [0:0]
      [5:500] -A INPUT -s 203.0.113.0/28 -j others
      [6:600] -A FORWARD -m set --match-set other-hosts src -j cwothers
      [7:700] -A others -p tcp -m tcp --dport 22 -j ACCEPT
      [8:800] -A cwothers -s 203.0.113.8/32 -m comment --comment "cw:0123456789ab" -j ACCEPT
      COMMIT
      *nat
      [9:900] -A POSTROUTING -s 203.0.113.0/28 -o fv0 -j MASQUERADE
      COMMIT
      *mangle
      [4:400] -A PREROUTING -i fv0 -j MARK --set-xmark 0x1/0x1
      COMMIT
      *security
      :cwguard - [0:0]
      [2:200] -A FORWARD -d 203.0.113.9/32 -j cwguard
      COMMIT
      END
      ip6tables-nft-restore --counters <<'END'
      *filter
      [3:300] -A FORWARD -s 2001:db8:f::/64 -j DROP
      COMMIT
      *security
      [1:100] -A FORWARD -d 2001:db8:f::9/128 -j DROP
      COMMIT
      END
      nft -f - <<'END'
      table inet other {
        set addresses { type ipv4_addr; elements = { 203.0.113.7 } }
        chain forward {
          type filter hook forward priority 10; policy accept;
          ip saddr @addresses counter packets 7 bytes 777 drop
        }
      }
      table inet catwalk-other {
        chain input {
          type filter hook input priority 10; policy accept;
          ip saddr 203.0.113.8 counter packets 9 bytes 999 drop
        }
      }
      END
      """;

  private final String netns;

  ForeignObjects(String netns) {
    this.netns = netns;
  }

  void make() throws LabException {
    sh(MAKE);
  }

  /** All that is not ours, a line each; packet counters of rules are part of it. */
  List<String> theirs() throws LabException {
    List<String> theirs = new ArrayList<>();
    dump(theirs, Predicate.not(Mark::ours));
    return theirs;
  }

  /** All that bears our marks. */
  List<String> ours() throws LabException {
    List<String> ours = new ArrayList<>();
    dump(ours, Mark::ours);
    return ours;
  }

  /** A line of a dump. */
  private record Mark(String line, boolean ours) {}

  private void dump(List<String> into, Predicate<Mark> wanted) throws LabException {
    List<Mark> all = new ArrayList<>();
    for (String question : List.of(
        "ip -o -d link", "ip -o address", "ip neighbour show nud permanent", "ip nexthop")) {
      lines(all, question, OUR_LINK);
    }
    routes(all, "-4");
    routes(all, "-6");
    lines(all, "ip -4 rule", OUR_PRIORITY);
    lines(all, "ip -6 rule", OUR_PRIORITY);
    lines(all, "ipset save", OUR_SETS);
    // The counters of built-in chains count everybody's packets.
    lines(all, "iptables-nft-save --counters | sed '/^#/d; s/^\\(:.*\\)\\[.*/\\1/'", OUR_RULES);
    lines(all, "ip6tables-nft-save --counters | sed '/^#/d; s/^\\(:.*\\)\\[.*/\\1/'", OUR_RULES);
    lines(all, "nft list tables inet", OUR_TABLES);
    lines(all, "nft -a list table inet other", OUR_TABLES);
    lines(all, "nft -a list table inet catwalk-other", OUR_TABLES);
    lines(
        all,
        "grep -rs '' /proc/sys/net/ipv4 /proc/sys/net/ipv6 /proc/sys/net/core/somaxconn | sort",
        OUR_LINK);
    all.stream().filter(wanted).map(Mark::line).forEach(into::add);
  }

  private void lines(List<Mark> into, String question, Pattern ours) throws LabException {
    for (String line : sh(question).lines().toList()) {
      into.add(new Mark(line.stripTrailing(), ours.matcher(line).find()));
    }
  }

  /** Text would show the next hops of a route in lines without its protocol. */
  private void routes(List<Mark> into, String family) throws LabException {
    try {
      for (JsonNode route : JSON.readTree(sh("ip -j " + family + " route show table all"))) {
        boolean ours = route.path("protocol").asText().equals(OUR_PROTOCOL)
            || OUR_LINK.matcher(route.path("dev").asText()).find();
        into.add(new Mark(route.toString(), ours));
      }
    } catch (IOException e) {
      throw new LabException("ip -j route is no JSON", e);
    }
  }

  private String sh(String script) throws LabException {
    return Exec.must(script, List.of("ip", "netns", "exec", netns, "sh", "-s"));
  }
}
