package dev.catwalk.bgp.speaker;

import org.jspecify.annotations.Nullable;

/**
 * How much memory all routes together may take. Beyond it the peer that has most of it goes (RFC 4486
 * §4, Out of Resources), before the others have to. A limit of prefixes is not enough for that: one
 * route may have attributes of 65,535 octets.
 */
final class Memory {
  /** So long it stays away. */
  static final long PENANCE_MS = 60_000;

  /** So long what it had takes to be gone; nobody else is blamed meanwhile. */
  static final long RESPITE_MS = 2_000;

  private long limit = Long.MAX_VALUE;
  private long blamedMs;

  /**
   * From now on.
   *
   * @param octets what all routes may take, about
   */
  void limit(long octets) {
    limit = octets;
  }

  long limit() {
    return limit;
  }

  /** Who has to go after routes came in; null: nobody. */
  @Nullable
  Peer hoarder(Tables tables, Peers peers, long nowMs) {
    if (tables.octets() <= limit || nowMs - blamedMs < RESPITE_MS) {
      return null;
    }
    Peer most = null;
    for (Peer peer : peers.all()) {
      if (peer.established != null && (most == null || tables.octets(peer) > tables.octets(most))) {
        most = peer;
      }
    }
    if (most != null) {
      blamedMs = nowMs;
    }
    return most;
  }
}
