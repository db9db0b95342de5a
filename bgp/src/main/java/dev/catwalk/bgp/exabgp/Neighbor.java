package dev.catwalk.bgp.exabgp;

import dev.catwalk.bgp.wire.AfiSafi;
import java.util.SortedSet;

/**
 * What a message has to be read with: who the two ends are and what they agreed on.
 *
 * @param localAddress as it shall stand in the JSON
 * @param peerAddress as it shall stand in the JSON
 * @param localAs 0..4294967295
 * @param peerAs 0..4294967295
 * @param routerId our BGP identifier, as text
 * @param asn4 whether AS numbers in AS_PATH and AGGREGATOR have four octets (RFC 6793)
 * @param addPath the families whose prefixes come with a path identifier (RFC 7911)
 */
public record Neighbor(
    String localAddress,
    String peerAddress,
    long localAs,
    long peerAs,
    String routerId,
    boolean asn4,
    SortedSet<AfiSafi> addPath) {}
