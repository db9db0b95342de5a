package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.bfd.BfdAction;
import dev.catwalk.bgp.fsm.Event;
import dev.catwalk.bgp.speaker.Deed;
import dev.catwalk.bgp.speaker.Happening;
import dev.catwalk.bgp.speaker.PeerConfig;
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
 * What BFD means for BGP (RFC 5882 §4.3, RFC 9384). A path is watched from a peer's first session on
 * until the peer is configured no more. If it fails, the session ends at once: as by a closed
 * connection where the other side's BFD shares the fate of its control plane (the C bit is clear: it
 * may be restarting, and graceful restart keeps its routes), else by CEASE and with all its routes.
 * The speaker's thread alone calls it.
 */
final class PathWatch implements AutoCloseable {
  private final Consumer<Supplier<Optional<Happening>>> later;
  private final TreeMap<IpAddress, Deed.Up> up = new TreeMap<>();
  private final TreeSet<IpAddress> watched = new TreeSet<>();
  private @Nullable BfdService service;

  /** @param later takes what is to be asked on the speaker's thread, from any thread */
  PathWatch(Consumer<Supplier<Optional<Happening>>> later) {
    this.later = later;
  }

  void up(Deed.Up session) {
    PeerConfig peer = session.config();
    if (peer.bfd().isEmpty()) {
      return;
    }
    up.put(peer.address(), session);
    watched.add(peer.address());
    BfdService bfd = service;
    if (bfd == null) {
      bfd = new BfdService(ThreadLocalRandom.current().nextInt(), this::changed);
      service = bfd;
    }
    bfd.open(session.locals().address(), peer.address(), peer.bfd().get());
  }

  void down(Deed.Down session) {
    Deed.Up known = up.get(session.config().address());
    if (known != null && known.target().equals(session.target())) {
      up.remove(session.config().address());
    }
  }

  /** Those that are configured from now on: others are watched no more. */
  void keep(List<PeerConfig> peers) {
    TreeSet<IpAddress> gone = new TreeSet<>(watched);
    for (PeerConfig peer : peers) {
      if (peer.bfd().isPresent()) {
        gone.remove(peer.address());
      }
    }
    BfdService bfd = service;
    for (IpAddress peer : gone) {
      watched.remove(peer);
      if (bfd != null) {
        bfd.close(peer);
      }
    }
  }

  private void changed(IpAddress peer, BfdAction.Changed change) {
    if (change.failed()) {
      later.accept(() -> Optional.ofNullable(up.get(peer)).map(s -> end(s, change)));
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
