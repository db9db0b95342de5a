package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.fsm.ConnectionId;
import dev.catwalk.bgp.fsm.Negotiated;
import dev.catwalk.bgp.fsm.Peering;
import dev.catwalk.bgp.fsm.Settings;
import dev.catwalk.bgp.fsm.State;
import dev.catwalk.bgp.fsm.Timer;
import dev.catwalk.bgp.policy.ImportPolicy;
import dev.catwalk.bgp.rib.AdjRibOut;
import dev.catwalk.bgp.rib.ExportGroup;
import dev.catwalk.bgp.rib.Rib;
import dev.catwalk.bgp.rib.Source;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.net.addr.Family;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All that a speaker holds of one peer. */
final class Peer {
  final long id;
  final int slot;
  PeerConfig config;
  final boolean dynamic;
  final TreeMap<ConnectionId, Locals> locals = new TreeMap<>(
      java.util.Comparator.comparing(ConnectionId::side).thenComparing(ConnectionId::number));
  Peering peering;
  final Talk talk = new Talk();
  final Tally sent = new Tally();
  final Tally received = new Tally();

  @Nullable
  Heard lastSent;

  @Nullable
  Heard lastReceived;

  private final long[] dueMs = new long[Timer.values().length]; // 0: it does not run
  String lastFailure = "";
  long sinceMs;

  /** When what the peering has as its last error happened. */
  long errorMs;

  /** When the last session came up; 0: there was none. */
  long upMs;

  @Nullable
  Established established;

  /** Whose routes are kept though the session fell, or are not yet all named again; else null. */
  @Nullable
  Source retained;

  /** Whether what is retained has outlived the restart time (RFC 9494). */
  boolean longLived;

  /** What the peer asked for in its last session; null: no long life. */
  Capability.@Nullable LongLived longLivedTerms;

  /** Families with more prefixes than the limit, and with nearly as many: told of. */
  final EnumSet<Family> above = EnumSet.noneOf(Family.class);

  final EnumSet<Family> warned = EnumSet.noneOf(Family.class);

  /** Whether it has had too many prefixes or taken too much memory, and there is no session for a while. */
  boolean banned;

  String bannedWhy = "";

  /** So long it stays away at most for having been sent away again and again. */
  static final long LONGEST_BAN_MS = 600_000;

  private int bans; // in a row: no session between them has stayed

  /** Of the newest {@code Remind} for this peer. */
  long reminder;

  /** A NOTIFICATION and when it passed. */
  record Heard(Notification notification, long atMs) {}

  /** What there is only while the session is up. */
  static final class Established {
    final ConnectionId connection;
    final Deed.Target target;
    final Negotiated negotiated;
    final Locals locals;
    final Source source;
    ImportPolicy imports;
    final List<Outlet> outlets = new ArrayList<>();
    final EnumSet<Family> ended = EnumSet.noneOf(Family.class); // whose End-of-RIB has come
    final EnumSet<Family> asked = EnumSet.noneOf(Family.class); // to be told again: see Refreshes
    final EnumSet<Family> refreshing = EnumSet.noneOf(Family.class);
    final EnumSet<Family> marked = EnumSet.noneOf(Family.class); // a begin has come, and no end
    int answers; // since PEER_ANSWERS was armed: see Refreshes
    int marks; // since marksSinceMs, as above
    long marksSinceMs;

    Established(
        long peer,
        ConnectionId connection,
        Negotiated negotiated,
        Locals locals,
        Source source,
        ImportPolicy imports) {
      this.connection = connection;
      this.target = new Deed.Target(peer, connection);
      this.negotiated = negotiated;
      this.locals = locals;
      this.source = source;
      this.imports = imports;
    }
  }

  /** What the peer is told of one family. */
  record Outlet(Rib rib, ExportGroup group, AdjRibOut out) {}

  Peer(
      long id,
      int slot,
      PeerConfig config,
      boolean dynamic,
      SpeakerConfig own,
      Startup startup,
      long nowMs) {
    this.id = id;
    this.slot = slot;
    this.config = config;
    this.dynamic = dynamic;
    this.sinceMs = nowMs;
    SessionConfig session = config.session();
    this.peering = Peering.of(new Settings(
        localAs(own),
        own.routerId().v4Bits(),
        config.as(),
        session.passive(),
        session.holdTime(),
        session.keepalive(),
        session.tcp().connectRetry(),
        session.families().stream().map(AfiSafi::unicast).toList(),
        startup.offer(session),
        options(session, startup)));
  }

  /**
   * It is sent away now: twice as long as the last time, where the session did not stay since.
   *
   * @param ms the first time; 0: until somebody has it back
   * @return how long
   */
  long ban(String why, long ms, long nowMs) {
    banned = true;
    bannedWhy = why;
    errorMs = nowMs;
    bans = nowMs - upMs >= Guests.STEADY_MS ? 0 : bans;
    return Math.max(ms, Math.min(ms << Math.min(bans++, 16), LONGEST_BAN_MS));
  }

  /** Somebody has done something about it: what was is forgotten. */
  void forgive() {
    bans = 0;
  }

  /** Which AS we are to this peer. */
  final long localAs(SpeakerConfig own) {
    long other = config.session().rules().localAs();
    return other == 0 ? own.as() : other;
  }

  private static Settings.Options options(SessionConfig session, Startup startup) {
    List<Capability> offered =
        new ArrayList<>(session.extensions().capabilities(session.families()));
    Capability.LongLived longLived = startup.longLived(session);
    if (longLived != null) {
      offered.add(longLived);
    }
    return new Settings.Options(
        offered,
        session.extensions().strictRole(),
        session.tcp().sendHoldTime(),
        session.extensions().extendedParameters());
  }

  /** What OPENs say of our restart is another from now on. */
  void offer(Startup startup) {
    SessionConfig session = config.session();
    peering = peering.with(settings().with(startup.offer(session), options(session, startup)));
  }

  Settings settings() {
    return peering.settings();
  }

  boolean isConnected() {
    return switch (peering.state()) {
      case OPEN_SENT, OPEN_CONFIRM, ESTABLISHED -> true;
      case IDLE, CONNECT, ACTIVE -> false;
    };
  }

  boolean isEstablished() {
    return peering.state() == State.ESTABLISHED;
  }

  /** Whether the session is up and End-of-RIB of some family has not come. */
  boolean isTelling() {
    Established session = established;
    return session != null
        && session.negotiated.families().stream()
            .anyMatch(f -> f.family() != null && !session.ended.contains(f.family()));
  }

  /** RFC 4724 §4.1: whether its End-of-RIB will come, and does not wait for ours. */
  boolean willEnd() {
    Established session = established;
    return session != null
        && session.negotiated.restart() != null
        && !session.negotiated.restart().restarting();
  }

  void armed(Timer timer, long atMs) {
    dueMs[timer.index()] = atMs;
  }

  boolean isDue(Timer timer, long atMs) {
    return dueMs[timer.index()] == atMs;
  }

  void disarmed(Timer timer) {
    dueMs[timer.index()] = 0;
  }

  /** What runs, with the whole seconds that are left. */
  SortedMap<String, Long> timers(long nowMs) {
    TreeMap<String, Long> left = new TreeMap<>();
    for (Timer timer : Timer.values()) {
      long due = dueMs[timer.index()];
      if (due > nowMs) {
        left.put(timer.text(), (due - nowMs + 999) / 1000);
      }
    }
    return left;
  }

  /** What the peer is to us once its AS is known. */
  Source.Kind kind(boolean ibgp) {
    if (!ibgp) {
      return Source.Kind.EBGP;
    }
    return config.session().reflectorClient() ? Source.Kind.CLIENT : Source.Kind.IBGP;
  }
}
