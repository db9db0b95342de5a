package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.bfd.BfdAction;
import dev.catwalk.bgp.bfd.BfdSettings;
import dev.catwalk.bgp.bfd.BfdStatus;
import dev.catwalk.bgp.fsm.Event;
import dev.catwalk.bgp.speaker.Deed;
import dev.catwalk.bgp.speaker.DynamicPeers;
import dev.catwalk.bgp.speaker.Happening;
import dev.catwalk.bgp.speaker.PeerConfig;
import dev.catwalk.bgp.speaker.PeerView;
import dev.catwalk.bgp.speaker.SpeakerConfig;
import dev.catwalk.bgp.wire.Fault;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.net.addr.IpAddress;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What BFD means for BGP (RFC 5882 §4.3, RFC 9384). The path to a peer that is named is watched from
 * its first session on until it is configured no more; that to one who came by a range, as long as
 * its session is up. If it fails, the session ends at once: as by a closed connection where the other
 * side's BFD shares the fate of its control plane (the C bit is clear: it may be restarting, and
 * graceful restart keeps its routes), else by CEASE and with all its routes. The speaker's thread
 * alone calls it.
 */
final class PathWatch implements AutoCloseable {
  private final Consumer<Supplier<Optional<Happening>>> later;
  private final TreeMap<IpAddress, Deed.Up> up = new TreeMap<>();
  private final TreeSet<IpAddress> watched = new TreeSet<>();
  private SpeakerConfig config;
  private @Nullable BfdService service;

  /** @param later takes what is to be asked on the speaker's thread, from any thread */
  PathWatch(SpeakerConfig config, Consumer<Supplier<Optional<Happening>>> later) {
    this.config = config;
    this.later = later;
  }

  void up(Deed.Up session) {
    up.put(session.config().address(), session);
    wanted(session.config().address()).ifPresent(settings -> watch(session, settings));
  }

  private void watch(Deed.Up session, BfdSettings settings) {
    watched.add(session.config().address());
    BfdService bfd = service;
    if (bfd == null) {
      bfd = new BfdService(ThreadLocalRandom.current().nextInt(), this::changed);
      service = bfd;
    }
    bfd.open(
        session.locals().address(),
        session.config().address(),
        session.config().session().tcp().link(),
        settings);
  }

  void down(Deed.Down session) {
    IpAddress peer = session.config().address();
    Deed.Up known = up.get(peer);
    if (known != null && known.target().equals(session.target())) {
      up.remove(peer);
      if (!isNamed(peer)) {
        forget(peer);
      }
    }
  }

  private void forget(IpAddress peer) {
    BfdService bfd = service;
    if (watched.remove(peer) && bfd != null) {
      bfd.close(peer);
    }
  }

  private boolean isNamed(IpAddress peer) {
    return config.peers().stream().anyMatch(p -> p.address().equals(peer));
  }

  private Optional<BfdSettings> wanted(IpAddress peer) {
    for (PeerConfig named : config.peers()) {
      if (named.address().equals(peer)) {
        return named.bfd();
      }
    }
    for (DynamicPeers range : config.dynamic()) {
      if (range.prefix().contains(peer)) {
        return range.bfd();
      }
    }
    return Optional.empty();
  }

  /** Those that it names with BFD are watched, others no more. */
  void configure(SpeakerConfig next) {
    config = next;
    for (IpAddress peer : List.copyOf(watched)) {
      if (wanted(peer).isEmpty() || !isNamed(peer) && !up.containsKey(peer)) {
        forget(peer);
      }
    }
    up.forEach((peer, session) -> wanted(peer).ifPresent(settings -> watch(session, settings)));
  }

  /** The same with what is known of their paths. */
  List<PeerView> with(List<PeerView> peers) {
    return service == null
        ? peers
        : peers.stream()
            .map(peer -> with(peer, status(IpAddress.parse(peer.address()))))
            .toList();
  }

  /** How the path to that peer is; null: it is not watched. */
  @Nullable
  BfdStatus status(IpAddress peer) {
    BfdService bfd = service;
    return bfd == null ? null : bfd.status(peer);
  }

  private static PeerView with(PeerView peer, @Nullable BfdStatus status) {
    return status == null ? peer : peer.with(PeerView.Bfd.of(status));
  }

  private void changed(IpAddress peer, BfdAction.Changed change) {
    if (change.failed()) {
      later.accept(() -> Optional.ofNullable(up.get(peer))
          .filter(s -> watched.contains(peer))
          .map(s -> end(s, change)));
    }
  }

  private static Happening end(Deed.Up session, BfdAction.Changed change) {
    Deed.Target target = session.target();
    String why = "BFD: " + change.why();
    if (!change.independent()) {
      return new Happening.OfPeer(target.peer(), new Event.Closed(target.connection(), why));
    }
    Notification cease = Notification.of(Fault.BFD_DOWN);
    Notification answer = session.terms().notification() ? cease.asHardReset() : cease;
    return new Happening.OfPeer(
        target.peer(), new Event.Malformed(target.connection(), answer, why));
  }

  @Override
  public void close() {
    if (service != null) {
      service.close();
      service = null;
    }
  }
}
