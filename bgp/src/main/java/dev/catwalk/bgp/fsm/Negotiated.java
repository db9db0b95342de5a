package dev.catwalk.bgp.fsm;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Open;
import java.util.List;

/**
 * What two OPENs agree on.
 *
 * @param peerAs the peer's AS number
 * @param peerId the peer's BGP Identifier
 * @param holdTime in seconds, the smaller of both; 0: no keepalives, no hold timer
 * @param keepalive in seconds; 0 where {@code holdTime} is
 * @param families of both, in our order; may be empty
 * @param fourByteAs both have RFC 6793
 * @param refresh both have RFC 2918
 */
public record Negotiated(
    long peerAs,
    int peerId,
    boolean ibgp,
    int holdTime,
    int keepalive,
    List<AfiSafi> families,
    boolean fourByteAs,
    boolean refresh) {
  public Negotiated {
    families = List.copyOf(families);
  }

  static Negotiated of(Settings ours, Open theirs) {
    int holdTime = Math.min(ours.holdTime(), theirs.holdTime());
    int third = Math.max(1, holdTime / 3);
    int keepalive = ours.keepalive() == 0 ? third : Math.min(ours.keepalive(), third);
    List<AfiSafi> theirFamilies = theirs.families();
    return new Negotiated(
        theirs.as(),
        theirs.bgpId(),
        theirs.as() == ours.localAs(),
        holdTime,
        holdTime == 0 ? 0 : keepalive,
        ours.families().stream().filter(theirFamilies::contains).toList(),
        theirs.hasFourByteAs(),
        theirs.hasRefresh());
  }
}
