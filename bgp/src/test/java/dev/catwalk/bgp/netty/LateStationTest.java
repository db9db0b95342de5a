package dev.catwalk.bgp.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.bmp.BmpStation;
import dev.catwalk.bgp.bmp.Station;
import dev.catwalk.bgp.policy.FilterRule;
import dev.catwalk.bgp.policy.RouteFilter;
import dev.catwalk.bgp.policy.RouteRules;
import dev.catwalk.bgp.speaker.DynamicPeers;
import dev.catwalk.bgp.speaker.SessionConfig;
import dev.catwalk.bgp.speaker.SpeakerConfig;
import dev.catwalk.bgp.speaker.SpeakerConfig.ListenAddress;
import dev.catwalk.bgp.speaker.SpeakerConfig.Multipath;
import dev.catwalk.bgp.speaker.StopMode;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.RouteRefresh;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.bgp.wire.WireException;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A station comes when a peer has told all, to a speaker whose filter changes what comes in. */
class LateStationTest {
  private static final AfiSafi IPV4 = AfiSafi.IPV4_UNICAST;

  /** 10.9.0.0/24 with an ORIGIN of two octets of length, as nobody has it who need not. */
  private static final String ODD = "ff".repeat(16) + "0030" + "0200000015" + "50010001" + "00"
      + "400206" + "02010000fdea" + "400304c0000201" + "180a0900";

  private final Station reader = new Station();
  private final List<String> lines = new ArrayList<>();
  private ServerSocket station;
  private BgpService hub;
  private int port;
  private PlainPeer peer;

  @BeforeEach
  void start() throws IOException {
    station = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    station.setSoTimeout(20_000);
    try (ServerSocket any = new ServerSocket(0)) {
      port = any.getLocalPort();
    }
    FilterRule marks = new FilterRule(
        true,
        Optional.empty(),
        false,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        OptionalLong.empty(),
        List.of(new FilterRule.PrependAsPath(List.of(65009L))));
    RouteRules.Imports imports = new RouteRules.Imports(
        0, false, Optional.empty(), new RouteFilter(List.of(marks), List.of()));
    SessionConfig session = new SessionConfig(
            90, SessionConfig.THIRD_OF_HOLD, true, false, List.of(Family.IPV4))
        .with(new RouteRules(0, imports, RouteRules.Exports.STANDARD));
    hub = BgpService.start(new SpeakerConfig(
        65001,
        IpAddress.parse("10.0.0.1"),
        List.of(new ListenAddress(IpAddress.parse("127.0.0.1"), port)),
        Multipath.OFF,
        List.of(),
        List.of(new DynamicPeers(Prefix.parse("127.0.0.0/8"), DynamicPeers.ANY_AS, session))));
  }

  @AfterEach
  void stop() throws IOException {
    peer.close();
    hub.stop(StopMode.STOP);
    station.close();
  }

  private void peer(Capability... offered) throws IOException, WireException {
    List<Capability> all = new ArrayList<>(List.of(offered));
    all.add(new Capability.Multiprotocol(IPV4));
    all.add(new Capability.FourByteAs(65002));
    peer = new PlainPeer(
        new Open(65002, 90, 7, all), new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    peer.send(ODD);
    long end = System.nanoTime() + 20_000_000_000L;
    while (hub.peers().getFirst().prefixesReceived() != 1) {
      assertTrue(System.nanoTime() < end, "the route of the peer");
      LockSupport.parkNanos(5_000_000);
    }
    hub.monitor(List.of(new BmpStation(IpAddress.parse("127.0.0.1"), station.getLocalPort())));
  }

  private void hear(Socket from, ByteBuf rest, String last) throws IOException, WireException {
    from.setSoTimeout(20_000);
    byte[] octets = new byte[8192];
    while (!lines.contains(last)) {
      int count = from.getInputStream().read(octets);
      assertTrue(count > 0, () -> "hung up after " + lines);
      rest.writeBytes(octets, 0, count);
      lines.addAll(reader.read(rest));
    }
  }

  private List<String> ofPeer() {
    return lines.stream()
        .filter(l -> l.startsWith("routes") && !l.contains("loc-rib"))
        .toList();
  }

  @Test
  void aPeerThatCanIsAskedAgainAndHeardToTheOctet() throws IOException, WireException {
    peer(new Capability.Refresh(), new Capability.EnhancedRefresh());
    try (Socket seen = station.accept()) {
      ByteBuf rest = Unpooled.buffer();
      hear(seen, rest, "routes loc-rib 0.0.0.0 AS 65001 end of ipv6-unicast");
      assertEquals(List.of(), ofPeer(), "not as the filter has it, and no end of it");
      assertTrue(
          lines.contains("routes loc-rib 0.0.0.0 AS 65001 + 10.9.0.0/24 [65009 65002]"),
          lines::toString);
      peer.readUntil(() -> peer.asked == 1);
      peer.send(new RouteRefresh(IPV4, RouteRefresh.BEGIN));
      peer.send(ODD);
      peer.send(new RouteRefresh(IPV4, RouteRefresh.END));
      hear(seen, rest, "routes 127.0.0.1 AS 65002 end of ipv4-unicast");
      assertEquals(
          List.of(
              "routes 127.0.0.1 AS 65002 + 10.9.0.0/24 [65002]",
              "routes 127.0.0.1 AS 65002 end of ipv4-unicast"),
          ofPeer());
      assertTrue(reader.updates.contains(ODD), "as it came");
    }
  }

  @Test
  void ofAPeerThatCannotWhatTheFilterLeavesIsToldBesideItsUpdates()
      throws IOException, WireException {
    peer();
    try (Socket seen = station.accept()) {
      ByteBuf rest = Unpooled.buffer();
      hear(seen, rest, "routes after policy 127.0.0.1 AS 65002 end of ipv4-unicast");
      peer.send(Update.withdraw(Nlri.of(Prefix.parse("10.9.0.0/24"))));
      hear(seen, rest, "routes after policy 127.0.0.1 AS 65002 - 10.9.0.0/24");
      peer.send(ODD.replace("180a0900", "180a0901"));
      hear(seen, rest, "routes after policy 127.0.0.1 AS 65002 + 10.9.1.0/24 [65009 65002]");
      assertEquals(
          List.of(
              "routes after policy 127.0.0.1 AS 65002 + 10.9.0.0/24 [65009 65002]",
              "routes after policy 127.0.0.1 AS 65002 end of ipv4-unicast",
              "routes 127.0.0.1 AS 65002 - 10.9.0.0/24",
              "routes after policy 127.0.0.1 AS 65002 - 10.9.0.0/24",
              "routes 127.0.0.1 AS 65002 + 10.9.1.0/24 [65002]",
              "routes after policy 127.0.0.1 AS 65002 + 10.9.1.0/24 [65009 65002]"),
          ofPeer());
    }
  }
}
