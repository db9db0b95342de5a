package dev.catwalk.bgp.fsm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.Fault;
import dev.catwalk.bgp.wire.Keepalive;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Update;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * RFC 4271 §6.8 while a peer keeps our routes over our restart (RFC 4724): no order of events may
 * end a session that is up at either end.
 */
class CollisionTest {
  private static final int OURS = 5;
  private static final ConnectionId OUT = new ConnectionId(ConnectionId.Side.DIALLED, 1);
  private static final ConnectionId IN = ConnectionId.accepted(1);

  /** This speaker in an encounter. */
  private record Us(Peering peering, Event.@Nullable Expired limit) implements Encounter.End {
    @Override
    public Event.@Nullable Expired last() {
      return limit;
    }

    @Override
    public Us on(Event event, List<Action> actions) {
      Event.Expired next = event.equals(limit) ? null : limit;
      Peering.Step step = Peering.step(peering, event);
      for (Action action : step.actions()) {
        actions.add(action);
        if (action instanceof Action.Arm arm && arm.timer() == Timer.COLLISION) {
          next = new Event.Expired(arm.timer(), arm.owner(), arm.generation());
        }
        if (action instanceof Action.Up up) { // as a speaker would
          actions.add(new Action.Send(up.connection(), Update.endOfRib(AfiSafi.IPV4_UNICAST)));
        }
      }
      return new Us(step.next(), next);
    }
  }

  private static Settings settings(long as, int id, long peerAs) {
    List<AfiSafi> families = List.of(AfiSafi.IPV4_UNICAST);
    Capability.GracefulRestart restart = new Capability.GracefulRestart(
        true, true, 120, List.of(new Capability.Restarted(AfiSafi.IPV4_UNICAST, true)));
    return new Settings(as, id, peerAs, false, 9, 0, 5, families, restart, Settings.Options.NONE);
  }

  private static Us us() {
    return new Us(Peering.of(settings(64601, OURS, 65001)), null);
  }

  @ParameterizedTest(name = "{0}, identifier {1}")
  @CsvSource({"FRR, 4", "FRR, 6", "BIRD, 4", "BIRD, 6", "GOBGP, 4", "GOBGP, 6"})
  void noOrderOfEventsEndsASessionThatIsUp(Others.Kind kind, int id) {
    Others other = Others.of(kind, settings(65001, id, 64601));
    int worlds = new Encounter(true).explore(us(), other);
    assertTrue(worlds > 100, "worlds: " + worlds);
  }

  @Test
  void norAmongOurselves() {
    Us other = new Us(Peering.of(settings(65001, 6, 64601)), null);
    int worlds = new Encounter(false).explore(us(), other);
    assertTrue(worlds > 100, "worlds: " + worlds);
  }

  private Peering peering = us().peering();
  private final List<String> said = new ArrayList<>();

  private void post(Event event) {
    Peering.Step step = Peering.step(peering, event);
    peering = step.next();
    for (Action action : step.actions()) {
      switch (action) {
        case Action.Send(ConnectionId to, Message message) ->
          said.add(to + " " + message.getClass().getSimpleName());
        case Action.Close(ConnectionId of) -> said.add(of + " closed");
        case Action.Up a -> said.add("up");
        case Action.Deliver a -> said.add("deliver");
        case Action.Arm arm
        when arm.timer() == Timer.COLLISION -> {
          assertEquals(Turn.COLLISION_MS, arm.delayMs());
          limit = new Event.Expired(arm.timer(), arm.owner(), arm.generation());
        }
        case Action a -> {}
      }
    }
  }

  private Event.Expired limit;

  private List<String> saidOn(Event event) {
    said.clear();
    post(event);
    return List.copyOf(said);
  }

  private Event.Received open(ConnectionId on, int id) {
    return new Event.Received(on, settings(65001, id, 64601).open());
  }

  /** The peer's kernel answers or nobody does; its process never sees our call. */
  @ParameterizedTest(name = "answered: {0}, identifier {1}")
  @CsvSource({"false, 4", "true, 4", "false, 6", "true, 6"})
  void aCallThatThePeerDoesNotTakeHoldsUpItsOwnForTheLimitAlone(boolean answered, int id) {
    post(new Event.Start());
    if (answered) {
      post(new Event.Connected(OUT));
    }
    post(new Event.Accepted(IN));
    assertEquals(List.of(), saidOn(open(IN, id)));
    assertEquals(List.of(), saidOn(new Event.Received(IN, new Keepalive())));
    Event.Expired first = limit;
    List<String> settled = saidOn(first);
    assertEquals("accepted-1 Keepalive", settled.getFirst());
    assertEquals("up", settled.getLast());
    assertEquals(answered, settled.contains("dialled-1 Notification"));
    assertTrue(settled.contains("dialled-1 closed"), settled.toString());
    assertEquals(State.ESTABLISHED, peering.state());
    assertEquals(List.of(), saidOn(first), "it is over");
    assertEquals(State.ESTABLISHED, peering.state());
  }

  @Test
  void aRefusedCallHoldsUpNothing() {
    post(new Event.Start());
    post(new Event.Accepted(IN));
    assertEquals(List.of(), saidOn(open(IN, 4)));
    assertEquals(
        List.of("dialled-1 closed", "accepted-1 Keepalive"),
        saidOn(new Event.Closed(OUT, "connection refused")));
    post(new Event.Received(IN, new Keepalive()));
    assertEquals(State.ESTABLISHED, peering.state());
  }

  /** The one that would stay is not there to be answered: the other is, when the time is over. */
  @Test
  void aCallerThatSaysNothingHoldsUpOursForTheLimitAlone() {
    post(new Event.Start());
    post(new Event.Connected(OUT));
    post(new Event.Accepted(IN));
    assertEquals(List.of(), saidOn(open(OUT, 6)));
    assertEquals(List.of("dialled-1 Keepalive"), saidOn(limit));
    assertEquals(List.of("accepted-1 Notification", "accepted-1 closed"), saidOn(limit));
  }

  /** Ours would stay, but what came on it is refused. */
  @Test
  void whatWaitedIsAnsweredWhereTheOtherFails() {
    post(new Event.Start());
    post(new Event.Connected(OUT));
    post(new Event.Accepted(IN));
    assertEquals(List.of(), saidOn(open(IN, 4)));
    Event bad = new Event.Received(OUT, settings(64999, 4, 64601).open());
    assertEquals(List.of(), saidOn(bad));
    List<String> answers = saidOn(limit);
    assertEquals("dialled-1 Notification", answers.getFirst());
    assertEquals("accepted-1 Keepalive", answers.getLast());
    assertEquals(State.OPEN_CONFIRM, peering.state());
  }

  @Test
  void theLimitOfACallThatIsGoneMeansNothing() {
    post(new Event.Start());
    post(new Event.Connected(OUT));
    post(new Event.Accepted(IN));
    post(open(IN, 4));
    post(new Event.Received(IN, Notification.of(Fault.CONNECTION_COLLISION)));
    assertEquals(List.of("dialled-1 Keepalive"), saidOn(open(OUT, 4)));
    assertEquals(List.of(), saidOn(limit));
    assertEquals(State.OPEN_CONFIRM, peering.state());
  }

  /** The peer's own call would stay; whether it gives up ours for it, only the peer knows. */
  private void confirmOursWhileItCalls() {
    post(new Event.Start());
    post(new Event.Connected(OUT));
    post(open(OUT, 6));
    post(new Event.Accepted(IN));
    assertEquals(List.of(), saidOn(new Event.Received(OUT, new Keepalive())));
    assertEquals(State.OPEN_CONFIRM, peering.state());
  }

  @Test
  void oursIsUpAsSoonAsThePeerSpeaksAsOneWhoHasIt() {
    confirmOursWhileItCalls();
    assertEquals(List.of(), saidOn(new Event.Received(OUT, new Keepalive())), "nor by another");
    Update first = Update.endOfRib(AfiSafi.IPV4_UNICAST);
    assertEquals(
        List.of("up", "accepted-1 Notification", "accepted-1 closed", "deliver"),
        saidOn(new Event.Received(OUT, first)));
  }

  @Test
  void orWhenItsCallIsOver() {
    confirmOursWhileItCalls();
    assertEquals(
        List.of("accepted-1 closed", "up"), saidOn(new Event.Closed(IN, "closed by peer")));
  }

  @Test
  void orAtTheLimit() {
    confirmOursWhileItCalls();
    assertEquals(List.of("up", "accepted-1 Notification", "accepted-1 closed"), saidOn(limit));
  }

  @Test
  void itsCallIsUpWhereItGivesUpOurs() {
    confirmOursWhileItCalls();
    assertEquals(List.of(), saidOn(open(IN, 6)));
    assertEquals(
        List.of("dialled-1 closed", "accepted-1 Keepalive"),
        saidOn(new Event.Received(OUT, Notification.of(Fault.CONNECTION_COLLISION))));
    assertEquals(List.of("up"), saidOn(new Event.Received(IN, new Keepalive())));
  }

  /** A caller may be a peer that restarts, once it has shown that it had our session. */
  @ParameterizedTest(name = "heard: {0}")
  @ValueSource(booleans = {false, true})
  void aCallerIsOnlyThenOneWhoRestarts(boolean heard) {
    post(new Event.Start());
    post(new Event.Connected(OUT));
    post(open(OUT, 6));
    post(new Event.Received(OUT, new Keepalive()));
    if (heard) {
      post(new Event.Received(OUT, new Keepalive()));
    }
    assertEquals(heard ? List.of("accepted-1 Open") : List.of(), saidOn(new Event.Accepted(IN)));
    assertEquals(State.ESTABLISHED, peering.state());
    if (!heard) {
      assertEquals(List.of("accepted-1 Open"), saidOn(limit), "nothing came all that time");
    }
  }

  @Test
  void aCallerBeforeAnythingWasHeardGoesWhenSomethingIs() {
    post(new Event.Start());
    post(new Event.Connected(OUT));
    post(open(OUT, 6));
    post(new Event.Received(OUT, new Keepalive()));
    assertEquals(List.of(), saidOn(new Event.Accepted(IN)));
    assertEquals(List.of(), saidOn(open(IN, 6)));
    assertEquals(
        List.of("accepted-1 Notification", "accepted-1 closed"),
        saidOn(new Event.Received(OUT, new Keepalive())));
  }

  @Test
  void orIsAnsweredWhereOursEnds() {
    post(new Event.Start());
    post(new Event.Connected(OUT));
    post(open(OUT, 6));
    post(new Event.Received(OUT, new Keepalive()));
    post(new Event.Accepted(IN));
    post(open(IN, 6));
    List<String> answers = saidOn(new Event.Closed(OUT, "closed by peer"));
    assertTrue(
        answers.containsAll(List.of("accepted-1 Open", "accepted-1 Keepalive")),
        answers.toString());
    assertEquals(List.of("up"), saidOn(new Event.Received(IN, new Keepalive())));
  }

  /** FRR would end the session by the end of its call, if our answer were there before that. */
  @Test
  void oursIsAnsweredWhenThePeerHasClosedTheCallThatGivesWay() {
    post(new Event.Start());
    post(new Event.Connected(OUT));
    post(new Event.Accepted(IN));
    post(open(IN, 4));
    assertEquals(List.of(), saidOn(open(OUT, 4)));
    assertEquals(List.of(), saidOn(new Event.Received(IN, new Keepalive())));
    assertEquals(List.of(), saidOn(new Event.Received(OUT, new Keepalive())));
    assertEquals(
        List.of("accepted-1 closed", "dialled-1 Keepalive", "up"),
        saidOn(new Event.Received(IN, Notification.of(Fault.CONNECTION_COLLISION))));
  }

  @Test
  void norIsItAnsweredBeforeWhereTheCallSaysNothing() {
    post(new Event.Start());
    post(new Event.Connected(OUT));
    post(new Event.Accepted(IN));
    assertEquals(List.of(), saidOn(open(OUT, 4)));
    assertEquals(List.of(), saidOn(open(IN, 4)));
    assertEquals(
        List.of("accepted-1 closed", "dialled-1 Keepalive"),
        saidOn(new Event.Closed(IN, "closed by peer")));
  }

  @Test
  void theCallIsAnsweredWhereThePeerClosesOurs() {
    post(new Event.Start());
    post(new Event.Connected(OUT));
    post(new Event.Accepted(IN));
    post(open(IN, 4));
    post(open(OUT, 4));
    assertEquals(
        List.of("dialled-1 closed", "accepted-1 Keepalive"),
        saidOn(new Event.Closed(OUT, "closed by peer")));
  }

  @Test
  void nothingIsSaidOnACallAfterOursWasAnswered() {
    post(new Event.Start());
    post(new Event.Connected(OUT));
    post(open(OUT, 4));
    assertEquals(List.of(), saidOn(new Event.Accepted(IN)));
    assertEquals(List.of(), saidOn(open(IN, 4)));
    assertEquals(List.of("up"), saidOn(new Event.Received(OUT, new Keepalive())));
    assertEquals(
        List.of("deliver", "accepted-1 Notification", "accepted-1 closed"),
        saidOn(new Event.Received(OUT, Update.endOfRib(AfiSafi.IPV4_UNICAST))));
  }
}
