package dev.catwalk.bgp.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Keepalive;
import dev.catwalk.bgp.wire.RouteRefresh;
import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.bgp.wire.WireException;
import io.netty.buffer.Unpooled;
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

  private static Connection caller() {
    return new Connection(new EmbeddedChannel(), new AtomicInteger(), true);
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

  /** By the octets of its messages, and a little one is no less than 1 KiB of work. */
  @Test
  void aConnectionWhoseMessagesWaitIsNotReadUntilAQuarterIsLeft() {
    EmbeddedChannel channel = new EmbeddedChannel();
    Connection busy = new Connection(channel, new AtomicInteger());
    int most = Connection.WAITING_LIMIT >> 10;
    say(busy, most - 1);
    assertTrue(channel.config().isAutoRead());
    say(busy, 1);
    assertFalse(channel.config().isAutoRead());
    Connection other = connection();
    say(other, 1);
    assertTrue(other.channel.config().isAutoRead(), "nobody else is held up");
    while (!channel.config().isAutoRead()) {
      mailbox.workedOff(busy, new Keepalive(), 1 << 10);
      most--;
    }
    assertEquals(Connection.WAITING_LIMIT / 4 >> 10, most);

    Connection large = new Connection(new EmbeddedChannel(), new AtomicInteger());
    for (int i = 0; i < 16; i++) {
      assertTrue(large.channel.config().isAutoRead());
      mailbox.received(large, new Keepalive(), 1 << 16);
    }
    assertFalse(large.channel.config().isAutoRead());
  }

  @Test
  void callersBeyondThoseThatWaitAreHungUpOn() {
    for (int i = 0; i < Mailbox.CALLERS; i++) {
      mailbox.accepted(caller());
    }
    Connection late = caller();
    mailbox.accepted(late);
    assertFalse(late.channel.isOpen());
    assertEquals(Mailbox.COMINGS, drain(), "others have their turn between them");
    Connection next = caller();
    mailbox.accepted(next);
    assertTrue(next.channel.isOpen(), "there is room again");
  }

  /** Who does not close its side is waited for, as long as not too many are. */
  @Test
  void onlySoManyAreWaitedForWhenTheyAreClosed() {
    AtomicInteger farewells = new AtomicInteger(Connection.FAREWELLS - 1);
    EmbeddedChannel patient = new EmbeddedChannel();
    EmbeddedChannel further = new EmbeddedChannel();
    patient.freezeTime();
    further.freezeTime();
    new Connection(patient, farewells).close();
    new Connection(further, farewells).close();
    patient.runPendingTasks();
    patient.runScheduledPendingTasks();
    further.runPendingTasks();
    further.runScheduledPendingTasks();
    assertTrue(patient.isOpen());
    assertFalse(further.isOpen());
    patient.advanceTimeBy(Connection.FAREWELL_MS, TimeUnit.MILLISECONDS);
    patient.runScheduledPendingTasks();
    assertFalse(patient.isOpen());
    assertEquals(Connection.FAREWELLS - 1, farewells.get());
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
    int go = Mailbox.GO >> 10; // messages: each weighs 1 KiB
    int last = many % go;
    assertEquals(2 * many - last, drain(), "until one of them has nothing more to say");
    assertEquals(last, drain());
    say(b, many);
    assertEquals(Mailbox.BATCH, drain(), "nobody is forgotten or counted twice");
    assertEquals(100, drain());
  }

  /** What one batch after the other takes: c has come and C has gone, k was said, q is asked. */
  private String taken(int batches) {
    StringBuilder taken = new StringBuilder();
    long end = System.nanoTime() + TimeUnit.HOURS.toNanos(1);
    for (int i = 0; i < batches; i++) {
      mailbox.drain(
          letter -> {
            switch (letter) {
              case Mailbox.Accepted _ -> taken.append('c');
              case Mailbox.Closed _ -> taken.append('C');
              case Mailbox.Question _ -> taken.append('q');
              case Mailbox.Received r -> {
                taken.append('k');
                mailbox.workedOff(r.connection(), r.message(), r.weight());
              }
              default -> throw new AssertionError(letter);
            }
          },
          end);
      taken.append('.');
    }
    return taken.toString();
  }

  @Test
  void aSessionsWordWaitsForOneCallerAtMostAndIsDecidedBeforeTheNext() {
    for (int i = 0; i < 4; i++) {
      Connection caller = caller();
      mailbox.accepted(caller);
      mailbox.closed(caller, "gone");
    }
    Connection peer = connection();
    say(peer, 1);
    assertEquals("cCk.", taken(1));
    say(peer, 1);
    assertEquals("cCk.", taken(1), "nor do callers wait for ever");
    assertEquals("cCcC.", taken(1));
  }

  /** A configuration, say: who calls after it is to be met as it has it. */
  @Test
  void whatWasAskedFromHereIsAheadOfCallers() {
    for (int i = 0; i < 3; i++) {
      mailbox.post(new Mailbox.Question(() -> {}));
    }
    mailbox.accepted(caller());
    assertEquals("qqqc.", taken(1));
  }

  /** However much it has said before. */
  @Test
  void theEndOfASessionIsAheadOfCallers() {
    Connection guest = caller();
    guest.inbox.isOfSession();
    int words = 2 * (Mailbox.GO >> 10) + 1;
    say(guest, words);
    mailbox.closed(guest, "gone");
    mailbox.accepted(caller());
    assertEquals("k".repeat(words) + "Cc.", taken(1));
    mailbox.accepted(caller());
    say(connection(), 1);
    assertEquals("ck.", taken(1), "and then they have their turn again");
  }

  /** A session has so much to say that it is not over in one go. */
  @Test
  void callersHaveEverySecondTurn() {
    for (int i = 0; i < 3; i++) {
      mailbox.accepted(caller());
    }
    say(connection(), 3 * (Mailbox.GO >> 10));
    String go = "k".repeat(Mailbox.GO >> 10);
    assertEquals(("c" + go).repeat(3) + ".", taken(1));
  }

  @Test
  void whoIsNoCallerAnyMoreDoesNotWaitBehindThem() {
    Connection guest = caller();
    mailbox.accepted(guest);
    assertEquals("c.", taken(1));
    guest.inbox.isOfSession();
    for (int i = 0; i < 4; i++) {
      mailbox.accepted(caller());
    }
    say(guest, 1);
    assertEquals("ck.ccc.", taken(2));
  }

  /** They are no more than the peers are. */
  @Test
  void noPeerIsHungUpOnForTheCallersThatWait() {
    for (int i = 0; i < Mailbox.CALLERS; i++) {
      mailbox.accepted(caller());
    }
    Connection peer = connection();
    mailbox.accepted(peer);
    assertTrue(peer.channel.isOpen());
  }

  @Test
  void callersAreLeftForTheSpeakersThread() {
    mailbox.accepted(caller());
    assertTrue(mailbox.drainFew(letter -> {
      throw new AssertionError(letter);
    }));
    assertEquals("c.", taken(1));
  }

  private String heard(int batches) {
    StringBuilder heard = new StringBuilder();
    long end = System.nanoTime() + TimeUnit.HOURS.toNanos(1);
    for (int i = 0; i < batches; i++) {
      mailbox.drain(
          letter -> {
            Mailbox.Received received = (Mailbox.Received) letter;
            mailbox.workedOff(received.connection(), received.message(), received.weight());
            heard.append(received.message() instanceof RouteRefresh ? 'r' : 'k');
          },
          end);
      heard.append('.');
    }
    return heard.toString();
  }

  /** Refreshes are the flood here: one weighs more than a go. */
  @Test
  void whoSaysLittleIsHeardBesideAFloodAndThenAllOfItIsDecided() {
    Connection loud = connection();
    for (int i = 0; i < 4; i++) {
      mailbox.received(loud, RouteRefresh.of(AfiSafi.IPV4_UNICAST), OCTETS);
    }
    say(connection(), 2);
    say(connection(), 1);
    assertEquals("rkkk.", heard(1), "both of them, and no more of the flood");
    say(connection(), 1);
    assertEquals("rk.rr.", heard(2));
  }

  /** A connection's own letters of every kind stay in order, however the turns fall. */
  @Test
  void whatOneSaysStaysInOrder() {
    Connection a = connection();
    WireException fault = assertThrows(
        WireException.class,
        () -> Wire.frameLength(Unpooled.buffer().writeZero(OCTETS), Wire.MESSAGE_LIMIT));
    for (int i = 0; i < 2; i++) {
      mailbox.accepted(a);
      mailbox.connected(a);
      say(a, 20);
      mailbox.received(a, RouteRefresh.of(AfiSafi.IPV4_UNICAST), OCTETS);
      mailbox.writable(a);
      mailbox.malformed(a, fault);
      mailbox.closed(a, "gone");
    }
    say(connection(), 30);
    StringBuilder ofA = new StringBuilder();
    long end = System.nanoTime() + TimeUnit.HOURS.toNanos(1);
    int taken;
    do {
      taken = mailbox.drain(
          letter -> {
            switch (letter) {
              case Mailbox.Accepted _ -> ofA.append('<');
              case Mailbox.Connected _ -> ofA.append('+');
              case Mailbox.Writable _ -> ofA.append('w');
              case Mailbox.Malformed _ -> ofA.append('!');
              case Mailbox.Closed _ -> ofA.append('-');
              case Mailbox.Received r
              when r.connection() == a -> ofA.append(r.message() instanceof Keepalive ? 'k' : 'r');
              default -> {}
            }
          },
          end);
    } while (taken > 0);
    assertEquals(("<+" + "k".repeat(20) + "rw!-").repeat(2), ofA.toString());
  }

  @Test
  void aFewMessagesAreTakenByTurnsToo() {
    Connection loud = connection();
    say(loud, Mailbox.MANY);
    Connection quiet = connection();
    say(quiet, 1);
    StringBuilder heard = new StringBuilder();
    assertTrue(mailbox.drainFew(letter -> {
      Mailbox.Received received = (Mailbox.Received) letter;
      heard.append(received.connection() == quiet ? 'q' : 'l');
    }));
    assertEquals("lq" + "l".repeat(Mailbox.MANY - 2), heard.toString());
  }
}
