package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.bmp.BmpEncoder;
import dev.catwalk.bgp.bmp.BmpPeer;
import dev.catwalk.bgp.bmp.BmpStation;
import dev.catwalk.bgp.fsm.Negotiated;
import dev.catwalk.bgp.rib.Path;
import dev.catwalk.bgp.rib.PathInfo;
import dev.catwalk.bgp.rib.RouteListener.RouteChange;
import dev.catwalk.bgp.speaker.Deed;
import dev.catwalk.bgp.speaker.PeerView;
import dev.catwalk.bgp.speaker.Speaker;
import dev.catwalk.bgp.speaker.SpeakerConfig;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.Octets;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What monitoring stations are told (RFC 7854): sessions, every UPDATE of a peer before policy, and
 * the Loc-RIB (RFC 9069). A station that connects is told all that is there, in pieces between which
 * the speaker goes on; one that does not read is hung up on by its {@link StationLink} and begins
 * anew. The speaker's thread alone calls it.
 */
final class Monitoring implements AutoCloseable {
  /** So many prefixes of a table are told at a time. */
  private static final int PIECE = 1000;

  /** Nobody notes when a route came: RFC 7854 §5 has the time 0 for that. */
  private static final long UNKNOWN = 0;

  private static final long STATISTICS_NANOS = 60_000_000_000L;

  private final Speaker speaker;
  private final Executor speakerThread;
  private final BmpPeer locRib;
  private final Open own;
  private final List<StationLink> links = new ArrayList<>();
  private final TreeMap<IpAddress, Session> up = new TreeMap<>();
  private long statisticsDue;

  /** One that is up, with the ports of its connection; 0 where it is gone already. */
  private record Session(Deed.Up up, int localPort, int remotePort) {
    Deed.Target target() {
      return up.target();
    }

    BmpPeer peer() {
      return new BmpPeer(
          false, up.config().address(), up.terms().peerAs(), up.terms().peerId());
    }
  }

  /** @param speakerThread runs something later, on the speaker's thread */
  Monitoring(Speaker speaker, SpeakerConfig config, Executor speakerThread) {
    this.speaker = speaker;
    this.speakerThread = speakerThread;
    int id = config.routerId().v4Bits();
    this.locRib = BmpPeer.locRib(config.as(), id);
    List<AfiSafi> families = List.of(AfiSafi.IPV4_UNICAST, AfiSafi.IPV6_UNICAST);
    this.own = Open.of(config.as(), 0, id, families, null);
  }

  /** Whether there is a station to tell. */
  boolean isWatched() {
    return !links.isEmpty();
  }

  /** These stations in place of those before. */
  void stations(List<BmpStation> wanted) {
    links.removeIf(link -> {
      boolean gone = !wanted.contains(link.station());
      if (gone) {
        link.close();
      }
      return gone;
    });
    for (BmpStation station : wanted) {
      if (links.stream().noneMatch(link -> link.station().equals(station))) {
        speaker.watch();
        links.add(new StationLink(station, link -> speakerThread.execute(() -> greet(link))));
      }
    }
  }

  private void greet(StationLink link) {
    ByteBuf out = Unpooled.buffer();
    BmpEncoder.initiation("Catwalk BGP speaker", "catwalk", out);
    long now = System.currentTimeMillis();
    up.values().forEach(session -> peerUp(session, now, out));
    BmpEncoder.peerUp(locRib, now, IpAddress.v4(0), 0, 0, own, own, out);
    if (link.begin(out)) {
      List<Prefix> prefixes = new ArrayList<>();
      for (Family family : Family.values()) {
        prefixes.addAll(speaker.prefixes(family));
      }
      tell(link, prefixes, 0, link.connection());
    }
  }

  /** What is there of the prefixes from number {@code from} on; a change overtakes it unharmed. */
  private void tell(
      StationLink link, List<Prefix> prefixes, int from, @Nullable Object connection) {
    if (link.connection() != connection) {
      return; // it has hung up, or was hung up on
    }
    if (!link.hasRoom()) {
      link.later(() -> speakerThread.execute(() -> tell(link, prefixes, from, connection)));
      return;
    }
    ByteBuf out = Unpooled.buffer();
    int to = Math.min(prefixes.size(), from + PIECE);
    for (Prefix prefix : prefixes.subList(from, to)) {
      for (PathInfo path : speaker.paths(prefix)) {
        Session session = up.get(path.source().address());
        if (session != null && session.up().config().name().equals(path.source().name())) {
          Nlri.Builder one = new Nlri.Builder(prefix.family());
          one.add(path.pathId(), prefix.address().high(), prefix.address().low(), prefix.length());
          Update update = Update.announce(asHeard(path.attributes(), session), one.build());
          BmpEncoder.routes(
              session.peer(), UNKNOWN, update, session.up().terms().pathsFrom(), out);
        }
        if (path.best()) {
          Update update = Update.announce(path.attributes(), Nlri.of(prefix));
          BmpEncoder.routes(locRib, UNKNOWN, update, List.of(), out);
        }
      }
    }
    if (to == prefixes.size()) {
      endOfRibs(out);
    }
    link.send(out);
    if (to < prefixes.size()) {
      speakerThread.execute(() -> tell(link, prefixes, to, connection));
    }
  }

  /** RFC 8326 has us keep a LOCAL_PREF that no external peer says. */
  private static PathAttributes asHeard(PathAttributes kept, Session session) {
    return session.up().terms().ibgp() ? kept : kept.with().withoutLocalPref().build();
  }

  private void endOfRibs(ByteBuf out) {
    for (Session session : up.values()) {
      for (AfiSafi family : session.up().terms().families()) {
        BmpEncoder.routes(session.peer(), UNKNOWN, Update.endOfRib(family), List.of(), out);
      }
    }
    BmpEncoder.routes(locRib, UNKNOWN, Update.endOfRib(AfiSafi.IPV4_UNICAST), List.of(), out);
    BmpEncoder.routes(locRib, UNKNOWN, Update.endOfRib(AfiSafi.IPV6_UNICAST), List.of(), out);
  }

  private static void peerUp(Session session, long now, ByteBuf out) {
    BmpEncoder.peerUp(
        session.peer(),
        now,
        session.up().locals().address(),
        session.localPort(),
        session.remotePort(),
        session.up().sent(),
        session.up().received(),
        out);
  }

  /** @param connection the session's; null: gone already */
  void up(Deed.Up told, @Nullable Connection connection) {
    int localPort = connection == null ? 0 : connection.localPort();
    int remotePort = connection == null ? 0 : connection.remotePort();
    Session session = new Session(told, localPort, remotePort);
    up.put(told.config().address(), session);
    all(out -> peerUp(session, System.currentTimeMillis(), out));
  }

  void down(Deed.Down session) {
    Session known = up.get(session.config().address());
    if (known != null && known.target().equals(session.target())) {
      up.remove(session.config().address());
      all(out -> BmpEncoder.peerDown(
          known.peer(),
          System.currentTimeMillis(),
          session.sent(),
          session.received(),
          session.local(),
          out));
    }
  }

  /**
   * What came from a peer, whether or not its session is up.
   *
   * @param raw the message as it came; null: not kept, and encoded anew
   */
  void received(IpAddress from, Deed.Target target, Update update, @Nullable Octets raw) {
    Session session = up.get(from);
    if (session == null || !session.target().equals(target)) {
      return;
    }
    long now = System.currentTimeMillis();
    Negotiated terms = session.up().terms();
    all(out -> {
      if (raw == null) {
        BmpEncoder.routes(session.peer(), now, update, terms.pathsFrom(), out);
      } else {
        BmpEncoder.received(session.peer(), now, raw, terms.fourByteAs(), out);
      }
    });
  }

  /** What is selected has changed. */
  void changed(List<RouteChange> changes) {
    all(out -> {
      long now = System.currentTimeMillis();
      for (RouteChange change : changes) {
        Nlri prefix = Nlri.of(change.prefix());
        List<Path> paths = change.paths();
        Update update = paths.isEmpty()
            ? Update.withdraw(prefix)
            : Update.announce(paths.getFirst().attributes(), prefix);
        BmpEncoder.routes(locRib, now, update, List.of(), out);
      }
    });
  }

  /** Called now and then: how much there is, once a minute (RFC 7854 §4.8). */
  void tick(long nowNanos) {
    if (!links.isEmpty() && nowNanos - statisticsDue >= 0) {
      statisticsDue = nowNanos + STATISTICS_NANOS;
      statistics();
    }
  }

  private void statistics() {
    all(out -> {
      long now = System.currentTimeMillis();
      for (PeerView view : speaker.peers(now)) {
        Session session = up.get(IpAddress.parse(view.address()));
        if (session != null) {
          BmpEncoder.statistics(session.peer(), now, view.prefixesReceived(), out);
        }
      }
      long selected = 0;
      for (Family family : Family.values()) {
        selected += speaker.reachableCount(family);
      }
      BmpEncoder.statistics(locRib, now, selected, out);
    });
  }

  private void all(java.util.function.Consumer<ByteBuf> message) {
    ByteBuf out = null;
    for (StationLink link : links) {
      if (link.isTold()) {
        if (out == null) {
          out = Unpooled.buffer();
          message.accept(out);
        }
        link.send(out.duplicate());
      }
    }
  }

  @Override
  public void close() {
    links.forEach(StationLink::close);
    links.clear();
  }
}
