package dev.catwalk.bgp.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.speaker.DynamicPeers;
import dev.catwalk.bgp.speaker.PeerView;
import dev.catwalk.bgp.speaker.SessionConfig;
import dev.catwalk.bgp.speaker.SpeakerConfig;
import dev.catwalk.bgp.speaker.SpeakerConfig.ListenAddress;
import dev.catwalk.bgp.speaker.SpeakerConfig.Multipath;
import dev.catwalk.bgp.speaker.StopMode;
import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.Keepalive;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** A speaker that is at work for longer than the hold time: who has spoken meanwhile is not late. */
class BusySpeakerTest {
  private static final int HOLD_TIME = 3;
  private static final int BACKLOG = 3_000;

  @Test
  void aWordBehindABacklogOfOthersIsHeardBeforeTheHoldTimerIsJudged() throws Exception {
    IpAddress ours = IpAddress.parse("127.0.0.2");
    InetSocketAddress place;
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getByAddress(ours.toBytes()))) {
      place = new InetSocketAddress(probe.getInetAddress(), probe.getLocalPort());
    }
    CountDownLatch busy = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    SpeakerConfig config = new SpeakerConfig(
        65000,
        ours,
        List.of(new ListenAddress(ours, place.getPort())),
        Multipath.OFF,
        List.of(),
        List.of(new DynamicPeers(
            Prefix.parse("127.0.0.0/8"),
            DynamicPeers.ANY_AS,
            new SessionConfig(HOLD_TIME, 0, true, false, List.of(Family.IPV4)))));
    BgpService service = BgpService.start(config, changes -> {
      busy.countDown();
      try {
        assertTrue(done.await(60, TimeUnit.SECONDS));
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    });
    try (PlainPeer talker = new PlainPeer(65001, InetAddress.getByName("127.0.0.3"), place);
        PlainPeer quiet = new PlainPeer(65002, InetAddress.getByName("127.0.0.4"), place)) {
      within(() -> service.peers().size() == 2);
      talker.announce(path(), prefix(0));
      assertTrue(busy.await(30, TimeUnit.SECONDS));
      for (int i = 1; i <= BACKLOG; i++) {
        talker.announce(path(), prefix(i));
      }
      for (int i = 0; i < 2 * HOLD_TIME + 3; i++) {
        quiet.send(new Keepalive());
        TimeUnit.MILLISECONDS.sleep(500); // the time that passes is what is tested
      }
      done.countDown();
      within(() -> service.peers().getFirst().prefixesReceived() == BACKLOG + 1);
      quiet.send(new Keepalive());
      for (PeerView peer : service.peers()) {
        assertEquals("established", peer.state(), peer::toString);
        assertEquals("", peer.lastError());
      }
      assertEquals(2, service.peers().size());
    } finally {
      done.countDown();
      service.stop(StopMode.STOP);
    }
  }

  private static PathAttributes path() {
    return PathAttributes.builder(Origin.IGP, AsPath.sequence(65001), IpAddress.parse("192.0.2.1"))
        .build();
  }

  private static Nlri prefix(int i) {
    return Nlri.of(new Prefix(IpAddress.v4(0x64000000 + (i << 8)), 24));
  }

  private static void within(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "in vain");
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }
}
