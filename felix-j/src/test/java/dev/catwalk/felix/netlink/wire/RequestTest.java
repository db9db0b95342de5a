package dev.catwalk.felix.netlink.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.MacAddress;
import dev.catwalk.net.addr.Prefix;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RequestTest {
  private static final IpAddress GATEWAY = IpAddress.parse("192.0.2.1");

  static Stream<Route> routes() {
    Prefix v4 = Prefix.parse("10.42.9.0/24");
    Prefix v6 = Prefix.parse("fd00:9::/64");
    IpAddress gateway6 = IpAddress.parse("2001:db8::1");
    NextHop weighted = new NextHop(Optional.of(GATEWAY), 11, 256, true);
    return Stream.of(
        Route.ours(v4, Route.Kind.BLACKHOLE, List.of()),
        Route.ours(v4, Route.Kind.UNICAST, List.of(NextHop.via(GATEWAY))),
        Route.ours(v4, Route.Kind.UNICAST, List.of(NextHop.device(12))),
        Route.ours(v4, Route.Kind.UNICAST, List.of(weighted, NextHop.device(12))),
        Route.ours(Prefix.parse("0.0.0.0/0"), Route.Kind.UNICAST, List.of(NextHop.via(GATEWAY))),
        Route.ours(v6, Route.Kind.BLACKHOLE, List.of()),
        Route.ours(v6, Route.Kind.UNICAST, List.of(NextHop.via(gateway6), NextHop.device(3))),
        Route.ours(v4, Route.Kind.UNICAST, List.of(NextHop.via(IpAddress.parse("fe80::1"), 7))),
        Route.ours(
            v4,
            Route.Kind.UNICAST,
            List.of(NextHop.via(GATEWAY), NextHop.via(IpAddress.parse("fe80::1"), 7))),
        new Route(v4, 6700, 3, Route.Kind.UNREACHABLE, -2, List.of()));
  }

  @ParameterizedTest
  @MethodSource("routes")
  void aRouteIsReadAsItWasWritten(Route route) throws MalformedException {
    for (Request request : List.of(new Request.AddRoute(route), new Request.ReplaceRoute(route))) {
      Inbound read = sent(request);
      assertEquals(route, ((Inbound.RouteIs) read.payload()).route());
      assertEquals(5, read.sequence());
    }
  }

  @Test
  void addressesAndNeighboursAreReadAsTheyWereWritten() throws MalformedException {
    Address address = new Address(4, IpAddress.parse("fd00::2"), 128);
    assertEquals(
        new Inbound.AddressIs(address), sent(new Request.PutAddress(address)).payload());
    Neighbour neighbour = Neighbour.permanent(4, GATEWAY, MacAddress.parse("02:00:00:00:00:01"));
    assertEquals(
        new Inbound.NeighbourIs(neighbour),
        sent(new Request.PutNeighbour(neighbour)).payload());
    assertEquals(
        new Inbound.NeighbourGone(neighbour),
        sent(new Request.DeleteNeighbour(neighbour)).payload());
  }

  static Stream<Arguments> bytes() {
    Route route =
        Route.ours(Prefix.parse("10.42.9.0/24"), Route.Kind.UNICAST, List.of(NextHop.via(GATEWAY)));
    return Stream.of(
        // What "ip route add 10.42.9.0/24 via 192.0.2.1 proto 67" sends, and RTA_TABLE.
        Arguments.of(
            new Request.AddRoute(route),
            "34000000 1800 0506 05000000 00000000 02180000 fe430001 00000000"
                + "08000100 0a2a0900 08000f00 fe000000 08000500 c0000201"),
        Arguments.of(
            new Request.ReplaceRoute(route),
            "34000000 1800 0505 05000000 00000000 02180000 fe430001 00000000"
                + "08000100 0a2a0900 08000f00 fe000000 08000500 c0000201"),
        Arguments.of(
            new Request.DeleteRoute(route),
            "2c000000 1900 0500 05000000 00000000 02180000 fe43ff01 00000000"
                + "08000100 0a2a0900 08000f00 fe000000"),
        // What "ip rule add from 10.42.9.1 lookup 6700001 priority 6700" sends.
        Arguments.of(
            new Request.AddRule(new Rule(Prefix.parse("10.42.9.1/32"), 6_700_001, 6700)),
            "34000000 2000 0506 05000000 00000000 02002000 fc000001 00000000"
                + "08000200 0a2a0901 08000f00 e13b6600 08000600 2c1a0000"),
        Arguments.of(
            new Request.SetLink(11, true, 0, Optional.of("x")),
            "28000000 1000 0500 05000000 00000000 00000000 0b000000 01000000 01000000"
                + "06000300 78000000"),
        Arguments.of(
            new Request.DumpRoutes(Family.IPV6, 67),
            "1c000000 1a00 0503 05000000 00000000 0a000000 00430000 00000000"),
        Arguments.of(new Request.GetGeneration(), "14000000 100a 0500 05000000 00000000 00000000"),
        // What "ipset list -terse" sends.
        Arguments.of(
            new Request.DumpSets(),
            "24000000 0706 0503 05000000 00000000 02000000 05000100 07000000 08000640 00000004"),
        // What "ipset -exist add cw-4p 10.42.0.2,cw1" sends, but for its line number.
        Arguments.of(
            new Request.PutMember("cw-4p", SetMember.parse("hash:net,iface", "10.42.0.2,cw1")),
            "40000000 0906 0500 05000000 00000000 02000000 05000100 07000000"
                + "0a000200 63772d3470000000 18000780 0c000180 08000140 0a2a0002"
                + "08001700 63773100"),
        Arguments.of(
            new Request.DeleteMember("cw-6", SetMember.parse("hash:net", "fd00::/64")),
            "4c000000 0a06 0500 05000000 00000000 0a000000 05000100 07000000"
                + "09000200 63772d3600000000 24000780 18000180"
                + "14000240 fd000000000000000000000000000000 05000300 40000000"),
        Arguments.of(
            new Request.PutMember("cw-4", SetMember.parse("hash:ip,port", "10.42.0.2,sctp:8080")),
            "48000000 0906 0500 05000000 00000000 02000000 05000100 07000000"
                + "09000200 63772d3400000000 20000780 0c000180 08000140 0a2a0002"
                + "06000440 1f900000 05000700 84000000"),
        Arguments.of(
            new Request.CreateVeth(
                11,
                "h",
                MacAddress.parse("02:00:00:00:00:01"),
                1400,
                12,
                "p",
                MacAddress.parse("02:00:00:00:00:02"),
                33),
            "a4000000 1000 0506 05000000 00000000 00000000 0b000000 00000000 00000000"
                + "06000300 68000000 0a000100 02000000 00010000 08000400 78050000"
                + "08001f00 01000000 08002000 01000000"
                + "58001200 08000100 76657468 4c000200 48000100"
                + "00000000 0c000000 00000000 00000000"
                + "06000300 70000000 0a000100 02000000 00020000 08000400 78050000"
                + "08001f00 01000000 08002000 01000000 08001c00 21000000"));
  }

  @ParameterizedTest
  @MethodSource("bytes")
  void isWrittenByteForByte(Request request, String hex) {
    Sink out = new Sink();
    Request.encode(request, 5, true, out);
    assertEquals(hex.replace(" ", ""), HexFormat.of().formatHex(out.toBytes()));
  }

  private static Inbound sent(Request request) throws MalformedException {
    Sink out = new Sink();
    Request.encode(request, 5, true, out);
    ByteBuffer bytes = ByteBuffer.wrap(out.toBytes()).order(ByteOrder.nativeOrder());
    List<Inbound> read = Inbound.decode(bytes);
    assertEquals(1, read.size());
    return read.getFirst();
  }
}
