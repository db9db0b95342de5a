package dev.catwalk.bgp.fsm;

import static java.util.Objects.requireNonNull;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.Fault;
import dev.catwalk.bgp.wire.Keepalive;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Octets;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.Relation;
import dev.catwalk.bgp.wire.RouteRefresh;
import dev.catwalk.bgp.wire.Wire;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One step of a session while it is being made: the next state so far, and the actions. */
final class Turn {
  /** RFC 4271 §8.2.2: "a large value", 4 minutes. */
  static final long OPEN_HOLD_MS = 240_000;

  static final long BACK_OFF_MS = 1_000;
  static final long BACK_OFF_LIMIT_MS = 30_000;

  /** After this time in Established, earlier failures are forgotten. */
  static final long STEADY_MS = 60_000;

  /** So often a peer that restarts may call at once before it has stayed for that long. */
  static final int RETURNS = 3;

  /**
   * How long the answer to an OPEN waits for the OPEN on another connection. Less than the smallest
   * hold time, 3 s, which the peer may count from its own OPEN.
   */
  static final long COLLISION_MS = 2_000;

  /** Subcodes of CEASE after which there is no coming back soon. */
  private static final List<Integer> FINAL = List.of(
      Fault.MAXIMUM_PREFIXES.subcode(),
      Fault.ADMINISTRATIVE_SHUTDOWN.subcode(),
      Fault.PEER_DECONFIGURED.subcode());

  private final Settings settings;
  private final long owner;
  private final List<Action> actions = new ArrayList<>(4);
  State state;

  @Nullable
  ConnectionId connection;

  int failures;
  private @Nullable Open received;
  private @Nullable Negotiated negotiated;
  private Generations generations;
  private long dials;

  boolean heard;

  Turn(Session session) {
    settings = session.settings();
    owner = session.owner();
    state = session.state();
    connection = session.connection();
    received = session.received();
    negotiated = session.negotiated();
    generations = session.generations();
    failures = session.failures();
    dials = session.dials();
    heard = session.heard();
  }

  Session.Step step() {
    Session next = new Session(
        settings,
        state,
        owner,
        connection,
        received,
        negotiated,
        generations,
        failures,
        dials,
        heard);
    return new Session.Step(next, actions);
  }

  void add(Action action) {
    actions.add(action);
  }

  /** From Idle, Connect or Active: dial, or listen. */
  void begin() {
    if (state == State.CONNECT) { // until now
      add(new Action.Failed("no answer to the TCP connection"));
    }
    drop();
    if (settings.passive()) {
      state = State.ACTIVE;
      return;
    }
    state = State.CONNECT;
    connection = new ConnectionId(ConnectionId.Side.DIALLED, ++dials);
    add(new Action.Dial(connection));
    arm(Timer.CONNECT_RETRY, jittered(Timer.CONNECT_RETRY, settings.connectRetry() * 1000L));
  }

  /** The connection is there: says OPEN. */
  void open() {
    disarm(Timer.CONNECT_RETRY);
    state = State.OPEN_SENT;
    send(settings.open());
    arm(Timer.HOLD, OPEN_HOLD_MS);
  }

  /** RFC 4271 §6.2, as far as it depends on configuration. */
  void confirm(Open open) {
    Negotiated agreed = Negotiated.of(settings, open);
    if (!settings.admits(open.as())) {
      fail(
          Notification.of(Fault.BAD_PEER_AS),
          "peer says AS " + open.as() + ", configured is " + settings.wantedAs());
    } else if (agreed.ibgp() && open.bgpId() == settings.localId()) {
      fail(
          Notification.of(Fault.BAD_BGP_IDENTIFIER),
          "peer in our AS has our own BGP Identifier: give one of both another router id");
    } else if (agreed.families().isEmpty()) {
      fail(
          new Notification(
              Fault.UNSUPPORTED_CAPABILITY.code(),
              Fault.UNSUPPORTED_CAPABILITY.subcode(),
              wanted(settings.families())),
          "no address family in common: we offer " + settings.families() + ", the peer "
              + open.families());
    } else if (!agreed.ibgp() && roleProblem(open) != null) {
      fail(Notification.of(Fault.ROLE_MISMATCH), requireNonNull(roleProblem(open)));
    } else {
      received = open;
      negotiated = agreed;
      state = State.OPEN_CONFIRM;
      send(new Keepalive());
      armKeepalive();
      armHold();
    }
  }

  /** RFC 9234 §4.2; null where the roles go together. */
  private @Nullable String roleProblem(Open open) {
    Capability.Role ours = settings.open().last(Capability.Role.class);
    if (ours == null) {
      return null;
    }
    Relation own = Relation.of(ours.value()).orElseThrow();
    boolean said = false;
    for (Capability capability : open.capabilities()) {
      if (capability instanceof Capability.Role(int value)) {
        said = true;
        if (value != own.counterpart().value()) {
          String theirs = Relation.of(value).map(Relation::text).orElse("number " + value);
          return "peer says its role is " + theirs + ", and ours is " + own.text();
        }
      }
    }
    return said || !settings.options().strictRole() ? null : "peer says no role (RFC 9234)";
  }

  /** RFC 5492 §5: the capabilities that the peer lacks, as in an OPEN. */
  private static Octets wanted(List<AfiSafi> families) {
    byte[] data = new byte[6 * families.size()];
    int at = 0;
    for (AfiSafi family : families) {
      data[at++] = 1;
      data[at++] = 4;
      data[at++] = (byte) (family.afi() >> 8);
      data[at++] = (byte) family.afi();
      data[at++] = 0;
      data[at++] = (byte) family.safi();
    }
    return Octets.of(data);
  }

  void establish() {
    state = State.ESTABLISHED;
    armHold();
    arm(Timer.STEADY, STEADY_MS);
    add(new Action.Up(requireNonNull(connection), requireNonNull(negotiated)));
  }

  void refresh(RouteRefresh refresh) {
    Negotiated agreed = requireNonNull(negotiated);
    boolean marks = agreed.enhancedRefresh();
    boolean known = !marks || refresh.subtype() <= RouteRefresh.END;
    if (known && agreed.families().contains(refresh.family())) {
      // others are ignored: RFC 2918 §4, RFC 7313 §5; where it has no meaning so is the subtype
      add(new Action.Refresh(marks ? refresh : RouteRefresh.of(refresh.family())));
    }
  }

  void keepalive() {
    send(new Keepalive());
    armKeepalive();
  }

  void blocked() {
    int holdTime = negotiated == null ? 0 : negotiated.holdTime();
    long timeMs = SendHold.timeMs(settings.options().sendHoldTime(), holdTime);
    if (timeMs > 0) {
      arm(Timer.SEND_HOLD, timeMs);
    }
  }

  void holdTimeOver() {
    fail(
        Notification.of(Fault.HOLD_TIMER_EXPIRED),
        negotiated == null
            ? "no OPEN within " + OPEN_HOLD_MS / 1000 + " s"
            : "nothing heard for the hold time of " + negotiated.holdTime() + " s");
  }

  void sendHoldTimeOver() {
    fail(Notification.of(Fault.SEND_HOLD_TIMER_EXPIRED), SendHold.EXPIRED);
  }

  /** RFC 6608 §4: its type is the data. */
  void unexpected(String name, Message message) {
    Fault fault = switch (state) {
      case OPEN_SENT -> Fault.UNEXPECTED_MESSAGE_IN_OPEN_SENT;
      case OPEN_CONFIRM -> Fault.UNEXPECTED_MESSAGE_IN_OPEN_CONFIRM;
      case ESTABLISHED, IDLE, CONNECT, ACTIVE -> Fault.UNEXPECTED_MESSAGE_IN_ESTABLISHED;
    };
    Octets type = Octets.of((byte) Wire.type(message));
    fail(new Notification(fault.code(), fault.subcode(), type), name + " in " + state.text());
  }

  /** The peer ends the session. */
  void told(Notification notification) {
    boolean retain = retains(notification);
    String why = "peer sent NOTIFICATION " + notification.text();
    fail(retain, retain || Peering.isCollision(notification), null, why);
  }

  /** The connection is gone. */
  void closed(String why) {
    boolean retain = retains(null);
    fail(retain, retain || state == State.OPEN_CONFIRM, null, why);
  }

  /** The session ends by an error; {@code answer} is sent first where there is one. */
  void fail(@Nullable Notification answer, String why) {
    boolean retain = retains(answer);
    fail(retain, retain, answer, why);
  }

  /**
   * @param listens whether the peer may call at once: it restarts, or prefers another connection,
   *     whose call we may not have seen yet (RFC 4271 §8.2.2 would have Idle, and refuse it)
   */
  private void fail(boolean retain, boolean listens, @Nullable Notification answer, String why) {
    end(retain, answer, why);
    failures++;
    long wait = Math.min(BACK_OFF_MS << Math.min(failures - 1, 16), BACK_OFF_LIMIT_MS);
    if (listens && (!retain || failures <= RETURNS)) {
      state = State.ACTIVE;
      if (!settings.passive()) {
        arm(Timer.CONNECT_RETRY, jittered(Timer.CONNECT_RETRY, wait));
      }
    } else {
      state = State.IDLE;
      arm(Timer.IDLE_HOLD, jittered(Timer.IDLE_HOLD, wait));
    }
  }

  /**
   * Whether the peer's routes stay though the session goes: RFC 4724 §4.2, and RFC 8538 §4 where it
   * goes by that NOTIFICATION, sent or received.
   */
  private boolean retains(@Nullable Notification notification) {
    Negotiated agreed = negotiated;
    return state == State.ESTABLISHED
        && agreed != null
        && agreed.retains()
        && (notification == null || agreed.notification() && !notification.isHardReset());
  }

  /** The operator's wish; silently where there is no {@code cease}. */
  void stop(@Nullable Notification cease) {
    end(false, cease == null ? null : asMeant(cease), "stopped");
    rest();
  }

  /** RFC 8538 §4: where the peer would keep our routes, one that means them too says so. */
  private Notification asMeant(Notification cease) {
    boolean soft = negotiated == null || state != State.ESTABLISHED || !negotiated.notification();
    return soft || !FINAL.contains(cease.subcode()) ? cease : cease.asHardReset();
  }

  /** To Idle, until started again. */
  void rest() {
    drop();
    for (Timer timer : Timer.values()) {
      disarm(timer);
    }
    state = State.IDLE;
  }

  /** No session came of this attempt: listens, and dials again when it is time. */
  void waitForRetry(String why) {
    end(false, null, why);
    state = State.ACTIVE;
    if (!settings.passive()) {
      arm(Timer.CONNECT_RETRY, jittered(Timer.CONNECT_RETRY, settings.connectRetry() * 1000L));
    }
  }

  private void end(boolean retain, @Nullable Notification answer, String why) {
    if (answer != null) {
      send(answer);
    }
    ConnectionId ended = connection;
    State was = state;
    drop();
    disarm(Timer.HOLD);
    disarm(Timer.KEEPALIVE);
    disarm(Timer.SEND_HOLD);
    disarm(Timer.STEADY);
    received = null;
    negotiated = null;
    heard = false;
    if (was == State.ESTABLISHED && ended != null) {
      add(new Action.Down(ended, why, retain));
    } else {
      add(new Action.Failed(why));
    }
  }

  private void drop() {
    if (connection != null) {
      add(new Action.Close(connection));
      connection = null;
    }
  }

  private void send(Message message) {
    add(new Action.Send(requireNonNull(connection), message));
  }

  void armHold() {
    if (negotiated != null && negotiated.holdTime() > 0) {
      arm(Timer.HOLD, negotiated.holdTime() * 1000L);
    } else {
      disarm(Timer.HOLD);
    }
  }

  private void armKeepalive() {
    if (negotiated != null && negotiated.keepalive() > 0) {
      arm(Timer.KEEPALIVE, jittered(Timer.KEEPALIVE, negotiated.keepalive() * 1000L));
    }
  }

  void arm(Timer timer, long delayMs) {
    generations = generations.next(timer);
    add(new Action.Arm(timer, owner, generations.of(timer), delayMs));
  }

  void disarm(Timer timer) {
    generations = generations.next(timer);
    add(new Action.Disarm(timer, owner));
  }

  /**
   * RFC 4271 §10: 0.75 to 1 times the value. The chance is a hash of what differs between speakers,
   * peerings and attempts, so that a run repeats.
   */
  private long jittered(Timer timer, long ms) {
    long seed = (settings.localId() * 31L + settings.peerAs()) * 31L + owner;
    seed = (seed * 31L + timer.index()) * 31L + generations.of(timer);
    long mixed = (seed ^ seed >>> 33) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
    return ms - (long) ((mixed >>> 40) / (double) (1 << 24) * ms / 4);
  }
}
