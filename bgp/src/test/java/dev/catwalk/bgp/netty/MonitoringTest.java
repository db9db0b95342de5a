package dev.catwalk.bgp.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.bmp.BmpStation;
import dev.catwalk.bgp.bmp.Station;
import dev.catwalk.bgp.policy.RouteRules;
import dev.catwalk.bgp.speaker.DynamicPeers;
import dev.catwalk.bgp.speaker.Extensions;
import dev.catwalk.bgp.speaker.GracefulRestart;
import dev.catwalk.bgp.speaker.PeerView;
import dev.catwalk.bgp.speaker.SessionConfig;
import dev.catwalk.bgp.speaker.SpeakerConfig;
import dev.catwalk.bgp.speaker.SpeakerConfig.ListenAddress;
import dev.catwalk.bgp.speaker.SpeakerConfig.Multipath;
import dev.catwalk.bgp.speaker.StopMode;
import dev.catwalk.bgp.speaker.TcpOptions;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.Fault;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PathAttributes;
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
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A speaker with one peer, played by hand, that a station watches. */
class MonitoringTest {
  /** With several paths of a prefix, so that there are path identifiers. */
  private static final SessionConfig SESSION = new SessionConfig(
      90,
      SessionConfig.THIRD_OF_HOLD,
      true,
      false,
      List.of(Family.IPV4),
      GracefulRestart.OFF,
      Optional.empty(),
      new Extensions(
          true, true, false, new Extensions.AddPath(true, 0), 0, Optional.empty(), false),
      TcpOptions.STANDARD,
      RouteRules.STANDARD);

  /** ORIGIN with a length of two octets, as nobody has it who need not. */
  private static final String ODD = "ff".repeat(16) + "0034" + "0200000015" + "50010001" + "00"
      + "400206" + "02010000fdea" + "400304c0000201" + "00000007180a0900";

  private final Station reader = new Station();
  private static final PathAttributes ATTRIBUTES = PathAttributes.builder(
          Origin.IGP, AsPath.sequence(65002), IpAddress.parse("192.0.2.1"))
      .build();

  private ServerSocket station;
  private BgpService hub;
  private PlainPeer peer;
  private int port;

  @BeforeEach
  void start() throws IOException, WireException {
    station = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    station.setSoTimeout(20_000);
    try (ServerSocket any = new ServerSocket(0)) {
      port = any.getLocalPort();
    }
    IpAddress own = IpAddress.parse("127.0.0.1");
    hub = BgpService.start(new SpeakerConfig(
        65001,
        IpAddress.parse("10.0.0.1"),
        List.of(new ListenAddress(own, port)),
        Multipath.OFF,
        List.of(),
        List.of(new DynamicPeers(Prefix.parse("127.0.0.0/8"), DynamicPeers.ANY_AS, SESSION))));
    Capability.Paths paths = new Capability.Paths(AfiSafi.IPV4_UNICAST, false, true);
    peer = new PlainPeer(
        65002,
        new Capability.AddPath(List.of(paths)),
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    peer.announce(ATTRIBUTES, prefixes(0, 3));
    within(() -> received() == 3, "routes of the peer");
  }

  @AfterEach
  void stop() throws IOException {
    peer.close();
    hub.stop(StopMode.STOP);
    station.close();
  }

  private int received() {
    return hub.peers().stream().mapToInt(PeerView::prefixesReceived).sum();
  }

  private static Nlri prefixes(int from, int to) {
    return Nlri.of(
        Family.IPV4,
        IntStream.range(from, to)
            .mapToObj(i -> new Prefix(IpAddress.v4(0x0a000000 + (i << 8)), 24))
            .toList());
  }

  private static void within(BooleanSupplier condition, String what) {
    long end = System.nanoTime() + 20_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, () -> "in vain: " + what);
      java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
    }
  }

  /** What a station hears until a line is what is waited for. */
  private List<String> hear(Socket from, ByteBuf rest, String last)
      throws IOException, WireException {
    from.setSoTimeout(20_000);
    List<String> lines = new ArrayList<>();
    byte[] octets = new byte[8192];
    while (lines.stream().noneMatch(l -> l.contains(last))) {
      int count = from.getInputStream().read(octets);
      assertTrue(count > 0, () -> "hung up after " + lines);
      rest.writeBytes(octets, 0, count);
      lines.addAll(reader.read(rest));
    }
    return lines;
  }

  private BmpStation here() {
    return new BmpStation(IpAddress.parse("127.0.0.1"), station.getLocalPort());
  }

  @Test
  void aStationHearsWhatIsThereAndThenWhatHappens() throws IOException, WireException {
    hub.monitor(List.of(here()));
    try (Socket seen = station.accept()) {
      ByteBuf rest = Unpooled.buffer();
      List<String> lines = hear(seen, rest, "routes loc-rib 0.0.0.0 AS 65001 end of ipv6-unicast");
      assertTrue(lines.getFirst().startsWith("initiation 1=Catwalk"), lines::toString);
      String up = "up 127.0.0.1 AS 65002 127.0.0.1 " + (port << 16 | peer.port()) + " OpenOpen";
      assertTrue(lines.contains(up), () -> up + lines);
      assertTrue(lines.stream().anyMatch(l -> l.startsWith("up loc-rib") && l.endsWith("global")));
      assertEquals(
          3,
          lines.stream()
              .filter(l -> l.startsWith("routes 127.0.0.1 AS 65002 + 10."))
              .count(),
          lines::toString);
      assertEquals(
          3,
          lines.stream()
              .filter(l -> l.startsWith("routes loc-rib") && l.contains("+"))
              .count());
      assertTrue(lines.contains("routes 127.0.0.1 AS 65002 end of ipv4-unicast"), lines::toString);
      assertTrue(reader.times.stream().allMatch(t -> t == 0), "what was there before has no time");
      int before = reader.times.size();
      peer.send(Update.withdraw(prefixes(2, 3)));
      List<String> then = hear(seen, rest, "routes loc-rib 0.0.0.0 AS 65001 - 10.0.2.0/24");
      assertTrue(then.contains("routes 127.0.0.1 AS 65002 - 10.0.2.0/24"), then::toString);
      assertTrue(
          reader.times.subList(before, before + 2).stream().allMatch(t -> t > 1_700_000_000));
      peer.send(ODD);
      hear(seen, rest, "+ 10.9.0.0/24 [65002] path 7");
      assertTrue(reader.updates.contains(ODD), "as it came: " + reader.updates);
      peer.send(Notification.of(Fault.ADMINISTRATIVE_SHUTDOWN));
      hear(seen, rest, "down 127.0.0.1 AS 65002 3 ");
      hub.monitor(List.of());
      hear(seen, rest, "termination");
    }
  }

  /** Its memory has a limit, the peers' sessions and routes do not wait for it. */
  @Test
  void aStationThatDoesNotReadIsHungUpOnAndCostsTheOthersNothing() throws IOException {
    hub.monitor(List.of(here()));
    try (Socket deaf = station.accept()) {
      deaf.setSoTimeout(20_000);
      assertEquals(3, deaf.getInputStream().read()); // the version; nothing after it
      String since = hub.peers().getFirst().since().toString();
      for (int round = 0; round < 40; round++) {
        peer.announce(ATTRIBUTES, prefixes(3, 6_000));
        within(() -> received() == 6_000, "a table");
        peer.send(Update.withdraw(prefixes(3, 6_000)));
        within(() -> received() == 3, "its end");
      }
      peer.announce(ATTRIBUTES, prefixes(7_000, 7_001));
      within(() -> received() == 4, "all that the peer says");
      PeerView view = hub.peers().getFirst();
      assertEquals(PeerView.ESTABLISHED, view.state());
      assertEquals(since, view.since().toString());
      try (Socket again = station.accept()) { // it was hung up on, and is called again
        assertEquals(3, again.getInputStream().read());
      }
    }
  }
}
