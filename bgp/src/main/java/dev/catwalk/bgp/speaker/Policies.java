package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.fsm.Negotiated;
import dev.catwalk.bgp.policy.ExportPolicy;
import dev.catwalk.bgp.policy.ExportPolicy.Presence;
import dev.catwalk.bgp.policy.ImportPolicy;
import dev.catwalk.bgp.policy.RouteRules;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Relation;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is taken from a peer and told to it, as its configuration and its OPEN have it. */
final class Policies {
  private Policies() {}

  /** RFC 9234 §5 is for eBGP alone. */
  private static Optional<Relation> role(Peer peer, Negotiated terms) {
    return terms.ibgp() ? Optional.empty() : peer.config.session().extensions().role();
  }

  static ImportPolicy imports(Peer peer, Negotiated terms, SpeakerConfig own) {
    return new ImportPolicy(
        peer.localAs(own),
        own.routerId().v4Bits(),
        terms.ibgp(),
        own.as(),
        terms.peerAs(),
        role(peer, terms),
        peer.config.session().rules().imports());
  }

  static ExportPolicy exports(
      Peer peer,
      Negotiated terms,
      Family family,
      IpAddress nextHop,
      SpeakerConfig own,
      Presence presence) {
    RouteRules.Exports rules = peer.config.session().rules().exports();
    return new ExportPolicy(
        peer.localAs(own),
        own.routerId().v4Bits(),
        peer.kind(terms.ibgp()),
        nextHop,
        own.transit(),
        presence,
        new ExportPolicy.Peer(
            rules.overrideAs() ? terms.peerAs() : 0,
            role(peer, terms),
            terms.longLived() != null,
            family == Family.IPV4 && !terms.extendedNextHop(),
            rules));
  }

  /** How many paths of a prefix it is told, with identifiers; 0: the best one, without. */
  static int pathsEach(Peer peer, Negotiated terms, Family family) {
    return terms.encode().addPath().contains(AfiSafi.unicast(family))
        ? peer.config.session().extensions().addPath().send()
        : 0;
  }

  /** Our address for routes of a family; of the other one where both sides can (RFC 8950). */
  static @Nullable IpAddress nextHop(Locals locals, Family family, Negotiated terms) {
    IpAddress own = locals.nextHop(family);
    return own == null && family == Family.IPV4 && terms.extendedNextHop()
        ? locals.nextHop(Family.IPV6)
        : own;
  }
}
