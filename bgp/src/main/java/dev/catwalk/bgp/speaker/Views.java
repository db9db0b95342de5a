package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.fsm.Negotiated;
import dev.catwalk.bgp.fsm.Peering;
import dev.catwalk.bgp.rib.PathInfo;
import dev.catwalk.bgp.rib.Source;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.Communities;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.Prefix;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Peers and routes as people and scripts see them. */
final class Views {
  private static final long DEFAULT_LOCAL_PREF = 100;

  private Views() {}

  static PeerView of(Peer peer, Tables tables) {
    Negotiated negotiated = peer.peering.negotiated();
    int received = 0;
    int refused = 0;
    for (Family family : Family.values()) {
      received += tables.rib(family).receivedCount(peer.slot);
      refused += tables.rib(family).refusedCount(peer.slot);
    }
    int sent = peer.established == null
        ? 0
        : peer.established.outlets.stream()
            .mapToInt(o -> o.out().announcedCount())
            .sum();
    SessionConfig session = peer.config.session();
    return new PeerView(
        peer.config.name(),
        peer.config.address().toString(),
        negotiated == null ? peer.config.as() : negotiated.peerAs(),
        peer.peering.state().text(),
        Instant.ofEpochMilli(peer.sinceMs),
        received,
        received - refused,
        sent,
        said(peer.peering.lastNotification()),
        peer.peering.lastError(),
        capabilities(peer),
        negotiated == null ? session.holdTime() : negotiated.holdTime(),
        negotiated == null ? session.keepalive() : negotiated.keepalive(),
        peer.dynamic);
  }

  private static PeerView.@Nullable LastNotification said(Peering.@Nullable Said said) {
    if (said == null) {
      return null;
    }
    Notification n = said.notification();
    return new PeerView.LastNotification(
        said.sent(), !said.sent(), n.code(), n.subcode(), n.text());
  }

  private static PeerView.Capabilities capabilities(Peer peer) {
    Open ours = peer.settings().open();
    Open theirs = peer.peering.received();
    return new PeerView.Capabilities(
        names(ours.capabilities()), theirs == null ? List.of() : names(theirs.capabilities()));
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
            case Capability.Unrecognised(int code, var value) -> "code-" + code;
          });
    }
    return names;
  }

  static Optional<RouteView> of(Prefix prefix, List<PathInfo> paths) {
    if (paths.isEmpty()) {
      return Optional.empty();
    }
    String best = paths.getFirst().best() ? paths.getFirst().source().name() : "";
    return Optional.of(
        new RouteView(prefix.toString(), best, paths.stream().map(Views::of).toList()));
  }

  private static RouteView.PathView of(PathInfo path) {
    PathAttributes attributes = path.attributes();
    boolean own = path.source().kind() == Source.Kind.LOCAL;
    return new RouteView.PathView(
        path.source().name(),
        own ? "self" : attributes.nextHop().toString(),
        attributes.asPath().toString(),
        attributes.localPref().orElse(DEFAULT_LOCAL_PREF),
        attributes.med().orElse(0),
        attributes.origin().name().toLowerCase(Locale.ROOT),
        attributes
            .communities()
            .map(Communities::toString)
            .map(text -> List.of(text.split(" ")))
            .orElse(List.of()),
        path.best(),
        path.why(),
        path.used());
  }
}
