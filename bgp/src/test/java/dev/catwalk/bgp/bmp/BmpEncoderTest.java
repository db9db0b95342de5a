package dev.catwalk.bgp.bmp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.Fault;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Octets;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.bgp.wire.WireException;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What stands in each message. */
class BmpEncoderTest {
  private static final IpAddress PEER = IpAddress.parse("192.0.2.1");
  private static final BmpPeer V4 = new BmpPeer(false, PEER, 100_000, 0x0a000001);
  private static final BmpPeer V6 =
      new BmpPeer(false, IpAddress.parse("2001:db8::1"), 65001, 0x0a000001);
  private static final BmpPeer LOC_RIB = BmpPeer.locRib(64601, 0x0a000002);
  private static final Open OPEN =
      Open.of(64601, 90, 0x0a000002, List.of(AfiSafi.IPV4_UNICAST, AfiSafi.IPV6_UNICAST), null);
  private static final PathAttributes ATTRIBUTES =
      PathAttributes.builder(Origin.IGP, AsPath.sequence(100_000, 65002), PEER).build();

  @Test
  void everyMessageSaysWhatItIsTo() throws WireException {
    ByteBuf out = Unpooled.buffer();
    BmpEncoder.initiation("a speaker", "node1", out);
    BmpEncoder.peerUp(V4, 1, IpAddress.parse("192.0.2.2"), 179, 2, OPEN, OPEN, out);
    BmpEncoder.peerUp(V6, 1, IpAddress.parse("192.0.2.2"), 179, 2, OPEN, OPEN, out);
    BmpEncoder.peerUp(LOC_RIB, 1, IpAddress.v4(0), 0, 0, OPEN, OPEN, out);
    Nlri prefix = Nlri.of(Prefix.parse("10.2.0.0/16"));
    BmpEncoder.routes(V6, 1, Update.announce(ATTRIBUTES, prefix), List.of(), out);
    BmpEncoder.routes(LOC_RIB, 1, Update.withdraw(prefix), List.of(), out);
    BmpEncoder.routes(V4, 1, Update.endOfRib(AfiSafi.IPV6_UNICAST), List.of(), out);
    BmpEncoder.statistics(V4, 1, 7, out);
    BmpEncoder.statistics(LOC_RIB, 1, 5_000_000_000L, out);
    Notification cease = Notification.of(Fault.ADMINISTRATIVE_SHUTDOWN);
    BmpEncoder.peerDown(V4, 1, cease, null, true, out);
    BmpEncoder.peerUp(V4, 1, IpAddress.parse("192.0.2.2"), 179, 2, OPEN, OPEN, out);
    BmpEncoder.peerDown(V4, 1, null, cease, true, out);
    BmpEncoder.peerDown(V6, 1, null, null, false, out);
    BmpEncoder.peerUp(V4, 1, IpAddress.parse("192.0.2.2"), 179, 2, OPEN, OPEN, out);
    BmpEncoder.peerDown(V4, 1, null, null, true, out);
    BmpEncoder.termination(out);
    assertEquals(
        List.of(
            "initiation 1=a speaker 2=node1",
            "up 192.0.2.1 AS 100000 192.0.2.2 11730946 OpenOpen",
            "up 2001:db8::1 AS 65001 192.0.2.2 11730946 OpenOpen",
            "up loc-rib 0.0.0.0 AS 64601 0.0.0.0 0 OpenOpen 3=global",
            "routes 2001:db8::1 AS 65001 + 10.2.0.0/16 [100000 65002]",
            "routes loc-rib 0.0.0.0 AS 64601 - 10.2.0.0/16",
            "routes 192.0.2.1 AS 100000 end of ipv6-unicast",
            "statistics 192.0.2.1 AS 100000 1 7=7",
            "statistics loc-rib 0.0.0.0 AS 64601 1 8=5000000000",
            "down 192.0.2.1 AS 100000 1 " + cease,
            "up 192.0.2.1 AS 100000 192.0.2.2 11730946 OpenOpen",
            "down 192.0.2.1 AS 100000 3 " + cease,
            "down 2001:db8::1 AS 65001 4",
            "up 192.0.2.1 AS 100000 192.0.2.2 11730946 OpenOpen",
            "down 192.0.2.1 AS 100000 2 0",
            "termination because of 0"),
        new Station().read(out));
  }

  @Test
  void theHeaderIsThatOfTheRfc() {
    ByteBuf out = Unpooled.buffer();
    BmpEncoder.statistics(V4, 1_600_000_000_123L, 1, out);
    assertEquals(
        "03" + "00000040" + "01" + "00" + "00" + "0000000000000000"
            + "000000000000000000000000c0000201" + "000186a0" + "0a000001" + "5f5e1000"
            + "0001e078" + "00000001" + "0007" + "0008" + "0000000000000001",
        ByteBufUtil.hexDump(out));
  }

  /** What came in two octets, and with path identifiers, is read as its OPENs and its flag say. */
  @Test
  void octetsAsTheyCame() throws WireException {
    List<Capability> first = OPEN.capabilities();
    List<Capability> all = new ArrayList<>(first);
    all.add(
        new Capability.AddPath(List.of(new Capability.Paths(AfiSafi.IPV4_UNICAST, true, true))));
    Open open = new Open(64601, 90, 0x0a000002, all);
    ByteBuf out = Unpooled.buffer();
    BmpEncoder.peerUp(V4, 1, IpAddress.parse("192.0.2.2"), 179, 2, open, open, out);
    String body = "0200000013" + "50010001" + "00" + "400204" + "0201fde9" + "400304c0000201"
        + "00000007180a0200";
    String message = "ff".repeat(16) + "0032" + body;
    BmpEncoder.received(V4, 1, Octets.of(HexFormat.of().parseHex(message)), false, out);
    Nlri.Builder one = new Nlri.Builder(Family.IPV4);
    Prefix prefix = Prefix.parse("10.3.0.0/16");
    one.add(9, prefix.address().high(), prefix.address().low(), 16);
    Update anew = Update.announce(ATTRIBUTES, one.build());
    BmpEncoder.routes(V4, 1, anew, List.of(AfiSafi.IPV4_UNICAST), out);
    Station station = new Station();
    assertEquals(
        List.of(
            "up 192.0.2.1 AS 100000 192.0.2.2 11730946 OpenOpen",
            "routes 192.0.2.1 AS 100000 + 10.2.0.0/24 [65001] path 7",
            "routes 192.0.2.1 AS 100000 + 10.3.0.0/16 [100000 65002] path 9"),
        station.read(out));
    assertEquals(message, station.updates.getFirst());
  }

  @Test
  void anUpdateThatNeedsSeveralMessagesIsSeveralHereToo() throws WireException {
    List<Prefix> prefixes = IntStream.range(0, 3000)
        .mapToObj(i -> new Prefix(IpAddress.v4(0x0a000000 + (i << 8)), 24))
        .toList();
    ByteBuf out = Unpooled.buffer();
    BmpEncoder.peerUp(V4, 1, IpAddress.parse("192.0.2.2"), 179, 2, OPEN, OPEN, out);
    Update all = Update.announce(ATTRIBUTES, Nlri.of(Family.IPV4, prefixes));
    BmpEncoder.routes(V4, 1, all, List.of(), out);
    List<String> lines = new Station().read(out);
    assertTrue(lines.size() > 2, () -> lines.size() + " messages");
    assertEquals(3000, lines.stream().mapToInt(l -> l.split("\\+").length - 1).sum());
  }
}
