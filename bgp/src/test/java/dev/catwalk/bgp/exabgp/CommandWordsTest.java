package dev.catwalk.bgp.exabgp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.net.addr.IpAddress;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The spellings that ExaBGP reads: every one beside the plain one, which must come to the same octets, or
 * beside the octets that its attribute or rule must have.
 */
class CommandWordsTest {
  private static final IpAddress HERE = IpAddress.parse("127.0.0.1");

  private static String encode(String line, long peerAs, boolean aigp) throws MalformedException {
    EncodeContext context =
        new EncodeContext(HERE, 65000, peerAs, true, new TreeSet<>(), aigp, null);
    return new Commands(context)
        .encode(line).stream().map(Cursor::hex).collect(Collectors.joining(" "));
  }

  private static String route(String attributes) throws MalformedException {
    return encode("announce route 10.0.0.0/24 next-hop 192.0.2.1 " + attributes, 65000, false);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      origin EGP                                      | origin egp
      community NO-EXPORT                             | community 65535:65281
      community [ nopeer no_export no_advertise ]     | community [ 65535:65284 65535:65281 65535:65282 ]
      community 0X10                                  | community 16
      large-community 18446744073709551618            | large-community 1:0:2
      large-community 0xFFFFFFFFFFFFFFFFFFFFFFFF      | large-community 4294967295:4294967295:4294967295
      extended-community 0X0002000100000001           | extended-community target:1:1
      attribute [0X99 0XC0 0XABCD]                    | attribute [ 0x99 0xc0 0xabcd ]
      aigp 0xFFFFFFFFFFFFFFFF                         | aigp 18446744073709551615
      as-path [ 1 2 ] ( 3 4 ) [ 5 ]                   | as-path [ 1 2 ( 3 4 ) 5 ]
      as-path ( 3 4 )                                 | as-path [ ( 3 4 ) ]
      as-path [{ 1 2 }]                               | as-path [ {( 1 2 )} ]
      as-path [{ 1 2 }] ({ 3 }) [ 4 ]                 | as-path [ {( 1 2 )} {[ 3 ]} 4 ]
      ;                                               | origin igp
      origin egp origin igp                           | origin egp
      as-path [ 1 ] as-path [ 2 3 ]                   | as-path [ 1 ]
      med 5 med 6 local-preference 7 local-preference 8 | med 5 local-preference 7
      atomic-aggregate atomic-aggregate               | atomic-aggregate
      aggregator 1:1.1.1.1 aggregator 2:2.2.2.2       | aggregator 1:1.1.1.1
      community 1:1 community [ 2:2 3:3 ]             | community 1:1
      large-community 1:1:1 large-community 2:2:2     | large-community 1:1:1
      extended-community target:1:1 extended-community target:2:2 | extended-community target:1:1
      originator-id 1.1.1.1 originator-id 2.2.2.2     | originator-id 1.1.1.1
      cluster-list 1.1.1.1 cluster-list 2.2.2.2       | cluster-list 1.1.1.1
      aigp 5 aigp 6                                   | aigp 5
      attribute [0x99 0xc0 0x01] attribute [0x99 0xc0 0x02] | attribute [0x99 0xc0 0x01]
      bgp-prefix-sid [ 1 ] bgp-prefix-sid [ 2 ]       | bgp-prefix-sid [ 1 ]
      next-hop 192.0.2.9                              | origin igp
      next-hop self                                   | origin igp
      label [ 5 6 ] label 7                           | label 7
      split /25 split /26                             | split /25
      """)
  void anotherSpelling(String said, String plain) throws MalformedException {
    assertEquals(route(plain), route(said));
  }

  @Test
  void aRouteMayBeWrittenAsInAFile() throws MalformedException {
    assertEquals(
        route("med 5"),
        encode("announce route 10.0.0.0/24 { next-hop 192.0.2.1; med 5; }", 65000, false));
  }

  /** RFC 7311 §3.3: within an AS, and to another one only where that was configured. */
  @Test
  void anAigpStaysInTheAsUnlessItIsEnabled() throws MalformedException {
    String line = "announce route 10.0.0.0/24 next-hop 192.0.2.1 aigp 5";
    String aigp = "801A0B01000B0000000000000005";
    assertTrue(encode(line, 65000, false).contains(aigp));
    assertTrue(encode(line, 65001, true).contains(aigp));
    assertEquals(
        encode("announce route 10.0.0.0/24 next-hop 192.0.2.1", 65001, false),
        encode(line, 65001, false));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      port [ http =https ]                        | port [ =80 =443 ]
      port =80; port =90                          | port [ =80 =90 ]
      protocol tcp; port =80; protocol udp        | protocol [ tcp udp ]; port =80
      next-header tcp                             | protocol tcp
      traffic-class 10                            | dscp 10
      icmp-code ip-header-bad                     | icmp-code 2
      source ::1/128; protocol tcp; dscp 4        | source-ipv6 ::1/128; next-header tcp; traffic-class 4
      destination-ipv6 2001:db8::/32              | destination 2001:db8::/32/0
      source-ipv4 2001:db8::/32                   | source 2001:db8::/32
      source-ipv6 10.0.0.0/8                      | source 10.0.0.0/8
      port [ https bgp rsync git >nfs ]           | port [ 443 179 873 9418 >2049 ]
      """)
  void anotherRule(String said, String plain) throws MalformedException {
    String rule = "announce flow route { match { %s; } then { discard; } }";
    assertEquals(
        encode(rule.formatted(plain), 65000, false), encode(rule.formatted(said), 65000, false));
  }

  /** With an action, or next hops, or names; and what must come to the same. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      route one { match { source 10.0.0.0/8; } then { discard; } } | route { match { source 10.0.0.0/8; } then { discard; } }
      route {\\n match {\\n source 10.0.0.0/8;\\n }\\n then {\\n discard;\\n }\\n} | route { match { source 10.0.0.0/8; } then { discard; } }
      route { match { port 80; } scope { interface-set [ transitive:input:1:2 transitive:output:3:4 ]; } then { discard; } } | route { match { port 80; } then { discard; extended-community [ interface-set:transitive:input:1:2 interface-set:transitive:output:3:4 ]; } }
      route { match { port 80; } then { extended-community target:1:1; extended-community target:2:2; } } | route { match { port 80; } then { extended-community [ target:1:1 target:2:2 ]; } }
      route { next-hop 192.0.2.1; match { port 80; } then { redirect 1:1; } } | route { match { port 80; } then { redirect 1:1; } }
      route { next-hop 192.0.2.1; match { port 80; } then { copy 192.0.2.2; } } | route { match { port 80; } then { copy 192.0.2.2; } }
      """)
  void anotherFlow(String said, String plain) throws MalformedException {
    assertEquals(
        encode("announce flow " + plain, 65000, false),
        encode("announce flow " + said, 65000, false));
  }

  /** As ExaBGP 4.2.21 has it: a component that is said twice, and bits behind a prefix's length. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      source 10.0.0.0/24; source 10.1.0.0/24                | 0A02180A000002180A0100
      source 10.0.255.255/20; destination 10.9.255.255/12   | 09010C0A0902140A00FF
      source 2001:db8:ffff::/36                             | 0802240020010DB8FF
      source 2001:db8:ffff::/36/32                          | 0802242020010DB8FF
      """)
  void theOctetsOfARule(String match, String octets) throws MalformedException {
    String message =
        encode("announce flow route { match { " + match + "; } then { discard; } }", 65000, false);
    assertTrue(message.endsWith(octets), message);
  }

  @ParameterizedTest
  @CsvSource({
    "port !80",
    "tcp-flags >2",
    "dscp 64",
    "traffic-class 256",
    "flow-label 1048576",
    "port nothing",
    "source 10.0.0.0/8; destination 2001:db8::/32",
    "source 10.0.0.0/8/4"
  })
  void whatIsNoRuleIsRefused(String match) {
    assertThrows(
        MalformedException.class,
        () -> encode("announce flow route { match { " + match + "; } }", 65000, false));
  }

  /** Each prefix in its own family, whichever the first one has. */
  @Test
  void bothFamiliesInOneCommand() throws MalformedException {
    String six = encode("announce route 2001:db8::/32 next-hop 192.0.2.1 med 5", 65000, false);
    assertEquals(
        six + " "
            + encode(
                "announce attributes next-hop 192.0.2.1 med 5 nlri 10.0.0.0/24 10.1.0.0/24",
                65000,
                false),
        encode(
            "announce attributes next-hop 192.0.2.1 med 5 nlri 2001:db8::/32 10.0.0.0/24 10.1.0.0/24",
            65000,
            false));
  }

  /** RFC 8950: where it was announced, in MP_UNREACH_NLRI. */
  @Test
  void withAnIpv6NextHopAnIpv4RouteGoesWhereItCame() throws MalformedException {
    assertTrue(encode("withdraw route 10.0.0.0/24 next-hop 2001:db8::1", 65000, false)
        .endsWith("0000000A800F07000101180A0000"));
  }

  @Test
  void aRateIsAtMostWhatExaBgpSends() throws MalformedException {
    String rule = "announce flow route { match { port =80; } then { rate-limit %s; } }";
    assertEquals(
        encode(rule.formatted("1000000000000"), 65000, false),
        encode(rule.formatted("9999999999999"), 65000, false));
  }

  @ParameterizedTest
  @CsvSource({
    "origin any",
    "community 0x1FFFFFFFF",
    "large-community 79228162514264337593543950336",
    "large-community -1",
    "aigp 18446744073709551616",
    "as-path [ 1 2",
    "as-path ( 1 ]",
    "as-path [{ 1 ]",
    "med 5 med none",
    "originator-id ::1",
    "cluster-list [ ]"
  })
  void whatIsNoneIsRefused(String attributes) {
    assertThrows(MalformedException.class, () -> route(attributes));
  }

  @ParameterizedTest
  @CsvSource({
    "announce route 10.0.0.1/24 next-hop 192.0.2.1",
    "withdraw route 10.0.0.1/24",
    "announce route 2001:db8::1/32 next-hop ::1",
    "announce attributes next-hop 192.0.2.1 nlri 10.0.0.0/24 10.0.1.1/24"
  })
  void aPrefixWithFurtherBitsIsASlip(String line) {
    MalformedException e = assertThrows(MalformedException.class, () -> encode(line, 65000, false));
    assertTrue(String.valueOf(e.getMessage()).contains("behind its length"), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "announce route 10.0.0.0/24",
    "announce attributes med 5 nlri 2001:db8::/32",
    "announce ipv4 mpls-vpn 10.0.0.0/24 rd 1:1 label 5"
  })
  void anAnnouncedPrefixNeedsANextHop(String line) {
    MalformedException e = assertThrows(MalformedException.class, () -> encode(line, 65000, false));
    assertTrue(String.valueOf(e.getMessage()).contains("needs a next-hop"), e.getMessage());
  }
}
