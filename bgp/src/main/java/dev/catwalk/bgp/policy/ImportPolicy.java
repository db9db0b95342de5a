package dev.catwalk.bgp.policy;

import dev.catwalk.bgp.rib.Refusal;
import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.Communities;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.bgp.wire.Relation;
import dev.catwalk.net.addr.IpAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether what one peer announces takes part in the decision.
 *
 * @param localAs ours
 * @param routerId ours, which is our cluster id too (RFC 4456 §7)
 * @param ibgp whether the peer is in our own AS
 * @param ownAs the speaker's AS, which differs from {@code localAs} where the peer sees another
 * @param peerAs the peer's
 * @param role what we are to the peer (RFC 9234), if that is settled
 */
public record ImportPolicy(
    long localAs,
    int routerId,
    boolean ibgp,
    long ownAs,
    long peerAs,
    Optional<Relation> role,
    RouteRules.Imports rules) {

  /** With nothing else configured. */
  public ImportPolicy(long localAs, int routerId, boolean ibgp) {
    this(localAs, routerId, ibgp, localAs, 0, Optional.empty(), RouteRules.Imports.STANDARD);
  }

  /**
   * What is kept of a route. RFC 8326 §4.2: one that its sender will take back soon is the last
   * choice.
   */
  public PathAttributes adjust(PathAttributes attributes) {
    Communities communities = ibgp ? null : attributes.communities().orElse(null);
    boolean leaving = communities != null && communities.contains(Communities.GRACEFUL_SHUTDOWN);
    PathAttributes kept = leaving ? attributes.with().localPref(0).build() : attributes;
    return marksCustomersOnly() && kept.onlyToCustomer().isEmpty()
        ? kept.with().onlyToCustomer(peerAs).build()
        : kept;
  }

  /** Whether what is kept of some route is more than can be told from what came. */
  public boolean changes() {
    return marksCustomersOnly() || rules.filter().changes();
  }

  /** The reason to leave the route out; null: it is good. */
  public @Nullable Refusal check(PathAttributes attributes, OwnAddresses own) {
    if (isLoop(attributes.asPath())) {
      return Refusal.OWN_AS_IN_PATH;
    }
    if (!ibgp && rules.requireFilter() && rules.filter().isEmpty()) {
      return Refusal.NO_FILTER;
    }
    if (isLeak(attributes)) {
      return Refusal.LEAKED;
    }
    if (ibgp && attributes.originatorId().orElse(0) == routerId) {
      return Refusal.OWN_ORIGINATOR;
    }
    if (ibgp && attributes.clusterList().filter(c -> c.contains(routerId)).isPresent()) {
      return Refusal.OWN_CLUSTER;
    }
    IpAddress nextHop = attributes.nextHop();
    if (!isHost(nextHop)) {
      return Refusal.BAD_NEXT_HOP;
    }
    return own.has(nextHop) ? Refusal.OWN_NEXT_HOP : null;
  }

  private boolean isLoop(AsPath path) {
    if (rules.allowOwnAs() == 0) {
      return path.contains(localAs) || ownAs != localAs && path.contains(ownAs);
    }
    int[] count = {0};
    path.forEachAs(as -> count[0] += as == localAs || as == ownAs ? 1 : 0);
    return count[0] > rules.allowOwnAs();
  }

  /** RFC 9234 §5, ingress 1 and 2. */
  private boolean isLeak(PathAttributes attributes) {
    Relation own = role.orElse(null);
    if (own == null || attributes.onlyToCustomer().isEmpty()) {
      return false;
    }
    long marked = attributes.onlyToCustomer().getAsLong();
    return switch (own) {
      case PROVIDER, ROUTE_SERVER -> true; // a customer has it from another provider of its
      case PEER -> marked != peerAs;
      case CUSTOMER, ROUTE_SERVER_CLIENT -> false;
    };
  }

  /** RFC 9234 §5, ingress 3. */
  private boolean marksCustomersOnly() {
    Relation own = role.orElse(null);
    return own == Relation.CUSTOMER || own == Relation.PEER || own == Relation.ROUTE_SERVER_CLIENT;
  }

  /** Which addresses are our own. */
  @FunctionalInterface
  public interface OwnAddresses {
    boolean has(IpAddress address);
  }

  /** RFC 4271 §6.3: "a valid IP host address". */
  private static boolean isHost(IpAddress address) {
    boolean reserved = address.isV4() && address.v4Bits() >>> 28 == 0xf; // and 255.255.255.255
    boolean thisNetwork = address.isV4() && address.v4Bits() >>> 24 == 0;
    return !address.isUnspecified()
        && !address.isLoopback()
        && !address.isMulticast()
        && !reserved
        && !thisNetwork;
  }
}
