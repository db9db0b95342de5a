package dev.catwalk.bgp.mrt;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;

/** One thing that a record says. */
public sealed interface MrtEntry {
  /** A {@code pathId} where there are none (RFC 7911 not in use). */
  long NO_PATH_ID = -1;

  /** Who said it. */
  record Peer(IpAddress address, long as) {}

  /** A route in a table. */
  record Held(Peer peer, AfiSafi family, Prefix prefix, long pathId, MrtAttributes attributes)
      implements MrtEntry {}

  record Announced(Peer peer, AfiSafi family, Prefix prefix, long pathId, MrtAttributes attributes)
      implements MrtEntry {}

  record Withdrawn(Peer peer, AfiSafi family, Prefix prefix, long pathId) implements MrtEntry {}

  /** Routes of a family that has no prefixes, or not prefixes alone: as they are. */
  record Opaque(Peer peer, AfiSafi family, boolean withdrawn, String hex, MrtAttributes attributes)
      implements MrtEntry {}

  /** RFC 4724 §2. */
  record EndOfRib(Peer peer, AfiSafi family) implements MrtEntry {}

  /** Numbers of RFC 6396 §4.4.1: 1 Idle to 6 Established. */
  record StateChanged(Peer peer, int before, int after) implements MrtEntry {}

  /** A message that is no UPDATE, without its header. */
  record Message(Peer peer, int type, String hex) implements MrtEntry {}

  /** Whose routes the records that follow hold. */
  record Index(IpAddress collector, String view, int peers) implements MrtEntry {}

  /** A record of a kind that has nothing to do with BGP, or that nobody writes any more. */
  record Skipped(String what) implements MrtEntry {}
}
