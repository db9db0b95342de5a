package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.policy.RouteRules.PrefixLimit;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Fault;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Octets;
import dev.catwalk.net.addr.Family;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How many prefixes a peer may have: RFC 4271 §6.7, RFC 4486 §4. */
final class Limits {
  private Limits() {}

  /**
   * After routes came in.
   *
   * @param deeds gets what is worth a line: once at the warning, once above the limit
   * @return what ends the session; null: it may stay
   */
  static @Nullable Notification check(Peer peer, Tables tables, List<Deed> deeds) {
    PrefixLimit limit = peer.config.session().rules().imports().limit().orElse(null);
    if (limit == null) {
      return null;
    }
    for (Family family : Family.values()) {
      int count = tables.rib(family).receivedCount(peer.slot);
      boolean above = count > limit.maximum();
      boolean warn = count * 100L >= (long) limit.maximum() * limit.warnAt();
      boolean news = above ? peer.above.add(family) : warn && peer.warned.add(family);
      if (news) {
        peer.warned.add(family);
        deeds.add(Notes.limit(peer, family, count, limit));
      }
      if (!warn) {
        peer.warned.remove(family);
      }
      if (!above) {
        peer.above.remove(family);
      } else if (!limit.warnOnly()) {
        return exceeded(family, limit.maximum());
      }
    }
    return null;
  }

  private static Notification exceeded(Family family, int maximum) {
    AfiSafi wire = AfiSafi.unicast(family);
    return new Notification(
        Fault.MAXIMUM_PREFIXES.code(),
        Fault.MAXIMUM_PREFIXES.subcode(),
        Octets.of(
            (byte) (wire.afi() >> 8),
            (byte) wire.afi(),
            (byte) wire.safi(),
            (byte) (maximum >> 24),
            (byte) (maximum >> 16),
            (byte) (maximum >> 8),
            (byte) maximum));
  }
}
