package dev.catwalk.bgp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Messages other than UPDATE: rule, bytes, verdict. Good ones re-encode to the same bytes. */
class OpenTableTest {

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      §4.2 no parameters               | 04 fc00 005a 0a000001 00 | ok
      §4.2 hold time 0                 | 04 fc00 0000 0a000001 00 | ok
      §4.2 hold time 3                 | 04 fc00 0003 0a000001 00 | ok
      §4.2 hold time 65535             | 04 fc00 ffff 0a000001 00 | ok
      §4.2 identifier is not an address| 04 fc00 005a ffffffff 00 | ok
      4760 IPv6 unicast                | 04 fc00 005a 0a000001 08 02 06 01 04 0002 00 01 | ok
      4760 unknown family              | 04 fc00 005a 0a000001 08 02 06 01 04 4004 00 47 | ok
      2918 route refresh               | 04 fc00 005a 0a000001 04 02 02 02 00 | ok
      6793 four-octet AS               | 04 5ba0 005a 0a000001 08 02 06 41 04 0001 0000 | ok
      5492 unknown capability          | 04 fc00 005a 0a000001 07 02 05 fb 03 aabbcc | ok
      4724 no family                   | 04 fc00 005a 0a000001 06 02 04 40 02 0078 | ok
      4724 R, two families, one F      | 04 fc00 005a 0a000001 0e 02 0c 40 0a 8078 0001 01 80 0002 01 00 | ok
      8538 R and N, longest time       | 04 fc00 005a 0a000001 0a 02 08 40 06 cfff 0001 01 80 | ok
      4724 cut family is ignored       | 04 fc00 005a 0a000001 09 02 07 40 05 0078 0001 01 | ok
      4724 without its time is ignored | 04 fc00 005a 0a000001 04 02 02 40 00 | ok
      2918 refresh with a value        | 04 fc00 005a 0a000001 05 02 03 02 01 00 | ok
      8654 extended messages           | 04 fc00 005a 0a000001 04 02 02 06 00 | ok
      8654 with a value                | 04 fc00 005a 0a000001 05 02 03 06 01 00 | ok
      7313 enhanced refresh            | 04 fc00 005a 0a000001 04 02 02 46 00 | ok
      8950 IPv4 over IPv6              | 04 fc00 005a 0a000001 0a 02 08 05 06 0001 0001 0002 | ok
      8950 a cut one is ignored        | 04 fc00 005a 0a000001 09 02 07 05 05 0001 0001 00 | ok
      8950 a SAFI above 255            | 04 fc00 005a 0a000001 0a 02 08 05 06 0001 0101 0002 | ok
      7911 both ways, and IPv6 sends   | 04 fc00 005a 0a000001 0c 02 0a 45 08 0001 01 03 0002 01 02 | ok
      7911 mode 4 is ignored           | 04 fc00 005a 0a000001 08 02 06 45 04 0001 01 04 | ok
      9234 customer                    | 04 fc00 005a 0a000001 05 02 03 09 01 03 | ok
      9234 an unknown role             | 04 fc00 005a 0a000001 05 02 03 09 01 fe | ok
      9234 an empty one                | 04 fc00 005a 0a000001 04 02 02 09 00 | ok
      9494 two families                | 04 fc00 005a 0a000001 12 02 10 47 0e 0001 01 80 015180 0002 01 00 ffffff | ok
      9494 a cut one is ignored        | 04 fc00 005a 0a000001 0a 02 08 47 06 0001 01 80 0151 | ok
      §6.2 version 3                   | 03 fc00 005a 0a000001 00 | UNSUPPORTED_VERSION 0004
      §6.2 hold time 1                 | 04 fc00 0001 0a000001 00 | UNACCEPTABLE_HOLD_TIME
      §6.2 hold time 2                 | 04 fc00 0002 0a000001 00 | UNACCEPTABLE_HOLD_TIME
      7607 AS 0                        | 04 0000 005a 0a000001 00 | BAD_PEER_AS
      7607 AS 0 in the capability      | 04 5ba0 005a 0a000001 08 02 06 41 04 00000000 | BAD_PEER_AS
      6286 identifier 0                | 04 fc00 005a 00000000 00 | BAD_BGP_IDENTIFIER
      §6.2 parameter 1                 | 04 fc00 005a 0a000001 02 01 00 | UNSUPPORTED_OPTIONAL_PARAMETER
      §6.2 parameters too short        | 04 fc00 005a 0a000001 05 02 02 02 00 | UNSPECIFIC_OPEN_ERROR
      §6.2 parameters too long         | 04 fc00 005a 0a000001 03 02 02 02 00 | UNSPECIFIC_OPEN_ERROR
      §6.2 half a parameter header     | 04 fc00 005a 0a000001 01 02 | UNSPECIFIC_OPEN_ERROR
      5492 capability too long         | 04 fc00 005a 0a000001 04 02 02 02 01 | UNSPECIFIC_OPEN_ERROR
      5492 half a capability header    | 04 fc00 005a 0a000001 03 02 01 02 | UNSPECIFIC_OPEN_ERROR
      4760 capability of 3             | 04 fc00 005a 0a000001 07 02 05 01 03 0001 00 | UNSPECIFIC_OPEN_ERROR
      6793 capability of 2             | 04 fc00 005a 0a000001 06 02 04 41 02 fc00 | UNSPECIFIC_OPEN_ERROR
      9072 cut                         | 04 fc00 005a 0a000001 ff ff 00 | UNSPECIFIC_OPEN_ERROR
      """)
  void open(String rule, String body, String verdict) throws WireException {
    judge(Wire.OPEN, body, verdict);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      §4.4 KEEPALIVE                   | 4 |               | ok
      §6.1 KEEPALIVE with a body       | 4 | 00            | BAD_MESSAGE_LENGTH 0014
      §4.5 CEASE                       | 3 | 0602          | ok
      §4.5 with data                   | 3 | 020400ff      | ok
      §4.5 unknown codes               | 3 | ffff          | ok
      2918 IPv4 unicast                | 5 | 0001 00 01    | ok
      2918 unknown family              | 5 | 03e7 00 01    | ok
      7313 BoRR                        | 5 | 0001 01 01    | ok
      7313 BoRR too long               | 5 | 0001 01 01 00 | INVALID_REFRESH_LENGTH 0001010100
      7313 EoRR too long               | 5 | 0001 02 01 00 | INVALID_REFRESH_LENGTH 0001020100
      5291 a filter that nobody offered| 5 | 0001 00 01 01 40 0000 | INVALID_REFRESH_LENGTH 0001000101400000
      2918 too short                   | 5 | 0001 00       | BAD_MESSAGE_LENGTH 0016
      §6.1 OPEN too short              | 1 | 04fc00005a0a000001 | BAD_MESSAGE_LENGTH 001c
      §6.1 UPDATE too short            | 2 | 000000        | BAD_MESSAGE_LENGTH 0016
      §6.1 unknown type                | 6 |               | BAD_MESSAGE_TYPE 06
      §6.1 type 0                      | 0 |               | BAD_MESSAGE_TYPE 00
      """)
  void others(String rule, int type, String body, String verdict) throws WireException {
    judge(type, body == null ? "" : body, verdict);
  }

  private static void judge(int type, String body, String verdict) throws WireException {
    ByteBuf frame = Frames.frame(type, body);
    String bytes = Frames.hex(frame);
    if (verdict.equals("ok")) {
      assertEquals(bytes, Frames.encode(Wire.decode(frame, Frames.ebgp()), true));
    } else {
      WireException e = assertThrows(WireException.class, () -> Wire.decode(frame, Frames.ebgp()));
      String data = e.data().length() == 0 ? "" : " " + e.data();
      assertEquals(verdict, e.fault() + data);
    }
  }

  /** RFC 9072: taken where it is, used where there is no other way. */
  @Test
  void extendedParameters() throws WireException {
    List<Capability> many = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      many.add(new Capability.Unrecognised(200 + i, Octets.of(new byte[100])));
    }
    Open open = new Open(64512, 90, 1, many);
    String bytes = Frames.encode(open, true);
    assertEquals("ffff0135020132", bytes.substring(56, 70));
    assertEquals(open, Wire.decode(Frames.frame(Wire.OPEN, bytes.substring(38)), Frames.ebgp()));
  }

  /** RFC 7313 §5: ignored, so nothing about them can be wrong. */
  @ParameterizedTest
  @CsvSource({"00010301", "0001030100", "0001ff0101400000", "0001030100000000000000"})
  void refreshesOfUnknownSubtypes(String body) throws WireException {
    RouteRefresh refresh =
        (RouteRefresh) Wire.decode(Frames.frame(Wire.ROUTE_REFRESH, body), Frames.ebgp());
    assertTrue(refresh.subtype() > RouteRefresh.END);
  }

  /** What fits into the other form is said in this one if it is wanted, and read as it came. */
  @Test
  void extendedParametersByChoice() throws WireException {
    Open open = Open.of(64512, 90, 1, Frames.BOTH).inExtendedForm();
    String bytes = Frames.encode(open, true);
    assertEquals("ffff0017020014", bytes.substring(56, 70));
    assertEquals(open, Wire.decode(Frames.frame(Wire.OPEN, bytes.substring(38)), Frames.ebgp()));
  }

  @Test
  void whatWeOffer() {
    Open open = Open.of(4200000001L, 90, 7, Frames.BOTH);
    assertEquals(Open.AS_TRANS, open.myAs());
    assertEquals(4200000001L, open.as());
    assertEquals(Frames.BOTH, open.families());
    assertTrue(open.hasFourByteAs() && open.hasRefresh());
    assertEquals(List.of(AfiSafi.IPV4_UNICAST), new Open(1, 0, 7, List.of()).families());
  }

  @Test
  void headerFaults() {
    ByteBuf frame = Frames.frame(Wire.KEEPALIVE, "");
    frame.setByte(7, 0xfe);
    WireException marker =
        assertThrows(WireException.class, () -> Wire.frameLength(frame, Wire.MESSAGE_LIMIT));
    assertEquals(Fault.CONNECTION_NOT_SYNCHRONIZED, marker.fault());
    frame.setByte(7, 0xff);
    for (int length : new int[] {0, 18, 4097, 65535}) {
      frame.setShort(16, length);
      WireException e =
          assertThrows(WireException.class, () -> Wire.frameLength(frame, Wire.MESSAGE_LIMIT));
      assertEquals(Fault.BAD_MESSAGE_LENGTH, e.fault());
      assertEquals(String.format("%04x", length), e.data().toString());
    }
  }

  /** RFC 8654 §4: the extended limit is not for OPEN. */
  @Test
  void extendedLimit() throws WireException {
    ByteBuf frame = Frames.frame(Wire.UPDATE, "00000000");
    frame.setShort(16, 65535);
    assertEquals(65535, Wire.frameLength(frame, Wire.EXTENDED_MESSAGE_LIMIT));
    frame.setByte(18, Wire.OPEN);
    assertThrows(WireException.class, () -> Wire.frameLength(frame, Wire.EXTENDED_MESSAGE_LIMIT));
  }

  private static Open offer(Capability... capabilities) {
    return Open.offering(1, 90, 7, Frames.BOTH, List.of(capabilities));
  }

  /** What is agreed on takes both sides, and for paths the right one of both. */
  @Test
  void whatTwoOpensMakeOfASession() {
    var extended = new Capability.ExtendedMessage();
    var hop = Capability.ExtendedNextHop.IPV4;
    var both = new Capability.AddPath(List.of(
        new Capability.Paths(AfiSafi.IPV4_UNICAST, true, true),
        new Capability.Paths(AfiSafi.IPV6_UNICAST, false, true)));
    var receives =
        new Capability.AddPath(List.of(new Capability.Paths(AfiSafi.IPV4_UNICAST, true, false)));
    Open all = offer(extended, hop, both);
    Open some = offer(receives, hop);
    assertEquals(65535, DecodeContext.between(all, all).messageLimit());
    assertEquals(65535, DecodeContext.between(all, some).messageLimit(), "we said that we take it");
    assertEquals(4096, DecodeContext.between(some, all).messageLimit());
    assertEquals(65535, EncodeContext.between(all, all).messageLimit());
    assertEquals(4096, EncodeContext.between(some, all).messageLimit());
    assertTrue(DecodeContext.between(all, some).extendedNextHop());
    assertTrue(!DecodeContext.between(all, offer(extended)).extendedNextHop());
    List<AfiSafi> ipv4 = List.of(AfiSafi.IPV4_UNICAST);
    assertEquals(ipv4, EncodeContext.between(all, some).addPath());
    assertEquals(List.of(), DecodeContext.between(all, some).addPath());
    assertEquals(ipv4, DecodeContext.between(some, all).addPath());
    assertEquals(ipv4, DecodeContext.between(all, all).addPath());
  }

  /** RFC 8538 §3.1. */
  @Test
  void hardReset() {
    Notification reset =
        Notification.shutdown(Fault.ADMINISTRATIVE_SHUTDOWN, "bye").asHardReset();
    assertEquals(new Notification(6, 9, Octets.hex("0602 03627965")), reset);
    assertTrue(reset.isHardReset());
    assertEquals("6/9 hard reset: 6/2 administrative shutdown: bye", reset.text());
    assertEquals("6/9 hard reset", new Notification(6, 9, Octets.hex("06")).text());
    assertEquals("6/9 hard reset", new Notification(6, 9, Octets.hex("0609060906")).text());
  }

  @Test
  void theLastGracefulRestartCounts() {
    var first = new Capability.GracefulRestart(false, false, 1, List.of());
    var last = new Capability.GracefulRestart(
        true,
        false,
        2,
        List.of(
            new Capability.Restarted(AfiSafi.IPV4_UNICAST, true),
            new Capability.Restarted(AfiSafi.IPV6_UNICAST, false)));
    assertEquals(last, new Open(1, 0, 7, List.of(first, last)).restart());
    assertEquals(null, new Open(1, 0, 7, List.of()).restart());
    assertTrue(last.has(AfiSafi.IPV6_UNICAST) && !last.forwards(AfiSafi.IPV6_UNICAST));
    assertTrue(last.forwards(AfiSafi.IPV4_UNICAST) && !first.has(AfiSafi.IPV4_UNICAST));
  }

  /** RFC 9003 §2. */
  @Test
  void shutdownCommunication() {
    Notification bye = Notification.shutdown(Fault.ADMINISTRATIVE_SHUTDOWN, "Wartung ä");
    assertEquals("0a57617274756e6720c3a4", bye.data().toString());
    assertEquals("6/2 administrative shutdown: Wartung ä", bye.text());
    String cut =
        Notification.shutdown(Fault.ADMINISTRATIVE_RESET, "ä".repeat(200)).communication();
    assertEquals("ä".repeat(127), cut);
    assertEquals("", new Notification(6, 2, Octets.hex("ff41")).communication());
    assertEquals("a?b", new Notification(6, 4, Octets.hex("03610a62")).communication());
    assertEquals("", new Notification(6, 3, Octets.hex("0161")).communication());
  }
}
