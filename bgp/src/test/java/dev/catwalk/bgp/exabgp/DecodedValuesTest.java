package dev.catwalk.bgp.exabgp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Values that ExaBGP's own cases do not have, as its 4.2.21 (Debian's package) and its version 5 print
 * them, which is not the same.
 */
class DecodedValuesTest {
  private static final String BASE = "4001010040020040050400000064400304c0000201";

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      a protocol with a name      | 038159       | protocol  | ["=ospf"]  | ["=ospf"]
      one without                 | 038191       | protocol  | ["=unknown protocol type 145"] | ["=145"]
      an ICMP type without        | 078102       | icmp-type | ["=unknown icmp type type 2"] | ["=2"]
      two flags at once           | 098103       | tcp-flags | ["=fin","=syn"] | ["=fin+syn"]
      two flags, and not a third  | 090003c204   | tcp-flags | ["fin","syn&!rst"] | ["fin+syn&!rst"]
      no flag                     | 098100       | tcp-flags | [] | ["="]
      no fragment                 | 0c8000       | fragment  | ["not-a-fragment"] | ["not-a-fragment"]
      not a fragment              | 0c8202       | fragment  | ["not-a-fragment"] | ["!is-fragment"]
      """)
  void flowRules(String what, String rule, String name, String old, String now)
      throws MalformedException {
    String body = "01200a000001" + rule;
    String reach = String.format("000185 00 00 %02x%s", body.length() / 2, body).replace(" ", "");
    String attribute = String.format("800e%02x%s", reach.length() / 2, reach);
    assertEquals(old, value(JsonVersion.V4, attribute, "", name));
    assertEquals(now, value(JsonVersion.V5, attribute, "", name));
  }

  @Test
  void aPrefixThatIsSaidTwiceStandsInBrackets() throws MalformedException {
    String reach = "800e0c 0001850000 06 02080a02080b".replace(" ", "");
    assertEquals(
        "\"flow source-ipv4 [ 10.0.0.0/8 11.0.0.0/8 ]\"",
        value(JsonVersion.V4, reach, "", "string"));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      what nobody knows | e06302aabb | attribute-0x63-0xE0 | "0xaabb" | "0xaabb"
      a PMSI label      | c016090006000010 0a000001 | pmsi | "pmsi:ingressreplication:0:1(16):10.0.0.1" | "pmsi:ingressreplication:0:1(16):10.0.0.1"
      no PMSI label     | c016090006000000 0a000001 | pmsi | "pmsi:ingressreplication:0:0:10.0.0.1" | "pmsi:ingressreplication:0:0:10.0.0.1"
      another tunnel    | c016090001000010 0a000001 | pmsi | "pmsi:rsvp-tep2mplsp:0:1:0x0A000001" | "pmsi:rsvp-tep2mplsp:0:1:0x0A000001"
      twice the same    | c02018 000000010000000200000003 000000010000000200000003 | large-community | [[1,2,3]] | [[1,2,3]]
      an early SID      | c02816 020013000000 20010db8000000000000000000000001 | bgp-prefix-sid | {"sr-v6-sid":"2001:db8::1"} | {"attribute-not-implemented":"2"}
      an early VPN SID  | c02816 040013000000 20010db8000000000000000000000001 | bgp-prefix-sid | {"srv6-vpn-sid":"2001:db8::1"} | {"attribute-not-implemented":"4"}
      redirect by name  | c01008 8108 0a000001 0064 | string | "" | "redirect:10.0.0.1:100"
      """)
  void attributes(String what, String attribute, String name, String old, String now)
      throws MalformedException {
    String octets = attribute.replace(" ", "");
    assertEquals(old, value(JsonVersion.V4, octets, "180a2a01", name));
    assertEquals(now, value(JsonVersion.V5, octets, "180a2a01", name));
  }

  private static String value(JsonVersion version, String attribute, String routes, String name)
      throws MalformedException {
    String attributes = BASE + attribute;
    String body = String.format("0000%04x%s%s", attributes.length() / 2, attributes, routes);
    String message = "FF".repeat(16) + String.format("%04x02%s", 19 + body.length() / 2, body);
    JsonNode found = DecodeRequest.parse(message).decode(version).findValue(name);
    return found == null ? "nothing" : found.toString();
  }
}
