package dev.catwalk.bgp.policy;

import dev.catwalk.bgp.rib.Exporter;
import dev.catwalk.bgp.rib.Source;
import dev.catwalk.bgp.wire.ClusterList;
import dev.catwalk.bgp.wire.Communities;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.IpAddress;
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
 */
public record ExportPolicy(
    long localAs,
    int routerId,
    Source.Kind to,
    IpAddress nextHop,
    boolean transit,
    Presence presence)
    implements Exporter {
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

  public ExportPolicy {
    assert to != Source.Kind.LOCAL;
  }

  @Override
  public @Nullable PathAttributes export(PathAttributes attributes, Source from) {
    PathAttributes told = presence == Presence.GONE ? null : told(attributes, from);
    return told != null && presence == Presence.LEAVING ? leaving(told) : told;
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
    if (isWithheld(attributes)) {
      return null;
    }
    boolean internal = to.isIbgp();
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
        || !to.isIbgp()
            && (communities.contains(Communities.NO_EXPORT)
                || communities.contains(Communities.NO_EXPORT_SUBCONFED));
  }

  private PathAttributes toEbgp(PathAttributes attributes, Source from) {
    PathAttributes.Builder out = attributes
        .with()
        .asPath(attributes.asPath().prepend(localAs))
        .nextHop(nextHop)
        .withoutLocalPref()
        .withoutReflection();
    if (from.kind() != Source.Kind.LOCAL) {
      out.withoutMed(); // RFC 4271 §5.1.4: not to another neighbouring AS
    }
    return out.build();
  }

  private PathAttributes toIbgp(PathAttributes attributes, Source from) {
    PathAttributes.Builder out = attributes.with();
    if (attributes.localPref().isEmpty()) {
      out.localPref(LOCAL_PREF);
    }
    if (from.kind() == Source.Kind.LOCAL && attributes.nextHop().isUnspecified()) {
      out.nextHop(nextHop);
    }
    return out.build();
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
    return out.build();
  }
}
