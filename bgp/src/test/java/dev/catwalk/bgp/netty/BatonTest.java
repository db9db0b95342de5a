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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Two threads and one speaker. */
class BatonTest {
  private static final long AS = 65000;
  private static final int MANY = 6_000;
  private static final IpAddress OURS = IpAddress.parse("127.0.0.2");
  private static final PathAttributes.Builder PATH = PathAttributes.builder(
          Origin.IGP, AsPath.sequence(65009), IpAddress.parse("192.0.2.1"))
      .localPref(100);

  private final AtomicInteger turns = new AtomicInteger();

  @Test
  void itIsLentWhileItsOwnerSleepsAndOnlyThen() {
    Baton baton = new Baton(Thread.currentThread(), () -> turns.incrementAndGet() < 0);
    baton.take();
    assertFalse(elsewhere(() -> baton.lend(Runnable::run)), "its owner is awake");
    baton.sleep(() -> assertTrue(elsewhere(() -> baton.lend(Runnable::run))));
    assertFalse(elsewhere(() -> baton.lend(Runnable::run)), "its owner is awake again");
    assertEquals(1, turns.get());
    baton.drop();
  }

  @Test
  void itsOwnerIsWokenForTheRestEvenBeforeItSleeps() {
    Baton baton = new Baton(Thread.currentThread(), () -> turns.incrementAndGet() > 0);
    baton.take();
    long begun = System.nanoTime();
    baton.sleep(() -> {
      assertTrue(elsewhere(() -> baton.lend(Runnable::run)));
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
          assertTrue(elsewhere(() -> baton.lend(Runnable::run)));
          assertTrue(elsewhere(() -> baton.lend(Runnable::run)));
        }));
    assertSame(ours, told.getCause());
    assertEquals(1, turns.get(), "nothing is done with a speaker that has failed");
    baton.drop();
  }

  @Test
  void aTurnComesBehindAllThatItsOwnerHasAskedForBefore() {
    ConcurrentLinkedQueue<Runnable> transport = new ConcurrentLinkedQueue<>();
    Baton baton = new Baton(Thread.currentThread(), () -> turns.incrementAndGet() < 0);
    baton.take();
    transport.add(() -> assertEquals(0, turns.get(), "what was said before is not out yet"));
    baton.sleep(() -> assertTrue(elsewhere(() -> {
      assertTrue(baton.lend(transport::add));
      assertEquals(0, turns.get());
      transport.forEach(Runnable::run);
      return turns.get() == 1;
    })));
    baton.drop();
  }

  @Test
  void whereTheTransportHasEndedItsOwnerHasItBack() {
    Baton baton = new Baton(Thread.currentThread(), () -> turns.incrementAndGet() < 0);
    baton.take();
    baton.sleep(() -> assertFalse(elsewhere(() -> baton.lend(task -> {
      throw new RejectedExecutionException();
    }))));
    baton.drop();
    assertEquals(0, turns.get());
  }

  /** Both threads speak to the same peer: it never hears an older path after a newer one. */
  @Test
  void whatIsSaidStaysInOrder() throws Exception {
    BgpService service = BgpService.start(config());
    InetSocketAddress place = new InetSocketAddress(OURS.toString(), service.port());
    try (PlainPeer teller = new PlainPeer(AS, place);
        PlainPeer hearer = new PlainPeer(AS, InetAddress.getByName("127.0.0.3"), place)) {
      Prefix prefix = Prefix.parse("203.0.113.0/24");
      CompletableFuture<Void> told = CompletableFuture.runAsync(() -> {
        try {
          for (int med = 1; med <= MANY; med++) {
            teller.announce(PATH.med(med).build(), Nlri.of(prefix));
            if (med % 7 == 0) {
              LockSupport.parkNanos(med % 5 * 20_000L); // so that now the one is awake, now not
            }
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
      long[] heard = new long[1];
      hearer.readUntil(() -> {
        long now = hearer.table.getOrDefault(prefix, 0L);
        assertTrue(now >= heard[0], () -> now + " after " + heard[0]);
        heard[0] = now;
        return now == MANY;
      });
      told.get(30, TimeUnit.SECONDS);
    } finally {
      service.stop(StopMode.STOP);
    }
  }

  private static SpeakerConfig config() {
    return new SpeakerConfig(
        AS,
        OURS,
        List.of(new SpeakerConfig.ListenAddress(OURS, 0)),
        SpeakerConfig.Multipath.OFF,
        List.of(),
        List.of(new DynamicPeers(
            Prefix.parse("127.0.0.0/8"),
            DynamicPeers.ANY_AS,
            new SessionConfig(90, 0, true, true, List.of(Family.IPV4)))));
  }

  /** Bursts of every size between alone and many: none waits for the one after it. */
  @Test
  void whateverComesIsWorkedOffOnOneThreadOrTheOther() throws Exception {
    Set<Prefix> selected = new ConcurrentSkipListSet<>();
    Set<String> threads = new ConcurrentSkipListSet<>();
    BgpService service = BgpService.start(
        config(),
        changes -> changes.forEach(change -> {
          selected.add(change.prefix());
          threads.add(Thread.currentThread().getName().replaceAll("-[0-9].*", ""));
        }));
    InetSocketAddress place = new InetSocketAddress(OURS.toString(), service.port());
    try (PlainPeer peer = new PlainPeer(AS, place)) {
      int sent = 0;
      for (int burst = 1; burst <= 3 * Mailbox.MANY; burst++) {
        for (int i = 0; i < burst; i++) {
          peer.announce(
              PATH.build(), Nlri.of(new Prefix(IpAddress.v4(0x64000000 + (sent++ << 8)), 24)));
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
