package dev.catwalk.bgp.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.speaker.DynamicPeers;
import dev.catwalk.bgp.speaker.SessionConfig;
import dev.catwalk.bgp.speaker.SpeakerConfig;
import dev.catwalk.bgp.speaker.StopMode;
import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Two threads and one speaker. */
class BatonTest {
  private final AtomicInteger turns = new AtomicInteger();

  @Test
  void itIsLentWhileItsOwnerSleepsAndOnlyThen() {
    Baton baton = new Baton(Thread.currentThread(), () -> turns.incrementAndGet() < 0);
    baton.take();
    assertFalse(elsewhere(baton::lend), "its owner is awake");
    baton.sleep(() -> assertTrue(elsewhere(baton::lend)));
    assertFalse(elsewhere(baton::lend), "its owner is awake again");
    assertEquals(1, turns.get());
    baton.drop();
  }

  @Test
  void itsOwnerIsWokenForTheRestEvenBeforeItSleeps() {
    Baton baton = new Baton(Thread.currentThread(), () -> turns.incrementAndGet() > 0);
    baton.take();
    long begun = System.nanoTime();
    baton.sleep(() -> {
      assertTrue(elsewhere(baton::lend));
      LockSupport.parkNanos(this, TimeUnit.SECONDS.toNanos(60)); // returns at once
    });
    assertTrue(System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(30), "it was not woken");
    assertEquals(1, turns.get());
    baton.drop();
  }

  @Test
  void aFaultOnTheOtherThreadIsItsOwners() {
    RuntimeException ours = new IllegalStateException("ours");
    Baton baton = new Baton(Thread.currentThread(), () -> {
      turns.incrementAndGet();
      throw ours;
    });
    baton.take();
    Throwable told = assertThrows(
        IllegalStateException.class,
        () -> baton.sleep(() -> {
          assertTrue(elsewhere(baton::lend));
          assertTrue(elsewhere(baton::lend));
        }));
    assertSame(ours, told.getCause());
    assertEquals(1, turns.get(), "nothing is done with a speaker that has failed");
    baton.drop();
  }

  /** Bursts of every size between alone and many: none waits for the one after it. */
  @Test
  void whateverComesIsWorkedOffOnOneThreadOrTheOther() throws Exception {
    IpAddress ours = IpAddress.parse("127.0.0.2");
    Set<Prefix> selected = new ConcurrentSkipListSet<>();
    Set<String> threads = new ConcurrentSkipListSet<>();
    SpeakerConfig config = new SpeakerConfig(
        65000,
        ours,
        List.of(new SpeakerConfig.ListenAddress(ours, 0)),
        SpeakerConfig.Multipath.OFF,
        List.of(),
        List.of(new DynamicPeers(
            Prefix.parse("127.0.0.0/8"),
            DynamicPeers.ANY_AS,
            new SessionConfig(90, 0, true, false, List.of(Family.IPV4)))));
    BgpService service = BgpService.start(
        config,
        changes -> changes.forEach(change -> {
          selected.add(change.prefix());
          threads.add(Thread.currentThread().getName().replaceAll("-[0-9].*", ""));
        }));
    PathAttributes path = PathAttributes.builder(
            Origin.IGP, AsPath.sequence(65001), IpAddress.parse("192.0.2.1"))
        .build();
    InetSocketAddress place = new InetSocketAddress(ours.toString(), service.port());
    try (PlainPeer peer = new PlainPeer(65001, place)) {
      int sent = 0;
      for (int burst = 1; burst <= 3 * Mailbox.MANY; burst++) {
        for (int i = 0; i < burst; i++) {
          peer.announce(path, Nlri.of(new Prefix(IpAddress.v4(0x64000000 + (sent++ << 8)), 24)));
        }
        int all = sent;
        within(() -> selected.size() == all);
      }
    } finally {
      service.stop(StopMode.STOP);
    }
    assertEquals(Set.of("bgp-io", "bgp-speaker"), threads);
  }

  private static boolean elsewhere(BooleanSupplier task) {
    AtomicReference<Boolean> answer = new AtomicReference<>();
    Thread other = Thread.ofPlatform().start(() -> answer.set(task.getAsBoolean()));
    try {
      other.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return answer.get();
  }

  private static void within(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "in vain");
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }
}
