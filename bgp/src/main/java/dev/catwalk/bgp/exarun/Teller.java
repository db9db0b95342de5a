package dev.catwalk.bgp.exarun;

import dev.catwalk.bgp.exabgp.MalformedException;
import dev.catwalk.bgp.exabgp.Route;
import dev.catwalk.bgp.exabgp.RouteWriter;
import dev.catwalk.bgp.exarun.ExaDeed.Target;
import dev.catwalk.bgp.fsm.ConnectionId;
import dev.catwalk.bgp.wire.AfiSafi;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** What goes to neighbours of their Adj-RIBs-Out, piece by piece as they read. */
final class Teller {
  /** So many octets are written for a neighbour before others get their turn. */
  private static final int CHUNK = 64 << 10;

  /** So many routes go in one message, or are found not to go in any, before others get their turn. */
  static final int MOST_TOGETHER = 1024;

  private final ExaSpeaker speaker;

  Teller(ExaSpeaker speaker) {
    this.speaker = speaker;
  }

  /** There may be something to tell. */
  void wake(Peer peer) {
    ConnectionId up = peer.up;
    if (up != null) {
      speaker.deed(new ExaDeed.Wake(new Target(peer.id, up)));
    }
  }

  /** What goes next to a neighbour whose session is up; nothing: it has been told all. */
  void pull(Peer peer, ConnectionId connection) {
    List<byte[]> out = new ArrayList<>();
    int octets = 0;
    int untold = 0;
    while (octets < CHUNK && untold < MOST_TOGETHER && hasMore(peer)) {
      List<byte[]> more = next(peer);
      untold += more.isEmpty() ? 1 : 0;
      for (byte[] message : more) {
        octets += message.length;
        out.add(message);
      }
    }
    for (byte[] message : out) {
      send(peer, connection, message);
    }
  }

  private static boolean hasMore(Peer peer) {
    return !peer.routes.isTold() || !peer.waiting.isEmpty();
  }

  /** What comes next; nothing: there is no more, or it cannot be told, which the log says. */
  private List<byte[]> next(Peer peer) {
    while (!peer.routes.isTold()) {
      List<Route> routes = peer.routes.next(peer.config.telling().grouped(), MOST_TOGETHER);
      if (peer.families.contains(routes.getFirst().family())) { // which the neighbour offered, too
        return updates(peer, routes);
      }
    }
    byte[] waiting = peer.waiting.poll();
    return waiting == null ? List.of() : List.of(waiting);
  }

  private List<byte[]> updates(Peer peer, List<Route> routes) {
    try {
      return Objects.requireNonNull(peer.writer).updates(routes);
    } catch (MalformedException e) {
      speaker.note(
          true,
          "neighbor " + peer.address() + " cannot be told "
              + Commander.shown(routes.getFirst().toString()) + ": " + e.getMessage());
      return List.of();
    }
  }

  void send(Peer peer, ConnectionId connection, byte[] message) {
    peer.outgoing.add(message);
    speaker.deed(new ExaDeed.Send(new Target(peer.id, connection), message));
    speaker.tellOf(peer, "send", message);
  }

  /** A neighbour asks for a family again, or a process wants it told again. */
  void again(Peer peer, AfiSafi family) {
    ConnectionId connection = peer.up;
    if (connection == null) {
      return;
    }
    if (peer.isEnhanced()) { // RFC 7313 §4
      send(peer, connection, RouteWriter.routeRefresh(family, 1));
      peer.waiting.add(RouteWriter.routeRefresh(family, 2));
    }
    peer.routes.again(family);
    wake(peer);
  }
}
