package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.speaker.InterfacePeer;
import dev.catwalk.bgp.speaker.PeerView;
import dev.catwalk.bgp.speaker.SpeakerConfig;
import dev.catwalk.net.addr.IpAddress;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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

  /** The same with those whose address is not known. */
  List<PeerView> with(List<PeerView> peers) {
    if (config.interfaces().isEmpty()) {
      return peers;
    }
    List<PeerView> all = new ArrayList<>(peers);
    for (InterfacePeer peer : config.interfaces()) {
      if (peers.stream().noneMatch(p -> p.name().equals(peer.name()))) {
        all.add(PeerView.unknown(peer, since));
      }
    }
    return all;
  }

  @Override
  public void close() {
    if (neighbours != null) {
      neighbours.close();
    }
  }
}
