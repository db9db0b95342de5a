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

  private static final int MOST_TOGETHER = 1024;

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
    while (octets < CHUNK) {
      List<byte[]> more = next(peer);
      if (more.isEmpty()) {
        break;
      }
      for (byte[] message : more) {
        octets += message.length;
        out.add(message);
      }
    }
    for (byte[] message : out) {
      send(peer, connection, message);
    }
  }

  private List<byte[]> next(Peer peer) {
    RouteWriter writer = Objects.requireNonNull(peer.writer);
    while (!peer.routes.isTold()) {
      List<Route> routes = peer.routes.next(peer.config.telling().grouped(), MOST_TOGETHER);
      if (!peer.families.contains(routes.getFirst().family())) {
        continue; // the neighbour did not offer it
      }
      try {
        return writer.updates(routes);
      } catch (MalformedException e) {
        speaker.note(
            true,
            "neighbor " + peer.address() + " cannot be told " + routes.getFirst() + ": "
                + e.getMessage());
      }
    }
    byte[] waiting = peer.waiting.poll();
    return waiting == null ? List.of() : List.of(waiting);
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
