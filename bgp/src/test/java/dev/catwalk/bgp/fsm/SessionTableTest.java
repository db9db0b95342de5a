package dev.catwalk.bgp.fsm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.Fault;
import dev.catwalk.bgp.wire.Keepalive;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.Relation;
import dev.catwalk.bgp.wire.RouteRefresh;
import dev.catwalk.bgp.wire.Update;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 4271 §8.2.2 row by row: state, event, next state, actions. */
class SessionTableTest {
  private static final Settings SETTINGS = TwoSpeakers.settings(64601, 1, 64602);
  private static final ConnectionId IN = ConnectionId.accepted(1);

  @ParameterizedTest(name = "{0} + {1}")
  @CsvSource(delimiter = '|', textBlock = """
      IDLE         | start            | CONNECT      | dial, arm CONNECT_RETRY
      IDLE         | accepted         | IDLE         | close
      IDLE         | expired IDLE_HOLD| IDLE         |
      CONNECT      | start            | CONNECT      |
      CONNECT      | connected        | OPEN_SENT    | disarm CONNECT_RETRY, send OPEN, arm HOLD
      CONNECT      | closed           | ACTIVE       | close, disarm HOLD, disarm KEEPALIVE, disarm SEND_HOLD, disarm STEADY, failed, arm CONNECT_RETRY
      CONNECT      | expired CONNECT_RETRY | CONNECT | failed, close, dial, arm CONNECT_RETRY
      CONNECT      | stop             | IDLE         | close, disarm all
      ACTIVE       | accepted         | OPEN_SENT    | disarm CONNECT_RETRY, send OPEN, arm HOLD
      ACTIVE       | expired CONNECT_RETRY | CONNECT | dial, arm CONNECT_RETRY
      ACTIVE       | stop             | IDLE         | disarm all
      OPEN_SENT    | OPEN             | OPEN_CONFIRM | send KEEPALIVE, arm KEEPALIVE, arm HOLD
      OPEN_SENT    | closed           | ACTIVE       | close, disarm HOLD, disarm KEEPALIVE, disarm SEND_HOLD, disarm STEADY, failed, arm CONNECT_RETRY
      OPEN_SENT    | KEEPALIVE        | IDLE         | send 5/1, ended
      OPEN_SENT    | UPDATE           | IDLE         | send 5/1, ended
      OPEN_SENT    | ROUTE-REFRESH    | IDLE         | send 5/1, ended
      OPEN_SENT    | NOTIFICATION     | IDLE         | ended
      OPEN_SENT    | collision        | ACTIVE       | close, disarm HOLD, disarm KEEPALIVE, disarm SEND_HOLD, disarm STEADY, failed, arm CONNECT_RETRY
      OPEN_SENT    | malformed        | IDLE         | send 1/1, ended
      OPEN_SENT    | expired HOLD     | IDLE         | send 4/0, ended
      OPEN_SENT    | stop             | IDLE         | send 6/2, stopped
      OPEN_SENT    | silent stop      | IDLE         | stopped
      OPEN_SENT    | wrong AS         | IDLE         | send 2/2, ended
      OPEN_SENT    | no common family | IDLE         | send 2/7, ended
      OPEN_CONFIRM | KEEPALIVE        | ESTABLISHED  | arm HOLD, arm STEADY, up
      OPEN_CONFIRM | OPEN             | IDLE         | send 5/2, ended
      OPEN_CONFIRM | UPDATE           | IDLE         | send 5/2, ended
      OPEN_CONFIRM | NOTIFICATION     | IDLE         | ended
      OPEN_CONFIRM | collision        | ACTIVE       | close, disarm HOLD, disarm KEEPALIVE, disarm SEND_HOLD, disarm STEADY, failed, arm CONNECT_RETRY
      OPEN_CONFIRM | closed           | ACTIVE       | close, disarm HOLD, disarm KEEPALIVE, disarm SEND_HOLD, disarm STEADY, failed, arm CONNECT_RETRY
      OPEN_CONFIRM | malformed        | IDLE         | send 1/1, ended
      OPEN_CONFIRM | expired HOLD     | IDLE         | send 4/0, ended
      OPEN_CONFIRM | expired KEEPALIVE| OPEN_CONFIRM | send KEEPALIVE, arm KEEPALIVE
      OPEN_CONFIRM | stop             | IDLE         | send 6/2, stopped
      ESTABLISHED  | KEEPALIVE        | ESTABLISHED  | arm HOLD
      ESTABLISHED  | UPDATE           | ESTABLISHED  | arm HOLD, deliver
      ESTABLISHED  | ROUTE-REFRESH    | ESTABLISHED  | refresh
      ESTABLISHED  | foreign refresh  | ESTABLISHED  |
      ESTABLISHED  | OPEN             | IDLE         | send 5/3, down
      ESTABLISHED  | NOTIFICATION     | IDLE         | down
      ESTABLISHED  | closed           | IDLE         | down
      ESTABLISHED  | malformed        | IDLE         | send 1/1, down
      ESTABLISHED  | expired HOLD     | IDLE         | send 4/0, down
      ESTABLISHED  | expired KEEPALIVE| ESTABLISHED  | send KEEPALIVE, arm KEEPALIVE
      ESTABLISHED  | blocked          | ESTABLISHED  | arm SEND_HOLD
      ESTABLISHED  | writable         | ESTABLISHED  | disarm SEND_HOLD
      ESTABLISHED  | stop             | IDLE         | send 6/2, stopped down
      ESTABLISHED  | silent stop      | IDLE         | stopped down
      """)
  void row(State state, String event, State next, String actions) {
    Session session = in(state);
    Session.Step step = Session.step(session, event(event, session));
    assertEquals(next, step.next().state());
    assertEquals(expand(actions == null ? "" : actions), text(step.actions()));
  }

  private static final String DISARMS =
      "close, disarm HOLD, disarm KEEPALIVE, disarm SEND_HOLD, disarm STEADY, ";
  private static final String ALL =
      "disarm CONNECT_RETRY, disarm IDLE_HOLD, disarm HOLD, disarm KEEPALIVE, disarm SEND_HOLD,"
          + " disarm STEADY, disarm COLLISION";

  private static String expand(String actions) {
    return actions
        .replaceFirst("^down$", DISARMS + "down, arm IDLE_HOLD")
        .replaceFirst("stopped down$", DISARMS + "down, " + ALL)
        .replaceFirst(" down$", " " + DISARMS + "down, arm IDLE_HOLD")
        .replace("ended", DISARMS + "failed, arm IDLE_HOLD")
        .replace("stopped", DISARMS + "failed, " + ALL)
        .replace("disarm all", ALL);
  }

  private static String text(List<Action> actions) {
    List<String> words = new ArrayList<>();
    for (Action action : actions) {
      words.add(
          switch (action) {
            case Action.Dial a -> "dial";
            case Action.Send(var c, Message message) -> "send " + name(message);
            case Action.Close a -> "close";
            case Action.Arm a -> "arm " + a.timer();
            case Action.Disarm a -> "disarm " + a.timer();
            case Action.Up a -> "up";
            case Action.Down a -> "down";
            case Action.Failed a -> "failed";
            case Action.Deliver a -> "deliver";
            case Action.Refresh a -> "refresh";
          });
    }
    return String.join(", ", words);
  }

  private static String name(Message message) {
    return switch (message) {
      case Open o -> "OPEN";
      case Keepalive k -> "KEEPALIVE";
      case Notification n -> n.code() + "/" + n.subcode();
      case Update u -> "UPDATE";
      case RouteRefresh r -> "ROUTE-REFRESH";
    };
  }

  private static Session in(State state) {
    Session idle = Session.of(SETTINGS, 0);
    return switch (state) {
      case IDLE -> idle;
      case CONNECT -> Session.step(idle, new Event.Start()).next();
      case ACTIVE -> Session.waiting(SETTINGS, 0);
      case OPEN_SENT -> Session.step(in(State.ACTIVE), new Event.Accepted(IN)).next();
      case OPEN_CONFIRM ->
        Session.step(in(State.OPEN_SENT), received(open(64602))).next();
      case ESTABLISHED ->
        Session.step(in(State.OPEN_CONFIRM), received(new Keepalive())).next();
    };
  }

  private static Settings offering(boolean strict, Capability... capabilities) {
    return new Settings(
        64601,
        1,
        64602,
        false,
        90,
        0,
        5,
        List.of(AfiSafi.IPV4_UNICAST),
        null,
        new Settings.Options(List.of(capabilities), strict, 7));
  }

  /** In OpenSent, with an OPEN that offers that. */
  private static Session.Step opened(Settings settings, Capability... theirs) {
    Session sent =
        Session.step(Session.waiting(settings, 0), new Event.Accepted(IN)).next();
    return Session.step(
        sent,
        received(Open.offering(64602, 90, 2, List.of(AfiSafi.IPV4_UNICAST), List.of(theirs))));
  }

  /** RFC 9234 §4.2. */
  @ParameterizedTest(name = "we are {0} strict {1}, it says {2}")
  @CsvSource({
    "PROVIDER, false, 3, ",
    "CUSTOMER, false, 0, ",
    "PEER, true, 4, ",
    "ROUTE_SERVER, false, 2, ",
    "ROUTE_SERVER_CLIENT, false, 1, ",
    "PROVIDER, false, , ",
    "PROVIDER, true, , 'send 2/11, '",
    "PROVIDER, false, 0, 'send 2/11, '",
    "PEER, false, 3, 'send 2/11, '",
    "PEER, false, 9, 'send 2/11, '",
  })
  void rolesMustGoTogether(Relation ours, boolean strict, Integer theirs, String refusal) {
    Settings settings = offering(strict, new Capability.Role(ours.value()));
    Session.Step step =
        theirs == null ? opened(settings) : opened(settings, new Capability.Role(theirs));
    assertEquals(refusal == null ? State.OPEN_CONFIRM : State.IDLE, step.next().state());
    String expected = refusal == null ? "send KEEPALIVE, " : refusal;
    assertTrue(text(step.actions()).startsWith(expected), text(step.actions()));
  }

  @Test
  void twoRolesThatDifferAreNone() {
    Settings settings = offering(false, new Capability.Role(Relation.PEER.value()));
    assertEquals(
        State.IDLE,
        opened(settings, new Capability.Role(4), new Capability.Role(3)).next().state());
  }

  /**
   * RFC 7313 §4, §5: markers only where both have them, other subtypes never; RFC 2918 §3: else the
   * octet is ignored.
   */
  @ParameterizedTest
  @CsvSource({
    "true, 0, 0",
    "true, 1, 1",
    "true, 2, 2",
    "true, 3, -1",
    "false, 0, 0",
    "false, 1, 0",
    "false, 255, 0"
  })
  void refreshes(boolean enhanced, int subtype, int expected) {
    Capability[] offer =
        enhanced ? new Capability[] {new Capability.EnhancedRefresh()} : new Capability[0];
    Session confirmed =
        opened(offering(false, new Capability.EnhancedRefresh()), offer).next();
    Session up = Session.step(confirmed, received(new Keepalive())).next();
    Event heard = received(new RouteRefresh(AfiSafi.IPV4_UNICAST, subtype));
    List<Action> wanted = expected < 0
        ? List.of()
        : List.of(new Action.Refresh(new RouteRefresh(AfiSafi.IPV4_UNICAST, expected)));
    assertEquals(wanted, Session.step(up, heard).actions());
  }

  @Test
  void aSendHoldTimeOfOnesOwn() {
    Session confirmed = opened(offering(false)).next();
    Session up = Session.step(confirmed, received(new Keepalive())).next();
    Action.Arm arm =
        (Action.Arm) Session.step(up, new Event.Blocked(IN)).actions().getFirst();
    assertEquals(7_000, arm.delayMs());
  }

  private static Open open(long as) {
    return Open.of(as, 90, 2, List.of(AfiSafi.IPV4_UNICAST));
  }

  private static Event received(Message message) {
    return new Event.Received(IN, message);
  }

  private static Event event(String name, Session session) {
    if (name.startsWith("expired ")) {
      Timer timer = Timer.valueOf(name.substring(8));
      long generation = session.generations().of(timer) - (session.state() == State.IDLE ? 1 : 0);
      return new Event.Expired(timer, 0, generation);
    }
    return switch (name) {
      case "start" -> new Event.Start();
      case "stop" -> new Event.Stop(Notification.of(Fault.ADMINISTRATIVE_SHUTDOWN));
      case "silent stop" -> new Event.Stop(null);
      case "accepted" -> new Event.Accepted(IN);
      case "connected" -> new Event.Connected(session.connection());
      case "closed" -> new Event.Closed(IN, "closed by peer");
      case "malformed" ->
        new Event.Malformed(IN, Notification.of(Fault.CONNECTION_NOT_SYNCHRONIZED), "no marker");
      case "blocked" -> new Event.Blocked(IN);
      case "writable" -> new Event.Writable(IN);
      case "OPEN" -> received(open(64602));
      case "wrong AS" -> received(open(64603));
      case "no common family" ->
        received(
            new Open(64602, 90, 2, List.of(new Capability.Multiprotocol(new AfiSafi(25, 65)))));
      case "KEEPALIVE" -> received(new Keepalive());
      case "UPDATE" -> received(Update.endOfRib(AfiSafi.IPV4_UNICAST));
      case "ROUTE-REFRESH" -> received(RouteRefresh.of(AfiSafi.IPV4_UNICAST));
      case "foreign refresh" -> received(RouteRefresh.of(AfiSafi.IPV6_UNICAST));
      case "collision" -> received(Notification.of(Fault.CONNECTION_COLLISION));
      case "NOTIFICATION" -> received(Notification.of(Fault.ADMINISTRATIVE_RESET));
      default -> throw new AssertionError(name);
    };
  }

  /** An expiry that was on its way when a message re-armed the timer. */
  @Test
  void outlivedExpiriesAreIgnored() {
    Session session = in(State.ESTABLISHED);
    long old = session.generations().of(Timer.HOLD);
    Session later = Session.step(session, received(new Keepalive())).next();
    Session.Step step = Session.step(later, new Event.Expired(Timer.HOLD, 0, old));
    assertEquals(State.ESTABLISHED, step.next().state());
    assertEquals(List.of(), step.actions());
  }

  /** RFC 9687: a peer that does not read is told so, for what it is worth. */
  @Test
  void aPeerThatNeverReadsIsGivenUp() {
    Session.Step blocked = Session.step(in(State.ESTABLISHED), new Event.Blocked(IN));
    Action.Arm arm = (Action.Arm) blocked.actions().getFirst();
    assertEquals(480_000, arm.delayMs());
    Session.Step over = Session.step(
        blocked.next(), new Event.Expired(Timer.SEND_HOLD, arm.owner(), arm.generation()));
    assertEquals(State.IDLE, over.next().state());
    assertTrue(text(over.actions()).startsWith("send 8/0, close"));
  }

  @Test
  void aSteadySessionForgetsItsFailures() {
    Session failed =
        Session.step(in(State.ESTABLISHED), new Event.Closed(IN, "gone")).next();
    assertEquals(1, failed.failures());
    Session again = Session.step(
            failed, new Event.Expired(Timer.IDLE_HOLD, 0, failed.generations().of(Timer.IDLE_HOLD)))
        .next();
    assertEquals(State.CONNECT, again.state());
    assertEquals(1, again.failures());
    Session steady = Session.step(
            again, new Event.Expired(Timer.STEADY, 0, again.generations().of(Timer.STEADY)))
        .next();
    assertEquals(0, steady.failures());
  }

  /** Who restarts is welcome at once, but who does so without end has to wait like any other. */
  @Test
  void aPeerThatRestartsWithoutEndHasToWait() {
    Capability.GracefulRestart restart = new Capability.GracefulRestart(
        false, true, 120, List.of(new Capability.Restarted(AfiSafi.IPV4_UNICAST, true)));
    List<AfiSafi> families = List.of(AfiSafi.IPV4_UNICAST);
    Session session = Session.waiting(
        new Settings(64601, 1, 64602, true, 90, 0, 5, families, restart, Settings.Options.NONE), 0);
    Event open = received(Open.offering(64602, 90, 2, families, List.of(restart)));
    for (int i = 0; i <= Turn.RETURNS; i++) {
      assertEquals(State.ACTIVE, session.state(), "after " + i);
      for (Event event : List.of(new Event.Accepted(IN), open, received(new Keepalive()))) {
        session = Session.step(session, event).next();
      }
      assertEquals(State.ESTABLISHED, session.state());
      session = Session.step(session, new Event.Closed(IN, "gone")).next();
    }
    assertEquals(State.IDLE, session.state());
  }

  @ParameterizedTest
  @CsvSource({
    "90, 0, 90, 90, 30",
    "90, 10, 90, 90, 10",
    "90, 60, 9, 9, 3",
    "0, 5, 90, 0, 0",
    "3, 0, 90, 3, 1",
    "180, 0, 65535, 180, 60"
  })
  void timesAreNegotiated(int ours, int keepalive, int theirs, int hold, int interval) {
    Settings settings =
        new Settings(64601, 1, 64602, false, ours, keepalive, 5, List.of(AfiSafi.IPV4_UNICAST));
    Negotiated agreed = Negotiated.of(settings, Open.of(64602, theirs, 2, settings.families()));
    assertEquals(hold, agreed.holdTime());
    assertEquals(interval, agreed.keepalive());
  }
}
