package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.fsm.Negotiated;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.net.addr.Family;
import java.util.List;

/** The helper's side of a restart: how long routes of a peer stay whose session fell. */
final class Retention {
  private Retention() {}

  /** The session fell and routes are kept: RFC 4724 §4.2. */
  static void begin(Peer peer, Negotiated terms, List<Deed> deeds) {
    Capability.GracefulRestart restart = terms.restart();
    if (peer.retained == null || restart == null) {
      return;
    }
    long staleMs = peer.config.session().gracefulRestart().staleTime() * 1000L;
    long restartMs = Math.min(restart.restartTime() * 1000L, staleMs);
    peer.longLived = false;
    peer.longLivedTerms = terms.longLived();
    peer.reminder++;
    deeds.add(new Deed.Remind(peer.id, Deadline.PEER_RESTART, peer.reminder, restartMs));
    deeds.add(new Deed.Remind(peer.id, Deadline.PEER_STALE, peer.reminder, staleMs));
  }

  /** The peer did not come back in its restart time. */
  static void restartIsOver(Peer peer, Tables tables, List<Deed> deeds) {
    int longest = longest(peer);
    if (longest == 0) {
      forget(peer, tables, "it did not come back in its restart time", deeds);
      return;
    }
    peer.longLived = true;
    for (Family family : Family.values()) {
      tables.longLive(peer, family, time(peer, family) > 0);
    }
    deeds.add(Notes.longLived(peer, tables.staleCount(peer), longest));
    deeds.add(new Deed.Remind(peer.id, Deadline.PEER_LONG_LIVED, peer.reminder, longest * 1000L));
  }

  /** It is not back, or has not named its routes again, after all that time. */
  static void staleTimeIsOver(Peer peer, Tables tables, List<Deed> deeds) {
    if (!peer.longLived) {
      forget(peer, tables, "it did not name them again in staleTime", deeds);
    }
  }

  /** RFC 9494 §4.2: neither the peer nor we want them any longer. */
  static void longLivedTimeIsOver(Peer peer, Tables tables, List<Deed> deeds) {
    if (peer.longLived) {
      forget(peer, tables, "it did not name them again in their long life", deeds);
    }
  }

  private static void forget(Peer peer, Tables tables, String why, List<Deed> deeds) {
    int stale = tables.staleCount(peer);
    if (stale > 0) {
      deeds.add(Notes.forgotten(peer, stale, why));
    }
    tables.sweep(peer);
  }

  /** Whether a peer that is back still forwards by its long-lived stale routes. */
  static boolean isKept(Negotiated negotiated, AfiSafi family) {
    Capability.LongLived terms = negotiated.longLived();
    Capability.Kept kept = terms == null ? null : terms.of(family);
    return kept != null && kept.forwarding();
  }

  /** RFC 9494 §4.1 has a time for each family; the longest ends it for all. */
  private static int longest(Peer peer) {
    int longest = 0;
    for (Family family : Family.values()) {
      longest = Math.max(longest, time(peer, family));
    }
    return longest;
  }

  /** In seconds: the shorter of what the peer asks and what we grant. */
  private static int time(Peer peer, Family family) {
    Capability.LongLived terms = peer.longLivedTerms;
    Capability.Kept kept = terms == null ? null : terms.of(AfiSafi.unicast(family));
    int ours = peer.config.session().extensions().longLivedStaleTime();
    return kept == null ? 0 : Math.min(kept.staleTime(), ours);
  }
}
