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
      """)
  void anotherRule(String said, String plain) throws MalformedException {
    String rule = "announce flow route { match { %s; } then { discard; } }";
    assertEquals(
        encode(rule.formatted(plain), 65000, false), encode(rule.formatted(said), 65000, false));
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
    "as-path [{ 1 ]"
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
}
