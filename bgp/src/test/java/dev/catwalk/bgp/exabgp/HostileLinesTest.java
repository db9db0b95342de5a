package dev.catwalk.bgp.exabgp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.catwalk.net.addr.IpAddress;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lines that are no messages and no commands: an answer that says why, never anything else. */
class HostileLinesTest {

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      nothing                                            | ''                                | Withdrawn Routes Length needs 2 octets where 0 are left
      an odd digit                                       | 000                               | no hexadecimal digits
      a JSON list in a brace                             | {]                                | no JSON
      an object without input                            | {"form": "nlri"}                  | input.hex is missing
      a form that there is not                           | {"form": "x", "input": {"hex": ""}} | there is no form x
      a prefix longer than an address                    | 00000000210A000000FF              | a prefix of 33 bits
      a length that runs over the end                    | 0000FFFF                          | path attributes needs 65535 octets where 0 are left
      """)
  void aLineThatIsNoMessageIsAnswered(String name, String line, String answer) {
    MalformedException thrown = assertThrows(
        MalformedException.class, () -> DecodeRequest.parse(line).decode(JsonVersion.V5));
    assertTrue(thrown.getMessage().contains(answer), thrown.getMessage());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      announce                                           | the command ends where
      fly away                                           | 'fly' is no command
      announce route                                     | names no prefix
      announce route 10.0.0.0/33 next-hop 192.0.2.1      | '33' is no prefix length
      announce route 10.0.0.0/8 next-hop here            | 'here' is no address
      announce route 10.0.0.0/8 colour red               | 'colour' is no address
      announce route 10.0.0.0/8 med -1                   | '-1' is no med
      announce route 10.0.0.0/8 as-path [ 1 2            | the command ends where
      announce route 10.0.0.0/8 community [ 1:2:3 ]      | is no community's second half
      announce route 10.0.0.0/8 extended-community x:1   | 'x:1' is no extended community
      announce route 10.0.0.0/8 attribute [ 1 2 ]        | TYPE FLAGS VALUE
      announce ipv4 cheese 10.0.0.0/8                    | there is no family ipv4 cheese
      announce ipv6 unicast 10.0.0.0/8 next-hop ::1      | is not of the family ipv6 unicast
      announce ipv4 mpls-vpn 10.0.0.0/8 next-hop 1.1.1.1 | needs an rd
      announce ipv4 flow protocol =7777                  | is too large
      announce ipv4 flow destination-port ~80            | '~80' is no value
      announce vpls endpoint 1                           | needs an rd
      announce ipv4 mup mup-dsd                          | the command ends where
      announce route "10.0.0.0/8                         | a quote is not closed
      """)
  void aCommandThatIsNoneIsAnswered(String line, String answer) {
    MalformedException thrown =
        assertThrows(MalformedException.class, () -> EncodeRequest.parse(line).encode());
    assertTrue(thrown.getMessage().contains(answer), thrown.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "label,               5,                 11, 10.0.0.0/8 has too many labels",
    "community,           1:1,            16384, a list has more members than a message can hold: 16383",
    "extended-community,  target:1:1,      8192, a list has more members than a message can hold: 8191",
  })
  void whatNoMessageCanHoldIsAnswered(String list, String member, int count, String answer) {
    String line = "announce route 10.0.0.0/8 next-hop self " + list + " [ "
        + (member + " ").repeat(count) + "]";
    MalformedException thrown =
        assertThrows(MalformedException.class, () -> EncodeRequest.parse(line).encode());
    assertTrue(thrown.getMessage().contains(answer), thrown.getMessage());
  }

  /** A length of 248 bits. */
  @Test
  void asManyLabelsAsALengthCanHoldAreWritten() throws MalformedException {
    String written = EncodeRequest.parse(
            "announce route 10.0.0.0/8 next-hop 192.0.2.1 label [ " + "5 ".repeat(10) + "]")
        .encode();
    assertTrue(written.contains("F8" + "000050".repeat(9) + "000051" + "0A"), written);
  }

  @Test
  void aPeerWithTwoOctetNumbersGetsBothPaths() throws MalformedException {
    EncodeContext context =
        new EncodeContext(IpAddress.v4(0x7f000001), 70000, 1, false, new TreeSet<>(), true, null);
    byte[] message = new Commands(context)
        .encode("announce route 10.0.0.0/8 next-hop 192.0.2.1")
        .getFirst();
    assertEquals(
        "40010100" + "40020402015BA0" + "400304C0000201" + "C011060201" + "00011170" + "080A",
        HexFormat.of().withUpperCase().formatHex(message, 23, message.length));
  }

  /** Attributes that are said octet by octet may be anything. */
  @Test
  void whatIsNoPathStaysAsItIs() throws MalformedException {
    EncodeContext context =
        new EncodeContext(IpAddress.v4(0x7f000001), 1, 1, false, new TreeSet<>(), true, null);
    byte[] message = new Commands(context)
        .encode("announce route 10.0.0.0/8 next-hop 192.0.2.1 attribute [ 2 0x40 0x0205 ]"
            + " attribute [ 7 0xc0 0x0102 ]")
        .getFirst();
    assertEquals(
        "40010100" + "4002020205" + "400304C0000201" + "40050400000064" + "C007020102" + "080A",
        HexFormat.of().withUpperCase().formatHex(message, 23, message.length));
  }

  /** Seeded damage to every known message: read, or refused, within the length of the input. */
  @Test
  void damagedMessagesAreReadOrRefused() throws IOException {
    Random random = new Random(7);
    int refused = 0;
    for (JsonNode one : ExaBgpCases.read("decoding.json")) {
      byte[] octets = HexFormat.of().parseHex(one.at("/input/hex").asText());
      for (int round = 0; round < 40; round++) {
        byte[] damaged = octets.clone();
        for (int flips = 0; flips <= round % 4 && damaged.length > 19; flips++) {
          damaged[19 + random.nextInt(damaged.length - 19)] = (byte) random.nextInt(256);
        }
        try {
          String line = HexFormat.of().formatHex(damaged);
          assertFalse(DecodeRequest.parse(line).decode(JsonVersion.V5).isEmpty());
        } catch (MalformedException e) {
          refused++;
        }
      }
    }
    assertTrue(refused > 0, "no damage was noticed at all");
  }
}
