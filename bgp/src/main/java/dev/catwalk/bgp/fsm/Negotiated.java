package dev.catwalk.bgp.fsm;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.DecodeContext;
import dev.catwalk.bgp.wire.EncodeContext;
import dev.catwalk.bgp.wire.Open;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
 * @param restart the peer's graceful restart (RFC 4724), if we offer it too; else null
 * @param notification both have the N bit of RFC 8538
 * @param longLived the peer's long-lived graceful restart (RFC 9494), if there is {@code restart} and
 *     we offer it too; else null
 * @param enhancedRefresh both have RFC 7313
 * @param pathsFrom families whose prefixes come from the peer with path identifiers (RFC 7911)
 * @param extendedNextHop IPv4 routes may have IPv6 next hops (RFC 8950)
 * @param encode what the bytes to the peer depend on
 */
public record Negotiated(
    long peerAs,
    int peerId,
    boolean ibgp,
    int holdTime,
    int keepalive,
    List<AfiSafi> families,
    boolean fourByteAs,
    boolean refresh,
    Capability.@Nullable GracefulRestart restart,
    boolean notification,
    Capability.@Nullable LongLived longLived,
    boolean enhancedRefresh,
    List<AfiSafi> pathsFrom,
    boolean extendedNextHop,
    EncodeContext encode) {
  public Negotiated {
    families = List.copyOf(families);
    pathsFrom = List.copyOf(pathsFrom);
  }

  static Negotiated of(Settings ours, Open theirs) {
    int holdTime = Math.min(ours.holdTime(), theirs.holdTime());
    int third = Math.max(1, holdTime / 3);
    int keepalive = ours.keepalive() == 0 ? third : Math.min(ours.keepalive(), third);
    List<AfiSafi> theirFamilies = theirs.families();
    Capability.GracefulRestart restart = ours.restart() == null ? null : theirs.restart();
    Open said = ours.open();
    DecodeContext decode = DecodeContext.between(said, theirs);
    boolean longLived = restart != null && said.last(Capability.LongLived.class) != null;
    return new Negotiated(
        theirs.as(),
        theirs.bgpId(),
        theirs.as() == ours.localAs(),
        holdTime,
        holdTime == 0 ? 0 : keepalive,
        ours.families().stream().filter(theirFamilies::contains).toList(),
        theirs.hasFourByteAs(),
        theirs.hasRefresh(),
        restart,
        ours.restart() != null
            && ours.restart().notification()
            && restart != null
            && restart.notification(),
        longLived ? theirs.last(Capability.LongLived.class) : null,
        said.last(Capability.EnhancedRefresh.class) != null
            && theirs.last(Capability.EnhancedRefresh.class) != null,
        decode.addPath(),
        decode.extendedNextHop(),
        EncodeContext.between(said, theirs));
  }

  /** Whether the peer's routes of some family outlive a session that falls (RFC 4724 §4.2). */
  boolean retains() {
    return restart != null && families.stream().anyMatch(restart::has);
  }
}
