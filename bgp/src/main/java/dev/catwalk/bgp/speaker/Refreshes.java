package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.fsm.ConnectionId;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.EncodeContext;
import dev.catwalk.bgp.wire.RouteRefresh;
import dev.catwalk.net.addr.Family;
import java.util.List;

/** ROUTE-REFRESH, RFC 2918, with the markers of RFC 7313. */
final class Refreshes {
  private Refreshes() {}

  /**
   * A peer that is up asks for all that we have, or tells what it has again.
   *
   * @param deeds gets what is to be said at once
   */
  static void received(Peer peer, RouteRefresh message, Tables tables, List<Deed> deeds) {
    Peer.Established session = peer.established;
    Family family = message.family().family();
    if (session == null || family == null) {
      return;
    }
    switch (message.subtype()) {
      case RouteRefresh.REQUEST -> {
        for (Peer.Outlet outlet : session.outlets) {
          if (outlet.rib().family() == family) {
            if (session.negotiated.enhancedRefresh() && outlet.out().beginRefresh()) {
              deeds.add(say(peer, session.connection, family, RouteRefresh.BEGIN));
            }
            outlet.group().refresh(outlet.out());
          }
        }
      }
      case RouteRefresh.BEGIN -> tables.rib(family).mark(session.source);
      case RouteRefresh.END -> tables.rib(family).sweep(session.source);
      default -> throw new AssertionError("the session ignores others");
    }
  }

  /** That ROUTE-REFRESH to that peer. */
  static Deed say(Peer peer, ConnectionId connection, Family family, int subtype) {
    RouteRefresh message = new RouteRefresh(AfiSafi.unicast(family), subtype);
    peer.sent.add(message);
    return new Deed.Send(new Deed.Target(peer.id, connection), EncodeContext.beforeOpen(), message);
  }
}
