package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.speaker.InterfacePeer;
import dev.catwalk.bgp.speaker.PeerView;
import dev.catwalk.bgp.speaker.SpeakerConfig;
import dev.catwalk.net.addr.IpAddress;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Peers by interface: what the configuration comes to with the neighbours that are known. The
 * speaker's thread alone calls it once it runs.
 */
final class LinkPeers implements AutoCloseable {
  private final Consumer<SortedMap<String, IpAddress>> news;
  private SpeakerConfig config;
  private SortedMap<String, IpAddress> known = new TreeMap<>();
  private @Nullable Neighbours neighbours;
  private final Instant since = Instant.now();

  /**
   * @param news gets all neighbours that are known, on any thread; to be handed to {@link #found}
   * @throws IOException if the configuration has such peers, and neighbours cannot be heard
   */
  LinkPeers(SpeakerConfig config, Consumer<SortedMap<String, IpAddress>> news) throws IOException {
    this.news = news;
    this.config = config;
    follow();
  }

  /** @throws IOException as the constructor has it; then all stays as it was */
  SpeakerConfig configure(SpeakerConfig next) throws IOException {
    SpeakerConfig before = config;
    config = next;
    try {
      follow();
    } catch (IOException e) {
      config = before;
      throw e;
    }
    return config.located(known);
  }

  private void follow() throws IOException {
    List<String> links = config.interfaces().stream().map(InterfacePeer::link).toList();
    if (neighbours == null && !links.isEmpty()) {
      neighbours = new Neighbours(news);
    }
    if (neighbours != null) {
      neighbours.watch(links);
    }
  }

  /** What there is to be spoken with from now on. */
  SpeakerConfig found(SortedMap<String, IpAddress> all) {
    known = new TreeMap<>(all);
    return config.located(known);
  }

  boolean isEmpty() {
    return config.interfaces().isEmpty();
  }

  /** Those whose address is not known: none of these names is theirs. */
  List<PeerView> unknown(Set<String> names) {
    List<PeerView> unknown = new ArrayList<>();
    for (InterfacePeer peer : config.interfaces()) {
      if (!names.contains(peer.name())) {
        unknown.add(PeerView.unknown(peer, since));
      }
    }
    return unknown;
  }

  @Override
  public void close() {
    if (neighbours != null) {
      neighbours.close();
    }
  }
}
