package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.fsm.Negotiated;
import dev.catwalk.bgp.fsm.Peering;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.Relation;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Peers as people and scripts see them. */
final class PeerViews {
  static final String TOO_MANY = "more prefixes than prefixLimit allows";
  static final String TOO_LARGE = "no memory for all routes, and most of them are this peer's";

  private PeerViews() {}

  static PeerView of(Peer peer, Tables tables, SpeakerConfig own, long nowMs) {
    Negotiated terms = peer.peering.negotiated();
    int received = 0;
    int refused = 0;
    for (Family family : Family.values()) {
      received += tables.rib(family).receivedCount(peer.slot);
      refused += tables.rib(family).refusedCount(peer.slot);
    }
    Peer.Established up = peer.established;
    int sent = up == null
        ? 0
        : up.outlets.stream().mapToInt(o -> o.out().announcedCount()).sum();
    SessionConfig session = peer.config.session();
    String error = peer.banned ? peer.bannedWhy : peer.peering.lastError();
    return new PeerView(
        peer.config.name(),
        peer.config.address().toString(),
        terms == null ? Math.max(0, peer.config.as()) : terms.peerAs(),
        up == null ? "" : up.locals.address().toString(),
        terms == null ? "" : IpAddress.v4(terms.peerId()).toString(),
        peer.peering.state().text(),
        Instant.ofEpochMilli(peer.sinceMs),
        received,
        received - refused,
        sent,
        last(peer.peering.lastNotification()),
        new PeerView.Notifications(said(peer.lastSent), said(peer.lastReceived)),
        error,
        error.isEmpty() ? null : Instant.ofEpochMilli(peer.errorMs),
        up != null // what was wrong before is over
            ? ""
            : Hint.of(error, sinceUp(peer.lastReceived, peer.upMs), peer.config, own),
        capabilities(peer),
        terms == null ? session.holdTime() : terms.holdTime(),
        terms == null ? session.keepalive() : terms.keepalive(),
        new PeerView.Configured(session.holdTime(), session.keepalive()),
        peer.timers(nowMs),
        new PeerView.Messages(peer.sent.byName(), peer.received.byName()),
        restarts(peer, tables),
        null,
        peer.dynamic,
        session.password().isPresent());
  }

  /** One from before the last session has nothing to do with what is wrong now. */
  private static @Nullable Notification sinceUp(Peer.@Nullable Heard heard, long upMs) {
    return heard == null || heard.atMs() < upMs ? null : heard.notification();
  }

  private static PeerView.@Nullable LastNotification last(Peering.@Nullable Said said) {
    if (said == null) {
      return null;
    }
    Notification n = said.notification();
    return new PeerView.LastNotification(
        said.sent(), !said.sent(), n.code(), n.subcode(), n.text());
  }

  private static PeerView.@Nullable Said said(Peer.@Nullable Heard heard) {
    if (heard == null) {
      return null;
    }
    Notification n = heard.notification();
    return new PeerView.Said(n.code(), n.subcode(), n.text(), Instant.ofEpochMilli(heard.atMs()));
  }

  private static PeerView.Capabilities capabilities(Peer peer) {
    Open theirs = peer.peering.received();
    return new PeerView.Capabilities(
        names(peer.settings().open().capabilities()),
        theirs == null ? List.of() : names(theirs.capabilities()));
  }

  private static List<String> names(List<Capability> capabilities) {
    List<String> names = new ArrayList<>();
    for (Capability capability : capabilities) {
      names.add(
          switch (capability) {
            case Capability.Multiprotocol(AfiSafi family) -> family.toString();
            case Capability.Refresh() -> "route-refresh";
            case Capability.FourByteAs(long as) -> "four-byte-as";
            case Capability.GracefulRestart restart -> "graceful-restart";
            case Capability.ExtendedMessage() -> "extended-message";
            case Capability.EnhancedRefresh() -> "enhanced-route-refresh";
            case Capability.ExtendedNextHop hop -> "extended-next-hop";
            case Capability.AddPath paths -> "add-path";
            case Capability.LongLived kept -> "long-lived-graceful-restart";
            case Capability.Role(int value) ->
              "role " + Relation.of(value).map(Relation::text).orElse(String.valueOf(value));
            case Capability.Unrecognised(int code, var value) -> registered(code);
          });
    }
    return names;
  }

  /** Of those that we do not have, in IANA's words; others by their number. */
  private static String registered(int code) {
    return switch (code) {
      case 73 -> "fqdn";
      default -> "code-" + code;
    };
  }

  private static PeerView.Restarts restarts(Peer peer, Tables tables) {
    Capability.GracefulRestart ours = peer.settings().restart();
    Negotiated terms = peer.peering.negotiated();
    Capability.GracefulRestart theirs = terms == null ? null : terms.restart();
    String state;
    if (ours == null) {
      state = "off";
    } else if (peer.retained != null) {
      state = "helping";
    } else if (terms == null) {
      state = "offered";
    } else {
      state = theirs == null ? "notOfPeer" : "negotiated";
    }
    List<String> ended = peer.established == null
        ? List.of()
        : peer.established.ended.stream()
            .map(f -> AfiSafi.unicast(f).toString())
            .toList();
    return new PeerView.Restarts(
        state,
        side(ours),
        side(theirs),
        terms != null && terms.notification(),
        tables.staleCount(peer),
        ended);
  }

  private static PeerView.@Nullable Side side(Capability.@Nullable GracefulRestart restart) {
    if (restart == null) {
      return null;
    }
    return new PeerView.Side(
        restart.restarting(),
        restart.restartTime(),
        restart.families().stream().map(f -> f.family().toString()).toList(),
        restart.families().stream()
            .filter(Capability.Restarted::forwarding)
            .map(f -> f.family().toString())
            .toList());
  }
}
