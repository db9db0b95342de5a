package dev.catwalk.bgp.policy;

import dev.catwalk.bgp.rib.Refusal;
import dev.catwalk.bgp.wire.Communities;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * Whether what one peer announces takes part in the decision.
 *
 * @param localAs ours
 * @param routerId ours, which is our cluster id too (RFC 4456 §7)
 * @param ibgp whether the peer is in our own AS
 */
public record ImportPolicy(long localAs, int routerId, boolean ibgp) {

  /**
   * What is kept of a route. RFC 8326 §4.2: one that its sender will take back soon is the last
   * choice.
   */
  public PathAttributes adjust(PathAttributes attributes) {
    boolean leaving = !ibgp
        && attributes
            .communities()
            .filter(c -> c.contains(Communities.GRACEFUL_SHUTDOWN))
            .isPresent();
    return leaving ? attributes.with().localPref(0).build() : attributes;
  }

  /** The reason to leave the route out; null: it is good. */
  public @Nullable Refusal check(PathAttributes attributes, OwnAddresses own) {
    if (attributes.asPath().contains(localAs)) {
      return Refusal.OWN_AS_IN_PATH;
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
