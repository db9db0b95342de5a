package dev.catwalk.bgp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** UPDATE: rule, peer, bytes, verdict. The hostile ones are in the table of {@code fsm}'s tests. */
class UpdateTableTest {
  private static final String BASE = "400101 00 400206 0201 0000fde9 400304 c0000201";
  private static final String V6 =
      "90 0e 001c 0002 01 10 20010db8000000000000000000000001 00 30 20010db80001";

  /** Good ones: decoded without a problem, and encoded to the same bytes. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      §4.3 withdraw                | e4 | 180a2a01 200a2a0201 | | ''
      §4.3 announce                | e4 | | 40010100 4002060201 0000fde9 400304c0000201 | 180a2a01
      §4.3 both                    | e4 | 180a2a01 | 40010102 4002060201 0000fde9 400304c0000201 | 180a2a0200
      §4.3 MED                     | e4 | | 40010100 4002060201 0000fde9 400304c0000201 800404ffffffff | 180a2a01
      §5.1.5 LOCAL_PREF, empty path| i4 | | 40010100 400200 400304c0000201 40050400000064 | 180a2a01
      §5.1.6 ATOMIC_AGGREGATE      | e4 | | 40010100 4002060201 0000fde9 400304c0000201 400600 | 180a2a01
      §5.1.7 AGGREGATOR            | e4 | | 40010100 4002060201 0000fde9 400304c0000201 c007080000fde90a000001 | 180a2a01
      1997 COMMUNITIES             | e4 | | 40010100 4002060201 0000fde9 400304c0000201 c00808fde90001ffffff01 | 180a2a01
      §5 Partial stays             | e4 | | 40010100 4002060201 0000fde9 400304c0000201 e00804fde90001 | 180a2a01
      §5 unknown is Partial        | e4 | | 40010100 4002060201 0000fde9 400304c0000201 e06302aabb | 180a2a01
      4456 reflection              | i4 | | 40010100 400200 400304c0000201 40050400000064 8009040a000001 800a080a0000020a000003 | 180a2a01
      4360 EXTENDED COMMUNITIES    | e4 | | 40010100 4002060201 0000fde9 400304c0000201 c010080002fde900000001 | 180a2a01
      8092 LARGE_COMMUNITY         | e4 | | 40010100 4002060201 0000fde9 400304c0000201 c0200c0000fde90000000100000002 | 180a2a01
      §4.3 two octets              | e2 | | 40010100 4002040201 fde9 400304c0000201 c00706fde90a000001 | 180a2a01
      6793 AS4_PATH                | e2 | | 40010100 4002060202 fde95ba0 400304c0000201 c0110a02020000fde9000186a0 | 180a2a01
      6793 AS4_AGGREGATOR          | e2 | | 40010100 4002060202 fde95ba0 400304c0000201 c007065ba00a000001 c0110a02020000fde9000186a0 c01208000186a00a000001 | 180a2a01
      4760 IPv6                    | e4 | | 900e001c0002011020010db8000000000000000000000001003020010db80001 40010100 4002060201 0000fde9 | ''
      4760 IPv6 withdraw           | e4 | | 900f000a0002013020010db80001 | ''
      4724 End-of-RIB IPv4         | e4 | | | ''
      4724 End-of-RIB IPv6         | e4 | | 800f03000201 | ''
      """)
  void good(String rule, String peer, String withdrawn, String attributes, String announced)
      throws WireException {
    ByteBuf frame = Frames.update(text(withdrawn), text(attributes), text(announced));
    String bytes = Frames.hex(frame);
    DecodeContext context = Frames.context(peer);
    Update update = Frames.decodeUpdate(frame, context);
    assertEquals(List.of(), update.problems());
    assertEquals(bytes, Frames.encode(update, context.fourByteAs()));
  }

  private static String text(String cell) {
    return cell == null ? "" : cell.replace(" ", "");
  }

  @Test
  void everyAttributeArrives() throws WireException {
    Update update = Frames.decodeUpdate(
        Frames.update(
            "",
            BASE
                + "800404 00000007 400504 00000064 400600 c00708 0000fde9 0a000001"
                + "c00804 fde90001 800904 0a000009 800a04 0a000002 c01008 0002fde900000001"
                + "c0200c 0000fde9 00000001 00000002 c06302 aabb",
            "180a2a01" + "00"),
        Frames.context("i4"));
    assertEquals(1, update.announced().size());
    Update.Reach reach = update.announced().getFirst();
    assertEquals(
        List.of(Prefix.parse("10.42.1.0/24"), Prefix.parse("0.0.0.0/0")), reach.prefixes());
    PathAttributes a = reach.attributes();
    assertEquals(Origin.IGP, a.origin());
    assertEquals("65001", a.asPath().toString());
    assertEquals(IpAddress.parse("192.0.2.1"), a.nextHop());
    assertEquals(7, a.med().orElseThrow());
    assertEquals(100, a.localPref().orElseThrow());
    assertTrue(a.atomicAggregate());
    assertEquals(
        new Aggregator(65001, IpAddress.parse("10.0.0.1")), a.aggregator().orElseThrow());
    assertEquals("65001:1", a.communities().orElseThrow().toString());
    assertEquals(0x0a000009, a.originatorId().orElseThrow());
    assertEquals("10.0.0.2", a.clusterList().orElseThrow().toString());
    assertEquals("0002fde900000001", a.extendedCommunities().orElseThrow().toString());
    assertEquals("65001:1:2", a.largeCommunities().orElseThrow().toString());
    assertEquals(
        List.of(new Attribute.Unrecognised(0xc0, 99, Octets.hex("aabb"))), a.unrecognised());
    assertEquals(a, a.with().build());
  }

  /** RFC 4760 §3: both families in one message, each with its next hop. */
  @Test
  void twoFamiliesInOneMessage() throws WireException {
    Update update = Frames.decodeUpdate(Frames.update("", V6 + BASE, "180a2a01"), Frames.ebgp());
    assertEquals(
        List.of(IpAddress.parse("2001:db8::1"), IpAddress.parse("192.0.2.1")),
        update.announced().stream().map(r -> r.attributes().nextHop()).toList());
  }

  /** RFC 7606 §2: everything that the message announces is withdrawn, IPv6 too. */
  @Test
  void treatAsWithdrawTakesBothFamilies() throws WireException {
    Update update = Frames.decodeUpdate(
        Frames.update("180a2a09", V6 + BASE + "c00803 aabbcc", "180a2a01"), Frames.ebgp());
    assertEquals(List.of(), update.announced());
    assertEquals(
        List.of(
            Nlri.of(Prefix.parse("10.42.9.0/24")),
            Nlri.of(Prefix.parse("10.42.1.0/24")),
            Nlri.of(Prefix.parse("2001:db8:1::/48"))),
        update.withdrawn());
    assertEquals(Problem.Remedy.TREAT_AS_WITHDRAW, update.problems().getFirst().remedy());
  }

  /** RFC 6793 §4.2.3. */
  @ParameterizedTest(name = "{0} + {1}")
  @CsvSource(delimiter = '|', textBlock = """
      AS4_PATH is as long       | 0202 fde9 5ba0      | 0202 0000fde9 000186a0 |  | 65001 100000
      AS4_PATH is shorter       | 0203 fde9 5ba0 5ba0 | 0201 000186a0          |  | 65001 23456 100000
      AS4_PATH is longer        | 0201 5ba0           | 0202 0000fde9 000186a0 |  | 23456
      AGGREGATOR is not AS_TRANS| 0201 5ba0           | 0201 000186a0 | c00706fde90a000001 c01208000186a00a000001 | 23456
      AGGREGATOR is AS_TRANS    | 0201 5ba0           | 0201 000186a0 | c007065ba00a000001 c01208000186a00a000001 | 100000
      """)
  void mergesWhatTwoOctetSpeakersPassedOn(
      String rule, String path, String as4Path, String more, String merged) throws WireException {
    String p = path.replace(" ", "");
    String p4 = as4Path.replace(" ", "");
    String attributes = String.format(
        "40010100 4002%02x%s 400304c0000201 c011%02x%s %s",
        p.length() / 2, p, p4.length() / 2, p4, more == null ? "" : more);
    Update update =
        Frames.decodeUpdate(Frames.update("", attributes, "180a2a01"), Frames.context("e2"));
    assertEquals(merged, update.announced().getFirst().attributes().asPath().toString());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      host bits are cleared | 0f0a2b             | 10.42.0.0/15      | true
      the default route     | 00                 | 0.0.0.0/0         | true
      one address           | 200a2a0101         | 10.42.1.1/32      | true
      this network          | 0800               | 0.0.0.0/8         | false
      loopback              | 207f000001         | 127.0.0.1/32      | false
      multicast             | 04e0               | 224.0.0.0/4       | false
      IPv6 default          | 00                 | ::/0              | true
      IPv6 past 64 bits     | 4120010db80000000080 | 2001:db8:0:0:8000::/65 | true
      IPv6 multicast        | 08ff               | ff00::/8          | false
      IPv6 link-local       | 0afebf             | fe80::/10         | false
      IPv6 loopback         | 8000000000000000000000000000000001 | ::1/128 | false
      """)
  void prefixes(String rule, String bytes, String text, boolean unicast) {
    Prefix prefix = Prefix.parse(text);
    ByteBuf in = Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(bytes));
    Nlri nlri = NlriCodec.decode(in, 0, in.readableBytes(), prefix.family(), false);
    assertEquals(List.of(prefix), nlri);
    assertEquals(unicast, NlriCodec.isUnicast(nlri, 0));
  }

  /** RFC 4271 §6.3: the prefix that cannot be is left out, the others stay. */
  @Test
  void ignoresWhatIsNoDestination() throws WireException {
    Update update = Frames.decodeUpdate(
        Frames.update("", BASE, "04e0" + "180a2a01" + "087f" + "0800"), Frames.ebgp());
    assertEquals(
        List.of(Prefix.parse("10.42.1.0/24")), update.announced().getFirst().prefixes());
    assertEquals(
        "3 prefixes are no unicast destination, the first is 224.0.0.0/4",
        update.problems().getFirst().what());
  }

  /** A family that was not negotiated changes nothing. */
  @Test
  void ignoresFamiliesThatWereNotNegotiated() throws WireException {
    DecodeContext only4 = new DecodeContext(
        true, false, List.of(AfiSafi.IPV4_UNICAST), Wire.MESSAGE_LIMIT, new AttributeCache());
    Update update = Frames.decodeUpdate(Frames.update("", V6 + BASE, "180a2a01"), only4);
    assertEquals(1, update.announced().size());
    assertEquals(Problem.Remedy.IGNORE_PREFIX, update.problems().getFirst().remedy());
    DecodeContext only6 = new DecodeContext(
        true, false, List.of(AfiSafi.IPV6_UNICAST), Wire.MESSAGE_LIMIT, new AttributeCache());
    update = Frames.decodeUpdate(Frames.update("", BASE, "180a2a01"), only6);
    assertEquals(List.of(), update.announced());
  }

  @Test
  void repeatedBlocksShareTheirAttributes() throws WireException {
    DecodeContext context = Frames.ebgp();
    for (String attributes : List.of(BASE, V6 + "40010100 400206 0201 0000fde9")) {
      String announced = attributes.startsWith("90") ? "" : "180a2a01";
      PathAttributes once = attributes(Frames.update("", attributes, announced), context);
      PathAttributes first = attributes(Frames.update("", attributes, announced), context);
      assertEquals(once, first);
      assertSame(first, attributes(Frames.update("", attributes, announced), context));
      PathAttributes other = attributes(
          Frames.update("", attributes.replace("0000fde9", "0000fdea"), announced), context);
      assertEquals("65002", other.asPath().toString());
    }
    String elsewhere = V6.replace("0000000001 00", "0000000002 00");
    assertEquals(
        IpAddress.parse("2001:db8::2"),
        attributes(Frames.update("", elsewhere + "40010100 400206 0201 0000fde9", ""), context)
            .nextHop());
  }

  private static PathAttributes attributes(ByteBuf frame, DecodeContext context)
      throws WireException {
    return Frames.decodeUpdate(frame, context).announced().getFirst().attributes();
  }

  @Test
  void listsNoMoreProblemsThanTheLimit() throws WireException {
    Update update = Frames.decodeUpdate(
        Frames.update("", BASE + "800404 00000001".repeat(100), "180a2a01"), Frames.ebgp());
    assertEquals(Problems.LIMIT, update.problems().size());
    assertEquals(1, update.announced().size());
  }

  /** The rules of attributes that we pass on unread, and of those that two-octet speakers add. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      6514 PMSI of 4 octets          | e4 | c01604 00060000               | TREAT_AS_WITHDRAW
      6514 PMSI with an address      | e4 | c01609 0006000010 0a000001    |
      9012 empty                     | e4 | c01700                        | TREAT_AS_WITHDRAW
      9012 extended sub-TLV          | e4 | c01709 0008 0005 80 0002 aabb |
      9012 extended sub-TLV cut      | e4 | c01708 0008 0004 80 0002 aa   | TREAT_AS_WITHDRAW
      5701 of 20                     | e4 | c01914 0002fde900000001000200000000000000000001 |
      9234 of 4                      | e4 | c02304 0000fde9               |
      7311 AIGP                      | i4 | 801a0b 01000b0000000000000064 | ATTRIBUTE_DISCARD
      8669 PREFIX_SID inside         | i4 | c0280a 01000700000000000064   |
      8669 PREFIX_SID from outside   | e4 | c0280a 01000700000000000064   | ATTRIBUTE_DISCARD
      6793 AS4_PATH to a new speaker | e4 | c01106 0201 000186a0          | ATTRIBUTE_DISCARD
      6793 AS4_AGGREGATOR of 7       | e2 | c01207 000186a0 0a0000        | ATTRIBUTE_DISCARD
      6793 AS4_PATH with AS 0        | e2 | c01106 0201 00000000          | ATTRIBUTE_DISCARD
      9774 AS_SET in AS4_PATH        | e2 | c01106 0101 000186a0          | TREAT_AS_WITHDRAW
      9774 AS_CONFED_SET in AS4_PATH | e2 | c01106 0401 000186a0          | TREAT_AS_WITHDRAW
      6793 AS_CONFED_SEQUENCE there  | e2 | c01106 0301 000186a0          |
      """)
  void verdicts(String rule, String peer, String attribute, Problem.Remedy remedy)
      throws WireException {
    String base = peer.endsWith("4") ? BASE : BASE.replace("06 0201 0000fde9", "04 0201 fde9");
    Update update =
        Frames.decodeUpdate(Frames.update("", base + attribute, "180a2a01"), Frames.context(peer));
    assertEquals(
        remedy == null ? List.of() : List.of(remedy),
        update.problems().stream().map(Problem::remedy).toList());
    assertEquals(remedy != Problem.Remedy.TREAT_AS_WITHDRAW, update.withdrawn().isEmpty());
  }

  /** RFC 7606 §5.2: nothing to withdraw, so the session must go. */
  @Test
  void errorsWithoutPrefixesAreFatal() {
    WireException e = assertThrows(
        WireException.class,
        () -> Frames.decodeUpdate(
            Frames.update("180a2a01", "40010103 400200 400304c0000201", ""), Frames.ebgp()));
    assertEquals(Fault.INVALID_ORIGIN, e.fault());
    assertNotNull(e.getMessage());
  }

  /** RFC 7606 §5.2: an MP_REACH_NLRI without prefixes has none to withdraw either. */
  @Test
  void errorsWithAnEmptyListOfPrefixesAreFatal() throws WireException {
    String empty = V6.substring(0, V6.length() - " 30 20010db80001".length());
    String none = empty.replace("001c", "0015");
    Update good = Frames.decodeUpdate(Frames.update("", none + BASE, ""), Frames.ebgp());
    assertEquals(List.of(), good.problems());
    assertThrows(
        WireException.class,
        () -> Frames.decodeUpdate(
            Frames.update("", none + BASE.replace("400101 00", "400101 03"), ""), Frames.ebgp()));
    Update discarded =
        Frames.decodeUpdate(Frames.update("", none + BASE + "400601 00", ""), Frames.ebgp());
    assertEquals(
        Problem.Remedy.ATTRIBUTE_DISCARD, discarded.problems().getFirst().remedy());
  }

  /** RFC 8092 §3. */
  @Test
  void largeCommunitiesAreTakenOnceEach() throws WireException {
    String one = "0000fde9 00000001 00000002";
    String other = "0000fde9 00000001 00000001";
    Update update = Frames.decodeUpdate(
        Frames.update("", BASE + "c02030" + one + other + one + one, "180a2a01"), Frames.ebgp());
    assertEquals(
        "65001:1:2 65001:1:1",
        update
            .announced()
            .getFirst()
            .attributes()
            .largeCommunities()
            .orElseThrow()
            .toString());
    assertEquals(List.of(), update.problems());
  }

  @Test
  void unknownWellKnownIsShownToThePeer() {
    WireException e = assertThrows(
        WireException.class,
        () ->
            Frames.decodeUpdate(Frames.update("", BASE + "406302aabb", "180a2a01"), Frames.ebgp()));
    assertEquals(Octets.hex("406302aabb"), e.data());
  }
}
