package dev.catwalk.bgp.policy;

import dev.catwalk.bgp.policy.RouteRules.NextHops;
import dev.catwalk.bgp.rib.Exporter;
import dev.catwalk.bgp.rib.Source;
import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.ClusterList;
import dev.catwalk.bgp.wire.Communities;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.bgp.wire.Relation;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What peers of one kind are told of a route. Peers with equal policies form one group.
 *
 * @param localAs ours
 * @param routerId ours, which is our cluster id too (RFC 4456 §7)
 * @param to what the peers are to us; never {@code LOCAL}
 * @param nextHop our address towards them: what they are told for our own routes and, outside our
 *     AS, for all
 * @param transit whether routes of one eBGP peer go to another
 * @param presence how far we are in coming or leaving
 * @param peer what else there is to know of them
 */
public record ExportPolicy(
    long localAs,
    int routerId,
    Source.Kind to,
    IpAddress nextHop,
    boolean transit,
    Presence presence,
    Peer peer)
    implements Exporter {
  /**
   * What few peers need to differ in.
   *
   * @param as theirs, where {@code rules} need it; else 0
   * @param role what we are to them (RFC 9234)
   * @param longLived whether they know what a long-lived stale route is (RFC 9494)
   * @param onlyIpv4Hops whether they can take no IPv6 next hops: the routes are IPv4 ones, and they
   *     do not have RFC 8950
   */
  public record Peer(
      long as,
      Optional<Relation> role,
      boolean longLived,
      boolean onlyIpv4Hops,
      RouteRules.Exports rules) {
    public static final Peer PLAIN =
        new Peer(0, Optional.empty(), false, false, RouteRules.Exports.STANDARD);
  }

  /** The stages of a speaker's life, in order. */
  public enum Presence {
    /** Outside our AS our own routes alone are told: what others told us is not forwarded yet. */
    COMING,
    /** All is told. */
    HERE,
    /** RFC 8326 §3: every route is marked as one that will go, and is the last choice in our AS. */
    LEAVING,
    /** Nothing is told any more: what was told is withdrawn. */
    GONE
  }

  /** The LOCAL_PREF that a route gets on its way into the AS (RFC 4271 §5.1.5). */
  private static final long LOCAL_PREF = 100;

  public ExportPolicy(
      long localAs, int routerId, Source.Kind to, IpAddress nextHop, boolean transit) {
    this(localAs, routerId, to, nextHop, transit, Presence.HERE);
  }

  public ExportPolicy(
      long localAs,
      int routerId,
      Source.Kind to,
      IpAddress nextHop,
      boolean transit,
      Presence presence) {
    this(localAs, routerId, to, nextHop, transit, presence, Peer.PLAIN);
  }

  public ExportPolicy {
    assert to != Source.Kind.LOCAL;
  }

  /** Whether others told us, and we are the next hop in what is told. */
  @Override
  public boolean draws(PathAttributes attributes, Source from) {
    return from.kind() != Source.Kind.LOCAL
        && (to.isIbgp() ? isOurs(attributes) : !isKept(attributes, from));
  }

  @Override
  public boolean filters() {
    return !peer.rules().filter().isEmpty();
  }

  @Override
  public int verdict(
      PathAttributes attributes, Source from, Family family, long high, long low, int length) {
    return peer.rules().filter().verdict(attributes, from, to.isIbgp(), family, high, low, length);
  }

  /** Prepends before our own AS comes in front, does the rest to what is told in the end. */
  @Override
  public @Nullable PathAttributes export(
      PathAttributes attributes, Source from, Family family, int verdict) {
    if (verdict == RouteFilter.PLAIN) {
      return export(attributes, from);
    }
    FilterRule rule = peer.rules().filter().rule(family, verdict);
    PathAttributes told =
        export(attributes.with().asPath(rule.path(attributes.asPath())).build(), from);
    return told == null ? null : rule.rest(told);
  }

  @Override
  public @Nullable PathAttributes export(PathAttributes attributes, Source from) {
    PathAttributes told = presence == Presence.GONE ? null : told(attributes, from);
    if (told == null || peer.onlyIpv4Hops() && !told.nextHop().isV4()) {
      return null;
    }
    return presence == Presence.LEAVING ? leaving(told) : told;
  }

  private PathAttributes leaving(PathAttributes told) {
    PathAttributes.Builder out = told.with();
    out.communities(told.communities()
        .map(c -> c.with(Communities.GRACEFUL_SHUTDOWN))
        .orElse(Communities.of(Communities.GRACEFUL_SHUTDOWN)));
    if (to.isIbgp()) {
      out.localPref(0);
    }
    return out.build();
  }

  private @Nullable PathAttributes told(PathAttributes attributes, Source from) {
    boolean internal = to.isIbgp();
    if (isWithheld(attributes)
        || !internal && peer.rules().requireFilter() && peer.rules().filter().isEmpty()
        || isForCustomersOnly(attributes)) {
      return null;
    }
    if (!internal) {
      return carries(from.kind()) ? toEbgp(attributes, from) : null;
    }
    if (!from.kind().isIbgp()) {
      return toIbgp(attributes, from);
    }
    boolean reflects = from.kind() == Source.Kind.CLIENT || to == Source.Kind.CLIENT;
    return reflects ? reflected(attributes, from) : null; // RFC 4456 §6; RFC 4271 §9.2.1
  }

  /** To another AS: then what is sent to those who told it comes by us. */
  private boolean carries(Source.Kind from) {
    return switch (from) {
      case LOCAL -> true;
      case EBGP -> transit && presence != Presence.COMING;
      case IBGP, CLIENT -> presence != Presence.COMING;
    };
  }

  /** RFC 1997: the well-known communities limit how far a route goes. */
  private boolean isWithheld(PathAttributes attributes) {
    Communities communities = attributes.communities().orElse(null);
    if (communities == null) {
      return false;
    }
    return communities.contains(Communities.NO_ADVERTISE)
        || !peer.longLived() && communities.contains(Communities.LLGR_STALE) // RFC 9494 §4.3
        || !to.isIbgp()
            && (communities.contains(Communities.NO_EXPORT)
                || communities.contains(Communities.BLACKHOLE) // RFC 7999 §3.2
                || communities.contains(Communities.NO_EXPORT_SUBCONFED));
  }

  /** RFC 9234 §5, egress 2. */
  private boolean isForCustomersOnly(PathAttributes attributes) {
    Relation own = peer.role().orElse(null);
    return attributes.onlyToCustomer().isPresent()
        && (own == Relation.CUSTOMER
            || own == Relation.PEER
            || own == Relation.ROUTE_SERVER_CLIENT);
  }

  /** RFC 9234 §5, egress 1. */
  private boolean marksCustomersOnly() {
    Relation own = peer.role().orElse(null);
    return own == Relation.PROVIDER || own == Relation.PEER || own == Relation.ROUTE_SERVER;
  }

  private AsPath path(AsPath learned) {
    AsPath path = peer.rules().overrideAs() ? learned.replaced(peer.as(), localAs) : learned;
    return (peer.rules().removePrivateAs() ? path.withoutPrivate() : path).prepend(localAs);
  }

  private PathAttributes toEbgp(PathAttributes attributes, Source from) {
    PathAttributes.Builder out = attributes
        .with()
        .asPath(path(attributes.asPath()))
        .nextHop(isKept(attributes, from) ? attributes.nextHop() : nextHop)
        .withoutLocalPref()
        .withoutReflection();
    attributes.extendedCommunities().ifPresent(all -> out.extendedCommunities(all.transitive()));
    if (from.kind() != Source.Kind.LOCAL) {
      out.withoutMed(); // RFC 4271 §5.1.4: not to another neighbouring AS
    }
    if (marksCustomersOnly() && attributes.onlyToCustomer().isEmpty()) {
      out.onlyToCustomer(localAs);
    }
    return out.build();
  }

  private boolean isKept(PathAttributes attributes, Source from) {
    return peer.rules().nextHop() == NextHops.KEEP
        && from.kind() != Source.Kind.LOCAL
        && !attributes.nextHop().isLinkLocal();
  }

  private PathAttributes toIbgp(PathAttributes attributes, Source from) {
    PathAttributes.Builder out = attributes.with();
    if (attributes.localPref().isEmpty()) {
      out.localPref(LOCAL_PREF);
    }
    if (from.kind() == Source.Kind.LOCAL && attributes.nextHop().isUnspecified()
        || isOurs(attributes)) {
      out.nextHop(nextHop);
    }
    return out.build();
  }

  /** Whether we are the next hop; of one that means nothing beyond its link in any case. */
  private boolean isOurs(PathAttributes attributes) {
    return peer.rules().nextHop() == NextHops.SELF || attributes.nextHop().isLinkLocal();
  }

  /** RFC 4456 §8. */
  private PathAttributes reflected(PathAttributes attributes, Source from) {
    PathAttributes.Builder out = attributes.with();
    if (attributes.originatorId().isEmpty()) {
      out.originatorId(from.bgpId());
    }
    out.clusterList(attributes
        .clusterList()
        .map(c -> c.prepend(routerId))
        .orElseGet(() -> ClusterList.of(routerId)));
    if (attributes.localPref().isEmpty()) {
      out.localPref(LOCAL_PREF);
    }
    if (isOurs(attributes)) {
      out.nextHop(nextHop);
    }
    return out.build();
  }
}
