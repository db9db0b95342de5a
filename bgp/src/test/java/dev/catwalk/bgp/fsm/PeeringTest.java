package dev.catwalk.bgp.fsm;

import static dev.catwalk.bgp.fsm.TwoSpeakers.holdTime;
import static dev.catwalk.bgp.fsm.TwoSpeakers.passive;
import static dev.catwalk.bgp.fsm.TwoSpeakers.settings;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.Fault;
import dev.catwalk.bgp.wire.Keepalive;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Open;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stories of two speakers in virtual time. */
class PeeringTest {
  private static final Settings LEFT = settings(64601, 1, 64602);
  private static final Settings RIGHT = settings(64602, 2, 64601);
  private static final long MINUTE = 60_000;

  @Test
  void oneDialsTheOtherListens() {
    TwoSpeakers world = new TwoSpeakers(1, 5, LEFT, passive(RIGHT)).start();
    assertTrue(world.time.runUntil(world::bothUp, 100));
    assertEquals(0, world.right.count(Action.Dial.class));
    Negotiated terms = world.left.peering.negotiated();
    assertEquals(64602, terms.peerAs());
    assertEquals(30, terms.keepalive());
    assertTrue(terms.fourByteAs() && terms.refresh() && !terms.ibgp());
    assertEquals(LEFT.families(), terms.families());
  }

  /** RFC 4271 §6.8: of two connections the one that the higher identifier dialled stays. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
  void collisionEndsWithOneSession(long seed) {
    TwoSpeakers world = new TwoSpeakers(seed, 40, LEFT, RIGHT).start();
    assertTrue(world.time.runUntil(world::bothUp, MINUTE));
    world.time.run(10 * MINUTE);
    assertTrue(world.bothUp());
    assertEquals(1, world.left.count(Action.Up.class) - world.left.count(Action.Down.class));
    assertEquals(1, world.right.count(Action.Up.class) - world.right.count(Action.Down.class));
    assertNull(world.left.peering.second());
    assertNull(world.right.peering.second());
    assertNull(world.left.peering.lastNotification());
  }

  /** Whom a session is up for on one side only loses all routes when the other gives it up. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 10, 40, 200})
  void collisionNeverEndsASessionThatIsUpAtThePeer(int delayMs) {
    for (long seed = 1; seed <= 400; seed++) {
      TwoSpeakers world = new TwoSpeakers(seed, delayMs, LEFT, RIGHT).start();
      assertTrue(world.time.runUntil(world::bothUp, 10_000), "seed " + seed);
      world.time.run(MINUTE);
      assertTrue(world.bothUp(), "seed " + seed);
      assertEquals(0, world.left.count(Action.Down.class), "seed " + seed);
      assertEquals(0, world.right.count(Action.Down.class), "seed " + seed);
      assertNull(world.left.peering.deferred(), "seed " + seed);
      assertNull(world.left.peering.lastNotification(), "seed " + seed);
      assertNull(world.right.peering.lastNotification(), "seed " + seed);
    }
  }

  @Test
  void lockstepCollisionKeepsTheConnectionOfTheHigherId() {
    TwoSpeakers world = new TwoSpeakers(1, 0, LEFT, RIGHT).start();
    assertTrue(world.time.runUntil(world::bothUp, MINUTE));
    assertEquals(
        ConnectionId.Side.DIALLED, world.right.peering.main().connection().side());
    assertEquals(
        ConnectionId.Side.ACCEPTED, world.left.peering.main().connection().side());
  }

  @Test
  void equalIdsAreDecidedByTheHigherAs() {
    TwoSpeakers world =
        new TwoSpeakers(1, 0, settings(64601, 7, 64602), settings(64602, 7, 64601)).start();
    assertTrue(world.time.runUntil(world::bothUp, MINUTE));
    assertEquals(
        ConnectionId.Side.DIALLED, world.right.peering.main().connection().side());
  }

  @Test
  void twoPassiveSpeakersNeverMeet() {
    TwoSpeakers world = new TwoSpeakers(1, 5, passive(LEFT), passive(RIGHT)).start();
    world.time.run(10 * MINUTE);
    assertEquals(State.ACTIVE, world.left.state());
    assertEquals(State.ACTIVE, world.right.state());
  }

  @Test
  void dialsAgainUntilThePeerListens() {
    TwoSpeakers world = new TwoSpeakers(1, 5, LEFT, passive(RIGHT));
    world.right.listens = false;
    world.start();
    world.time.run(MINUTE);
    long dials = world.left.count(Action.Dial.class);
    assertTrue(dials >= 12 && dials <= 17, "every 5 s less a quarter at most: " + dials);
    assertEquals("connection refused", world.left.peering.lastError());
    world.right.listens = true;
    assertTrue(world.time.runUntil(world::bothUp, 6_000));
  }

  @Test
  void silenceEndsTheSessionAfterTheSmallerHoldTime() {
    TwoSpeakers world = new TwoSpeakers(3, 5, holdTime(LEFT, 9), passive(RIGHT)).start();
    assertTrue(world.time.runUntil(world::bothUp, 100));
    world.time.run(MINUTE);
    assertTrue(world.bothUp(), "keepalives flow");
    world.left.cutAll();
    world.right.cutAll();
    world.right.listens = false;
    world.time.run(8_000 - 3_000);
    assertTrue(world.bothUp(), "nothing before the hold time");
    world.time.run(5_000);
    assertFalse(world.bothUp());
    assertEquals(1, world.left.count(Action.Down.class));
    assertEquals(
        new Peering.Said(true, Notification.of(Fault.HOLD_TIMER_EXPIRED)),
        world.left.peering.lastNotification());
    world.right.listens = true;
    assertTrue(world.time.runUntil(world::bothUp, MINUTE), "and it comes back");
  }

  @Test
  void holdTimeZeroNeedsNoKeepalive() {
    TwoSpeakers world = new TwoSpeakers(1, 5, holdTime(LEFT, 0), passive(RIGHT)).start();
    world.time.run(60 * MINUTE);
    assertTrue(world.bothUp());
    long keepalives = world.left.done.stream()
        .filter(a -> a instanceof Action.Send s && s.message() instanceof Keepalive)
        .count();
    assertEquals(1, keepalives, "the one that confirms the OPEN");
  }

  @Test
  void wrongAsIsToldAndRetriedWithGrowingPauses() {
    TwoSpeakers world = new TwoSpeakers(1, 5, settings(64601, 1, 64999), passive(RIGHT)).start();
    world.time.run(10 * MINUTE);
    assertEquals(0, world.left.count(Action.Up.class));
    assertEquals("peer says AS 64602, configured is 64999", world.left.peering.lastError());
    assertEquals(
        new Peering.Said(true, Notification.of(Fault.BAD_PEER_AS)),
        world.left.peering.lastNotification());
    assertEquals(
        new Peering.Said(false, Notification.of(Fault.BAD_PEER_AS)),
        world.right.peering.lastNotification());
    List<Long> pauses = world.left.done.stream()
        .filter(a -> a instanceof Action.Arm arm && arm.timer() == Timer.IDLE_HOLD)
        .map(a -> ((Action.Arm) a).delayMs())
        .toList();
    assertTrue(pauses.getFirst() <= 1_000, pauses.toString());
    assertTrue(pauses.getLast() > 22_000 && pauses.getLast() <= 30_000, pauses.toString());
  }

  @Test
  void ownIdentifierInOwnAsIsRefused() {
    TwoSpeakers world = new TwoSpeakers(
            1, 5, settings(64601, 7, 64601), passive(settings(64601, 7, 64601)))
        .start();
    world.time.run(MINUTE);
    assertEquals(0, world.left.count(Action.Up.class));
    Peering.Said said = world.left.peering.lastNotification();
    assertEquals(2, said.notification().code());
    assertEquals(3, said.notification().subcode());
  }

  @Test
  void anyAsTakesWhatComes() {
    TwoSpeakers world =
        new TwoSpeakers(1, 5, LEFT, passive(settings(64602, 2, Settings.ANY_AS))).start();
    assertTrue(world.time.runUntil(world::bothUp, 100));
    assertEquals(64601, world.right.peering.negotiated().peerAs());
  }

  @Test
  void stopSaysCeaseAndStaysDown() {
    TwoSpeakers world = new TwoSpeakers(1, 5, LEFT, passive(RIGHT)).start();
    assertTrue(world.time.runUntil(world::bothUp, 100));
    Notification cease = Notification.shutdown(Fault.ADMINISTRATIVE_SHUTDOWN, "maintenance");
    world.left.post(new Event.Stop(cease));
    world.time.run(10 * MINUTE);
    assertEquals(State.IDLE, world.left.state());
    assertEquals(1, world.left.count(Action.Dial.class));
    assertEquals(new Peering.Said(false, cease), world.right.peering.lastNotification());
    assertEquals(
        "peer sent NOTIFICATION 6/2 administrative shutdown: maintenance",
        world.right.peering.lastError());
    world.left.post(new Event.Start());
    assertTrue(world.time.runUntil(world::bothUp, MINUTE));
  }

  @Test
  void silentStopSendsNothing() {
    TwoSpeakers world = new TwoSpeakers(1, 5, LEFT, passive(RIGHT)).start();
    assertTrue(world.time.runUntil(world::bothUp, 100));
    world.left.post(new Event.Stop(null));
    world.time.run(MINUTE);
    assertNull(world.right.peering.lastNotification());
    assertEquals("closed by peer", world.right.peering.lastError());
    assertEquals("", world.left.peering.lastError());
  }

  @Test
  void aSecondConnectionToAnEstablishedSessionIsRefused() {
    TwoSpeakers world = new TwoSpeakers(1, 5, LEFT, passive(RIGHT)).start();
    assertTrue(world.time.runUntil(world::bothUp, 100));
    int before = world.right.done.size();
    world.right.post(new Event.Accepted(ConnectionId.accepted(99)));
    assertEquals(
        List.of(
            new Action.Send(ConnectionId.accepted(99), Notification.of(Fault.CONNECTION_COLLISION)),
            new Action.Close(ConnectionId.accepted(99))),
        world.right.done.subList(before, world.right.done.size()));
    world.time.run(MINUTE);
    assertTrue(world.bothUp());
  }

  /** The peer rebooted: its first connection hangs in OpenSent, its new one must get through. */
  @Test
  void aNewConnectionReplacesOneThatHangs() {
    TwoSpeakers world = new TwoSpeakers(1, 5, LEFT, passive(RIGHT));
    world.right.post(new Event.Start());
    world.right.post(new Event.Accepted(ConnectionId.accepted(77)));
    assertEquals(State.OPEN_SENT, world.right.state());
    world.right.post(new Event.Accepted(ConnectionId.accepted(78)));
    assertNotNull(world.right.peering.second());
    world.left.post(new Event.Start());
    assertTrue(world.time.runUntil(world::bothUp, MINUTE));
    assertNull(world.right.peering.second());
  }

  /** RFC 4724 §4.2 without end: each session is up, and the next one takes its place. */
  @Test
  void whoReplacesItsSessionTooOftenHasToWait() {
    Capability.GracefulRestart restart = new Capability.GracefulRestart(
        false, true, 120, List.of(new Capability.Restarted(AfiSafi.IPV4_UNICAST, true)));
    List<AfiSafi> families = List.of(AfiSafi.IPV4_UNICAST);
    Settings settings =
        new Settings(64601, 1, 64602, true, 90, 0, 5, families, restart, Settings.Options.NONE);
    Open open = Open.offering(64602, 90, 2, families, List.of(restart));
    Peering peering = Peering.step(Peering.of(settings), new Event.Start()).next();
    List<Action> done = List.of();
    int ups = 0;
    ConnectionId caller = ConnectionId.accepted(0);
    while (peering.state() != State.IDLE && ups < 100) {
      caller = ConnectionId.accepted(ups + 1);
      for (Event event : List.of(
          new Event.Accepted(caller),
          new Event.Received(caller, open),
          new Event.Received(caller, new Keepalive()))) {
        Peering.Step step = Peering.step(peering, event);
        peering = step.next();
        done = step.actions();
      }
      ups++;
    }
    assertEquals(
        Turn.RETURNS + 2, ups, "the first session, so many returns, and one that is refused");
    assertTrue(
        done.contains(new Action.Send(caller, Notification.of(Fault.CONNECTION_REJECTED))),
        done::toString);
    assertTrue(done.stream().noneMatch(Action.Up.class::isInstance), done::toString);
    assertTrue(
        done.stream().anyMatch(a -> a instanceof Action.Down down && down.retain()),
        done::toString);
    Action.Arm pause = done.stream()
        .filter(a -> a instanceof Action.Arm arm && arm.timer() == Timer.IDLE_HOLD)
        .map(Action.Arm.class::cast)
        .findFirst()
        .orElseThrow();
    ConnectionId late = ConnectionId.accepted(1000);
    assertEquals(
        List.of(new Action.Close(late)),
        Peering.step(peering, new Event.Accepted(late)).actions());
    Event over = new Event.Expired(Timer.IDLE_HOLD, pause.owner(), pause.generation());
    assertEquals(State.ACTIVE, Peering.step(peering, over).next().state());
  }

  @Test
  void equalSeedsRunAlike() {
    long[] hashes = new long[2];
    for (int i = 0; i < 2; i++) {
      TwoSpeakers world = new TwoSpeakers(42, 30, LEFT, RIGHT).start();
      world.time.run(5 * MINUTE);
      hashes[i] = world.time.traceHash();
    }
    assertEquals(hashes[0], hashes[1]);
  }
}
