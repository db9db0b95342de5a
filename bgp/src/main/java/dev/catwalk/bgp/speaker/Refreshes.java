package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.fsm.ConnectionId;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.EncodeContext;
import dev.catwalk.bgp.wire.RouteRefresh;
import dev.catwalk.net.addr.Family;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;

/**
 * ROUTE-REFRESH, RFC 2918, with the markers of RFC 7313. However often a peer asks while it is told
 * all again, that is one more time: to ask costs us a bit of memory and no walk through a table. And
 * however often it asks when it has been told, it is not told without end.
 */
final class Refreshes {
  /** So many Begin-of-RR of a session are heeded in each {@link #MARKS_MS}: each walks a table. */
  static final int MARKS = 8;

  static final long MARKS_MS = 10_000;

  /**
   * So many times in {@link #ANSWERS_MS} a session is told all of a family again; what it asks for
   * beyond that is answered after it, once. To tell a table is work that others wait for.
   */
  static final int ANSWERS = 6;

  static final long ANSWERS_MS = 10_000;

  private final TreeMap<Long, Peer> asking = new TreeMap<>();

  /** A peer that is up asks for all that we have, or tells what it has again. */
  void received(Peer peer, RouteRefresh message, Tables tables, long nowMs) {
    Peer.Established session = peer.established;
    Family family = message.family().family();
    if (session == null || family == null) {
      return;
    }
    switch (message.subtype()) {
      case RouteRefresh.REQUEST -> {
        session.asked.add(family);
        asking.put(peer.id, peer);
      }
      case RouteRefresh.BEGIN -> {
        if (isHeeded(session, message.family(), family, nowMs)) {
          tables.rib(family).mark(session.source);
          session.marked.add(family);
        }
      }
      case RouteRefresh.END -> { // one without its begin is ignored: RFC 7313 §4
        if (session.marked.remove(family)) {
          tables.rib(family).sweep(session.source);
        }
      }
      default -> throw new AssertionError("the session ignores others");
    }
  }

  /**
   * Not before a restarting peer's End-of-RIB (RFC 7313 §4), and not without end: what is not
   * marked stays until the peer withdraws it, as without RFC 7313.
   */
  private static boolean isHeeded(
      Peer.Established session, AfiSafi family, Family kind, long nowMs) {
    Capability.GracefulRestart restart = session.negotiated.restart();
    if (restart != null && restart.has(family) && !session.ended.contains(kind)) {
      return false;
    }
    if (nowMs - session.marksSinceMs >= MARKS_MS) {
      session.marksSinceMs = nowMs;
      session.marks = 0;
    }
    return ++session.marks <= MARKS;
  }

  /** {@link #ANSWERS_MS} have passed: that peer may be told all as often again. */
  static void allow(Peer peer) {
    if (peer.established != null) {
      peer.established.answers = 0;
    }
  }

  /** Whether somebody who has asked can be told. */
  boolean hasWork() {
    for (Peer peer : asking.values()) {
      Peer.Established session = peer.established;
      if (session == null || session.outlets.stream().anyMatch(o -> isDue(session, o))) {
        return true;
      }
    }
    return false;
  }

  /** Begins to tell those who have asked, but for those who are yet being told. */
  List<Deed> work() {
    List<Deed> deeds = new ArrayList<>();
    Iterator<Peer> peers = asking.values().iterator();
    while (peers.hasNext()) {
      Peer peer = peers.next();
      Peer.Established session = peer.established;
      if (session == null) {
        peers.remove();
        continue;
      }
      for (Peer.Outlet outlet : session.outlets) {
        if (isDue(session, outlet)) {
          begin(peer, session, outlet, deeds);
        }
      }
      if (session.asked.isEmpty()) {
        peers.remove();
      }
    }
    return deeds;
  }

  private static boolean isDue(Peer.Established session, Peer.Outlet outlet) {
    Family family = outlet.rib().family();
    return session.asked.contains(family)
        && session.answers < ANSWERS
        && (outlet.out().isInStep() || !session.refreshing.contains(family));
  }

  private static void begin(
      Peer peer, Peer.Established session, Peer.Outlet outlet, List<Deed> deeds) {
    Family family = outlet.rib().family();
    if (session.negotiated.enhancedRefresh() && outlet.out().beginRefresh()) {
      deeds.add(say(peer, session.connection, family, RouteRefresh.BEGIN));
    }
    if (session.answers++ == 0) {
      deeds.add(new Deed.Remind(peer.id, Deadline.PEER_ANSWERS, 0, ANSWERS_MS));
    }
    outlet.group().refresh(outlet.out());
    session.refreshing.add(family);
    session.asked.remove(family);
  }

  /** That ROUTE-REFRESH to that peer. */
  static Deed say(Peer peer, ConnectionId connection, Family family, int subtype) {
    RouteRefresh message = new RouteRefresh(AfiSafi.unicast(family), subtype);
    peer.sent.add(message);
    return new Deed.Send(new Deed.Target(peer.id, connection), EncodeContext.beforeOpen(), message);
  }
}
