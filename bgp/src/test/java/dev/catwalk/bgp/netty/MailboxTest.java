package dev.catwalk.bgp.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.bgp.wire.Keepalive;
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
            mailbox.workedOff(received.connection(), received.weight());
          }
        },
        end);
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
