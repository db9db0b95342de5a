package dev.catwalk.bgp.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Keepalive;
import dev.catwalk.bgp.wire.RouteRefresh;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** How much is worked off before deciding and telling get their turn. */
class MailboxTest {
  private static final int OCTETS = 19;

  private final Mailbox mailbox = new Mailbox();

  private static Connection connection() {
    return new Connection(new EmbeddedChannel(), new AtomicInteger());
  }

  private void say(Connection from, int messages) {
    for (int i = 0; i < messages; i++) {
      mailbox.received(from, new Keepalive(), OCTETS);
    }
  }

  private int drain() {
    long end = System.nanoTime() + TimeUnit.HOURS.toNanos(1);
    return mailbox.drain(
        letter -> {
          if (letter instanceof Mailbox.Received received) {
            mailbox.workedOff(received.connection(), received.message(), received.weight());
          }
        },
        end);
  }

  /** A peer that asks without end for what it is told is read no faster than it may ask. */
  @Test
  void refreshesWeighForAWhile() {
    EmbeddedChannel channel = new EmbeddedChannel();
    Connection asking = new Connection(channel, new AtomicInteger());
    int before = 0;
    while (channel.config().isAutoRead()) {
      mailbox.received(asking, RouteRefresh.of(AfiSafi.IPV4_UNICAST), OCTETS);
      before++;
    }
    assertEquals(64, before);
    assertEquals(64, drain());
    assertFalse(channel.config().isAutoRead(), "they are worked off, and weigh still");
    channel.advanceTimeBy(1, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    assertTrue(channel.config().isAutoRead());
  }

  @Test
  void whatOneSaysIsWorkedOffInBatchesAndWhatSeveralSayAtOnceTogether() {
    Connection a = connection();
    Connection b = connection();
    int many = Mailbox.BATCH + 100;
    say(a, many);
    assertEquals(Mailbox.BATCH, drain());
    assertEquals(100, drain());
    for (int i = 0; i < many; i++) {
      say(a, 1);
      say(b, 1);
    }
    assertEquals(2 * many - 1, drain(), "until one of them has nothing more to say");
    assertEquals(1, drain());
    say(b, many);
    assertEquals(Mailbox.BATCH, drain(), "nobody is forgotten or counted twice");
    assertEquals(100, drain());
  }
}
