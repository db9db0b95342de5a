package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.fsm.ConnectionId;
import dev.catwalk.bgp.fsm.Event;
import dev.catwalk.bgp.rib.Underlay;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.SortedMap;
import java.util.SortedSet;

/** What can happen to a speaker. Peers have numbers here, which are never used again. */
public sealed interface Happening {

  /** Begin to dial and to answer. */
  record Start(Restart restart) implements Happening {
    public Start() {
      this(Restart.NONE);
    }
  }

  /**
   * Somebody opened a connection to us; answered by {@code Adopt} or {@code Refuse}.
   *
   * @param number the shell's for this connection, never used again
   */
  record Incoming(long number, IpAddress from, Locals locals) implements Happening {}

  /** A connection that we dialled is open. */
  record Connected(long peer, ConnectionId connection, Locals locals) implements Happening {}

  /** Any other event of a peer's connections and timers. */
  record OfPeer(long peer, Event event) implements Happening {}

  /** A deadline is over. Ignored unless it is the newest generation. */
  record Due(long peer, Deadline deadline, long generation) implements Happening {}

  /** What peers have told by {@code Converged} is forwarded now: it may be told to others. */
  record Forwards() implements Happening {}

  /**
   * Packets for these prefixes are forwarded now by what peers told, and for those no longer. Of an
   * owner who says so once, even of none, peers hear no other route of other peers from then on that
   * would have them send their packets to us.
   */
  record Forwarding(SortedSet<Prefix> more, SortedSet<Prefix> fewer) implements Happening {}

  /**
   * What packets find their way to without BGP. Of an owner who says so routes are selected only as
   * far as their next hop is reached by it; without it every next hop is taken for a neighbour.
   */
  record Reaches(Underlay underlay) implements Happening {}

  /**
   * Leave so that nobody notices: mark all that is told with GRACEFUL_SHUTDOWN (RFC 8326), withdraw
   * it after that time, then say {@code Departed}. Sessions stay up until {@code Stop}.
   */
  record Depart(long waitMs) implements Happening {}

  /** All that we originate: what was there before and is not in it is withdrawn. */
  record Originate(SortedMap<Prefix, Origination> routes) implements Happening {}

  /** That peer is to tell all its routes again (RFC 2918): the owner limits how often. */
  record Recall(long peer) implements Happening {}

  /** From now on this is the configuration. Peers that it does not change keep their sessions. */
  record Reconfigure(SpeakerConfig config) implements Happening {}

  /** Ends all sessions; there is no way back. */
  record Stop(StopMode mode) implements Happening {}
}
