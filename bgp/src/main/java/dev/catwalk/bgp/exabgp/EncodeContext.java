package dev.catwalk.bgp.exabgp;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.net.addr.IpAddress;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * What a command has to be written with: who the two ends are and what they agreed on.
 *
 * @param localAddress what {@code next-hop self} means
 * @param localAs 0..4294967295
 * @param peerAs 0..4294967295
 * @param asn4 whether AS numbers have four octets (RFC 6793)
 * @param addPath the families whose prefixes go with a path identifier (RFC 7911)
 * @param aigp whether AIGP goes to a peer in another AS too (RFC 7311 §3.3)
 * @param linkLocal what goes beside a global next hop of IPv6 (RFC 2545 §3); null if nothing does
 */
public record EncodeContext(
    IpAddress localAddress,
    long localAs,
    long peerAs,
    boolean asn4,
    SortedSet<AfiSafi> addPath,
    boolean aigp,
    @Nullable IpAddress linkLocal) {

  /** Whether a route keeps its AIGP. */
  boolean hasAigp() {
    return aigp || internal();
  }

  /** Whether both ends are in one AS: LOCAL_PREF goes, and our own AS is not added. */
  boolean internal() {
    return localAs == peerAs;
  }
}
