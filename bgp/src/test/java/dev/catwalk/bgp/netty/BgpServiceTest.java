package dev.catwalk.bgp.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.policy.RouteRules;
import dev.catwalk.bgp.rib.Path;
import dev.catwalk.bgp.rib.RouteListener;
import dev.catwalk.bgp.speaker.Extensions;
import dev.catwalk.bgp.speaker.GracefulRestart;
import dev.catwalk.bgp.speaker.Origination;
import dev.catwalk.bgp.speaker.PeerConfig;
import dev.catwalk.bgp.speaker.PeerView;
import dev.catwalk.bgp.speaker.SessionConfig;
import dev.catwalk.bgp.speaker.SpeakerConfig;
import dev.catwalk.bgp.speaker.SpeakerConfig.ListenAddress;
import dev.catwalk.bgp.speaker.SpeakerConfig.Multipath;
import dev.catwalk.bgp.speaker.StopMode;
import dev.catwalk.bgp.speaker.TcpOptions;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.bgp.wire.RouteRefresh;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.bgp.wire.WireException;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A speaker on the loopback and a peer that is played by hand. */
class BgpServiceTest {
  private static final IpAddress OURS = IpAddress.parse("127.0.0.2");
  private static final IpAddress PEER = IpAddress.parse("127.0.0.1");
  private static final int MANY = 30_000;

  private final ConcurrentSkipListMap<Prefix, List<Path>> selected = new ConcurrentSkipListMap<>();
  private InetSocketAddress place;
  private BgpService service;

  @BeforeEach
  void start() throws IOException {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getByAddress(OURS.toBytes()))) {
      place = new InetSocketAddress(probe.getInetAddress(), probe.getLocalPort());
    }
    service = BgpService.start(config(65002), this::changed);
  }

  @AfterEach
  void stop() {
    service.stop(StopMode.STOP);
  }

  private void changed(List<RouteListener.RouteChange> changes) {
    for (RouteListener.RouteChange change : changes) {
      if (change.paths().isEmpty()) {
        selected.remove(change.prefix());
      } else {
        selected.put(change.prefix(), change.paths());
      }
    }
  }

  private SpeakerConfig config(long as) {
    return config(as, TcpOptions.STANDARD);
  }

  private SpeakerConfig config(long as, TcpOptions tcp) {
    SessionConfig session = new SessionConfig(
        90,
        0,
        true,
        false,
        List.of(Family.IPV4),
        GracefulRestart.OFF,
        Optional.empty(),
        Extensions.STANDARD,
        tcp,
        RouteRules.STANDARD);
    return new SpeakerConfig(
        as,
        OURS,
        List.of(new ListenAddress(OURS, place.getPort())),
        Multipath.OFF,
        List.of(new PeerConfig("peer", PEER, PeerConfig.PORT, 65001, session)),
        List.of());
  }

  private static TreeMap<Prefix, Origination> routes(int from, int count, int shift) {
    TreeMap<Prefix, Origination> routes = new TreeMap<>();
    for (int i = from; i < from + count; i++) {
      routes.put(prefix(i), new Origination((i + shift) % 50 + 1));
    }
    return routes;
  }

  private static TreeMap<Prefix, Long> meds(TreeMap<Prefix, Origination> routes) {
    TreeMap<Prefix, Long> meds = new TreeMap<>();
    routes.forEach((prefix, origination) -> meds.put(prefix, origination.med()));
    return meds;
  }

  private static Prefix prefix(int i) {
    return new Prefix(IpAddress.v4(0x64000000 + (i << 8)), 24);
  }

  private void within(long seconds, BooleanSupplier condition, String what) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, () -> "in vain: " + what + "; " + service.peers());
      try {
        TimeUnit.MILLISECONDS.sleep(5);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Test
  void whoLeavesWithdrawsEverythingAndSaysWhenThatIsDone() throws Exception {
    try (PlainPeer peer = new PlainPeer(65001, place)) {
      service.originate(routes(0, 10, 0));
      peer.readUntil(() -> peer.table.size() == 10);
      CompletableFuture<Void> gone = service.drain(Duration.ofMillis(300));
      peer.readUntil(peer.table::isEmpty);
      gone.get(30, TimeUnit.SECONDS);
      assertEquals("established", service.peers().getFirst().state());
      assertTrue(service.peers().getFirst().messages().sent().get("update") >= 3);
    }
  }

  @Test
  void aPeerThatDoesNotReadHearsTheNewestStateInTheEndAndHoldsUpNobody()
      throws IOException, WireException {
    try (PlainPeer peer = new PlainPeer(65001, place)) {
      peer.readUntil(() -> peer.endsOfRib == 1);
      for (int round = 0; round < 10; round++) { // ten times more than any buffer holds
        service.originate(routes(round * 100, MANY, round));
        within(30, () -> selected.size() == MANY, "decided");
        assertEquals(1, service.peers().size());
      }
      Prefix last = prefix(MANY + 900 - 1);
      within(30, () -> selected.containsKey(last), "decided");
      peer.readUntil(() -> peer.table.size() == MANY
          && peer.table.containsKey(last)
          && peer.table.equals(meds(routes(900, MANY, 9))));
      assertEquals(MANY, service.peers().getFirst().prefixesSent());
      peer.send(RouteRefresh.of(AfiSafi.IPV4_UNICAST));
      peer.table.clear();
      peer.readUntil(() -> peer.table.size() == MANY);
    }
  }

  /** RFC 9687: its window is shut, its buffer here is nearly empty, and it says that it lives. */
  @Test
  void aPeerThatTakesNothingIsGivenUpHoweverLittleThereIsForIt() throws Exception {
    service.reconfigure(config(65002, new TcpOptions(Optional.empty(), 0, 0, 1, 1)));
    try (PlainPeer peer = new PlainPeer(65001, place)) {
      peer.readUntil(() -> peer.endsOfRib == 1);
      service.originate(routes(0, 2_000, 0)); // 8 KiB, and 4 that its socket holds
      within(
          30,
          () -> service.peers().getFirst().lastError().startsWith("send hold timer expired"),
          "given up");
      assertTrue(service.peers().getFirst().hint().contains("reads nothing"));
    }
  }

  @Test
  void whatAPeerSendsArrivesAndGoesWithIt() throws IOException, WireException {
    PathAttributes.Builder attributes = PathAttributes.builder(
        Origin.IGP, AsPath.sequence(65001, 65009), IpAddress.parse("192.0.2.9"));
    try (PlainPeer peer = new PlainPeer(65001, place)) {
      for (int i = 0; i < MANY; i++) { // more messages than may wait for the speaker
        peer.announce(attributes.med(i % 7).build(), Nlri.of(prefix(i)));
      }
      within(60, () -> selected.size() == MANY, "all have come");
      peer.send(Update.withdraw(Nlri.of(prefix(0))));
      within(10, () -> selected.size() == MANY - 1, "one is withdrawn");
      PeerView view = service.peers().getFirst();
      assertEquals("established", view.state());
      assertEquals(MANY - 1, view.prefixesReceived());
      assertEquals(
          "65001 65009",
          service
              .inquiry()
              .routes(Optional.of(prefix(1)))
              .getFirst()
              .paths()
              .getFirst()
              .asPath());
    }
    within(10, selected::isEmpty, "gone with the connection");
  }

  @Test
  void aNewConfigurationTakesEffectAndAnotherPlaceToListenIsRefused()
      throws IOException, WireException {
    service.originate(routes(0, 5, 0));
    try (PlainPeer peer = new PlainPeer(65001, place)) {
      peer.readUntil(() -> peer.endsOfRib == 1);
      assertEquals(65002, peer.neighbourAs);
      service.reconfigure(config(65009));
      peer.readUntil(() -> peer.last != null);
      assertEquals("6/6 configuration change", peer.last.text());
    }
    try (PlainPeer peer = new PlainPeer(65001, place)) {
      peer.readUntil(() -> peer.table.size() == 5);
      assertEquals(65009, peer.neighbourAs);
    }
    SpeakerConfig elsewhere =
        new SpeakerConfig(65002, OURS, List.of(), Multipath.OFF, List.of(), List.of());
    assertThrows(IllegalArgumentException.class, () -> service.reconfigure(elsewhere));
  }

  @Test
  void stopSaysCeaseAndNothingIsAnsweredAfterIt() throws IOException, WireException {
    try (PlainPeer peer = new PlainPeer(65001, place)) {
      peer.readUntil(() -> peer.endsOfRib == 1);
      Thread.ofVirtual().start(() -> service.stop(StopMode.STOP));
      peer.readUntil(() -> peer.last != null);
      assertEquals("6/2 administrative shutdown", peer.last.text());
    }
    service.ended().join();
    assertThrows(IllegalStateException.class, service::peers);
  }

  @Test
  void aTakenAddressIsSaidAtOnce() {
    IOException refused = assertThrows(IOException.class, () -> BgpService.start(config(65002)));
    assertTrue(
        refused
            .getMessage()
            .startsWith("cannot listen for BGP on 127.0.0.2 port " + place.getPort()),
        refused.getMessage());
  }
}
