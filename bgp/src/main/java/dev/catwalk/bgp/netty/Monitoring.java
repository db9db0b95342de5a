package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.bmp.BmpEncoder;
import dev.catwalk.bgp.bmp.BmpPeer;
import dev.catwalk.bgp.bmp.BmpStation;
import dev.catwalk.bgp.fsm.Negotiated;
import dev.catwalk.bgp.rib.Path;
import dev.catwalk.bgp.rib.PathInfo;
import dev.catwalk.bgp.rib.RouteListener.RouteChange;
import dev.catwalk.bgp.speaker.Deed;
import dev.catwalk.bgp.speaker.Happening;
import dev.catwalk.bgp.speaker.Hearing;
import dev.catwalk.bgp.speaker.PeerView;
import dev.catwalk.bgp.speaker.Speaker;
import dev.catwalk.bgp.speaker.SpeakerConfig;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.Octets;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.bgp.wire.RouteRefresh;
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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What monitoring stations are told (RFC 7854): sessions, every UPDATE of a peer before policy, and
 * the Loc-RIB (RFC 9069). A station that connects is told all that is there, in pieces between which
 * the speaker goes on; one that does not read is hung up on by its {@link StationLink} and begins
 * anew. The speaker's thread alone calls it.
 *
 * <p>Where import rules may have changed what we keep of a peer, what was there before a station is
 * asked for again ({@link Recalls}). A peer that cannot be asked is told of after policy too, with
 * the L flag: what was there before, and then each change beside the UPDATE that made it.
 */
final class Monitoring implements AutoCloseable {
  /** So many prefixes of a table are told at a time. */
  private static final int PIECE = 1000;

  /** Nobody notes when a route came: RFC 7854 §5 has the time 0 for that. */
  static final long UNKNOWN = 0;

  private static final long STATISTICS_NANOS = 60_000_000_000L;

  private final Speaker speaker;
  private final Executor speakerThread;
  private final Recalls recalls;
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

  /**
   * @param step steps that speaker
   * @param speakerThread runs something later, on the speaker's thread
   */
  Monitoring(
      Speaker speaker, SpeakerConfig config, Consumer<Happening> step, Executor speakerThread) {
    this.speaker = speaker;
    this.speakerThread = speakerThread;
    this.recalls = new Recalls(step, speakerThread);
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
      List<Session> changed =
          up.values().stream().filter(s -> hearing(s) == Hearing.REPEATABLE).toList();
      changed.forEach(session -> recalls.ask(new Recalls.Wish(
          link,
          link.connection(),
          now,
          session.target(),
          session.peer(),
          session.up().terms().families(),
          () -> isUp(session))));
    }
  }

  private boolean isUp(Session session) {
    Session now = up.get(session.up().config().address());
    return now != null && now.target().equals(session.target());
  }

  private Hearing hearing(Session session) {
    return speaker.hearing(session.target().peer());
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
          switch (hearing(session)) {
            case KEPT -> heard(session, prefix, path, out);
            case REPEATABLE -> {} // the peer says it
            case CHANGED -> policed(session, prefix, path.pathId(), path, UNKNOWN, out);
          }
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

  private static void heard(Session session, Prefix prefix, PathInfo path, ByteBuf out) {
    Update update =
        Update.announce(asHeard(path.attributes(), session), one(prefix, path.pathId()));
    BmpEncoder.routes(session.peer(), UNKNOWN, update, session.up().terms().pathsFrom(), out);
  }

  /** @param path what our rules leave of it; null: nothing, or it is gone */
  private static void policed(
      Session session, Prefix prefix, int pathId, @Nullable PathInfo path, long atMs, ByteBuf out) {
    Nlri one = one(prefix, pathId);
    Update update = path == null || path.isRefused()
        ? Update.withdraw(one)
        : Update.announce(path.attributes(), one);
    List<AfiSafi> withPathIds = session.up().terms().pathsFrom();
    BmpEncoder.routes(session.peer().afterPolicy(), atMs, update, withPathIds, out);
  }

  private static Nlri one(Prefix prefix, int pathId) {
    Nlri.Builder one = new Nlri.Builder(prefix.family());
    one.add(pathId, prefix.address().high(), prefix.address().low(), prefix.length());
    return one.build();
  }

  /** RFC 8326 has us keep a LOCAL_PREF that no external peer says. */
  private static PathAttributes asHeard(PathAttributes kept, Session session) {
    return session.up().terms().ibgp() ? kept : kept.with().withoutLocalPref().build();
  }

  private void endOfRibs(ByteBuf out) {
    for (Session session : up.values()) {
      BmpPeer peer = switch (hearing(session)) {
        case KEPT -> session.peer();
        case REPEATABLE -> null; // it is not the end before the peer has answered
        case CHANGED -> session.peer().afterPolicy();
      };
      for (AfiSafi family : session.up().terms().families()) {
        if (peer != null) {
          BmpEncoder.routes(peer, UNKNOWN, Update.endOfRib(family), List.of(), out);
        }
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
      recalls.down(known.target());
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
    if (isWatched() && hearing(session) == Hearing.CHANGED) {
      speakerThread.execute(() -> policed(session, update)); // when our rules have had it
    }
  }

  private void policed(Session session, Update update) {
    if (!isUp(session)) {
      return;
    }
    long now = System.currentTimeMillis();
    List<Nlri> touched = new ArrayList<>(update.withdrawn());
    update.announced().forEach(reach -> touched.add(reach.prefixes()));
    all(out -> {
      for (Nlri prefixes : touched) {
        for (int i = 0; i < prefixes.size(); i++) {
          int pathId = prefixes.pathId(i);
          Prefix prefix = prefixes.get(i);
          PathInfo path = speaker.paths(prefix).stream()
              .filter(p -> p.pathId() == pathId
                  && p.source().address().equals(session.up().config().address()))
              .findFirst()
              .orElse(null);
          policed(session, prefix, pathId, path, now, out);
        }
      }
    });
  }

  /** A ROUTE-REFRESH that a peer sent. */
  void marked(Deed.Target from, RouteRefresh message) {
    if (message.subtype() == RouteRefresh.END) {
      recalls.answered(from, message.family());
    }
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

  private void all(Consumer<ByteBuf> message) {
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
