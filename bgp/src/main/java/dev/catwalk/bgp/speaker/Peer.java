package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.fsm.ConnectionId;
import dev.catwalk.bgp.fsm.Negotiated;
import dev.catwalk.bgp.fsm.Peering;
import dev.catwalk.bgp.fsm.Settings;
import dev.catwalk.bgp.fsm.State;
import dev.catwalk.bgp.policy.ImportPolicy;
import dev.catwalk.bgp.rib.AdjRibOut;
import dev.catwalk.bgp.rib.ExportGroup;
import dev.catwalk.bgp.rib.Rib;
import dev.catwalk.bgp.rib.Source;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.EncodeContext;
import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.net.addr.Family;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All that a speaker holds of one peer. */
final class Peer {
  /** RFC 4271 §10 suggests 120 s; a node that comes back is waited for by others. */
  private static final int CONNECT_RETRY_SECONDS = 5;

  final long id;
  final int slot;
  final PeerConfig config;
  final boolean dynamic;
  final TreeMap<ConnectionId, Locals> locals = new TreeMap<>(
      java.util.Comparator.comparing(ConnectionId::side).thenComparing(ConnectionId::number));
  Peering peering;
  final Talk talk = new Talk();
  String lastFailure = "";
  long sinceMs;

  @Nullable
  Established established;

  /** Whose routes are kept though the session fell, or are not yet all named again; else null. */
  @Nullable
  Source retained;

  /** Of the newest {@code Remind} for this peer. */
  long reminder;

  /** What there is only while the session is up. */
  static final class Established {
    final ConnectionId connection;
    final Negotiated negotiated;
    final Locals locals;
    final Source source;
    final ImportPolicy imports;
    final EncodeContext encode;
    final List<Outlet> outlets = new ArrayList<>();
    final EnumSet<Family> ended = EnumSet.noneOf(Family.class); // whose End-of-RIB has come

    Established(
        ConnectionId connection,
        Negotiated negotiated,
        Locals locals,
        Source source,
        ImportPolicy imports) {
      this.connection = connection;
      this.negotiated = negotiated;
      this.locals = locals;
      this.source = source;
      this.imports = imports;
      this.encode = new EncodeContext(negotiated.fourByteAs(), Wire.MESSAGE_LIMIT);
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
      Capability.@Nullable GracefulRestart restart,
      long nowMs) {
    this.id = id;
    this.slot = slot;
    this.config = config;
    this.dynamic = dynamic;
    this.sinceMs = nowMs;
    SessionConfig session = config.session();
    this.peering = Peering.of(new Settings(
        own.as(),
        own.routerId().v4Bits(),
        config.as(),
        session.passive(),
        session.holdTime(),
        session.keepalive(),
        CONNECT_RETRY_SECONDS,
        session.families().stream().map(AfiSafi::unicast).toList(),
        restart));
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

  /** Whether the session is up and the peer still has routes to name. */
  boolean isTelling() {
    Established session = established;
    if (session == null || session.negotiated.restart() == null) {
      return false; // without RFC 4724 there is no End-of-RIB to wait for
    }
    return !session.negotiated.restart().restarting()
        && session.negotiated.families().stream()
            .anyMatch(f -> f.family() != null && !session.ended.contains(f.family()));
  }

  /** What the peer is to us once its AS is known. */
  Source.Kind kind(boolean ibgp) {
    if (!ibgp) {
      return Source.Kind.EBGP;
    }
    return config.session().reflectorClient() ? Source.Kind.CLIENT : Source.Kind.IBGP;
  }
}
