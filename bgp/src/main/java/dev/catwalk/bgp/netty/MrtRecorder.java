package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.mrt.MrtEncoder;
import dev.catwalk.bgp.mrt.MrtSettings;
import dev.catwalk.bgp.rib.PathInfo;
import dev.catwalk.bgp.rib.Source;
import dev.catwalk.bgp.speaker.Deed;
import dev.catwalk.bgp.speaker.PeerView;
import dev.catwalk.bgp.speaker.Speaker;
import dev.catwalk.bgp.speaker.SpeakerConfig;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.DecodeContext;
import dev.catwalk.bgp.wire.EncodeContext;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records in the way of collectors (RFC 6396) what peers say, before policy, and now and then all
 * that is held. The speaker's thread alone calls it; {@link MrtFiles} writes.
 */
final class MrtRecorder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MrtRecorder.class);
  private static final int OPEN_CONFIRM = 5;
  private static final int ESTABLISHED = 6;
  private static final int IDLE = 1;

  /** So many prefixes of a table are written at a time. */
  private static final int PIECE = 1000;

  private static final IpAddress NOBODY = IpAddress.v4(0);

  private final Speaker speaker;
  private final SpeakerConfig config;
  private final Executor speakerThread;
  private final TreeMap<IpAddress, Deed.Up> up = new TreeMap<>();
  private @Nullable MrtFiles files;
  private @Nullable Table table;

  /** A table that is being written. */
  private static final class Table {
    final long seconds = System.currentTimeMillis() / 1000;
    final TreeMap<IpAddress, Integer> index = new TreeMap<>();
    final List<Prefix> prefixes = new ArrayList<>();
    int next;
  }

  /** @param speakerThread runs something later, on the speaker's thread */
  MrtRecorder(Speaker speaker, SpeakerConfig config, Executor speakerThread) {
    this.speaker = speaker;
    this.config = config;
    this.speakerThread = speakerThread;
  }

  /** That is recorded from now on; nothing, where it is empty. */
  void configure(Optional<MrtSettings> settings) {
    if (files != null && settings.filter(files.settings()::equals).isPresent()) {
      return;
    }
    close();
    if (settings.isPresent()) {
      try {
        files = new MrtFiles(settings.get(), () -> speakerThread.execute(this::beginTable));
      } catch (IOException e) {
        LOG.error("nothing is recorded why={}", e.getMessage());
      }
    }
  }

  void up(Deed.Up session) {
    up.put(session.config().address(), session);
    state(session, OPEN_CONFIRM, ESTABLISHED);
  }

  void down(Deed.Down session) {
    Deed.Up known = up.get(session.config().address());
    if (known != null && known.target().equals(session.target())) {
      up.remove(session.config().address());
      state(known, ESTABLISHED, IDLE);
    }
  }

  private void state(Deed.Up session, int before, int after) {
    if (files != null) {
      ByteBuf out = Unpooled.buffer();
      MrtEncoder.state(micros(), ends(session), before, after, out);
      files.update(out);
    }
  }

  /** What came from a peer. */
  void received(IpAddress from, Deed.Target target, Update update) {
    Deed.Up session = up.get(from);
    if (files != null && session != null && session.target().equals(target)) {
      ByteBuf out = Unpooled.buffer();
      MrtEncoder.message(micros(), ends(session), update, context(session), out);
      files.update(out);
    }
  }

  /** With path identifiers where the peer sends them. */
  private static EncodeContext context(Deed.Up session) {
    List<AfiSafi> addPath =
        DecodeContext.between(session.sent(), session.received()).addPath();
    return new EncodeContext(true, Wire.EXTENDED_MESSAGE_LIMIT, addPath);
  }

  private static long micros() {
    java.time.Instant now = java.time.Instant.now();
    return now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
  }

  private MrtEncoder.Ends ends(Deed.Up session) {
    return new MrtEncoder.Ends(
        session.terms().peerAs(),
        session.sent().as(),
        session.config().address(),
        session.locals().address());
  }

  private void beginTable() {
    if (files == null || table != null) {
      return;
    }
    Table begun = new Table();
    List<MrtEncoder.Peer> peers = new ArrayList<>();
    peers.add(new MrtEncoder.Peer(config.routerId().v4Bits(), NOBODY, config.as()));
    for (PeerView view : speaker.peers()) {
      IpAddress address = IpAddress.parse(view.address());
      if (peers.size() < MrtEncoder.MOST_PEERS && !begun.index.containsKey(address)) {
        int id =
            view.routerId().isEmpty() ? 0 : IpAddress.parse(view.routerId()).v4Bits();
        begun.index.put(address, peers.size());
        peers.add(new MrtEncoder.Peer(id, address, view.as()));
      }
    }
    for (Family family : Family.values()) {
      begun.prefixes.addAll(speaker.prefixes(family));
    }
    ByteBuf out = Unpooled.buffer();
    MrtEncoder.index(begun.seconds, config.routerId(), peers, out);
    files.table(out, begun.prefixes.isEmpty());
    if (!begun.prefixes.isEmpty()) {
      table = begun;
      continueTable();
    }
  }

  /** In pieces between which the speaker goes on; a table waits for the disk, nobody else does. */
  private void continueTable() {
    Table begun = table;
    if (begun == null || files == null) {
      return;
    }
    if (!files.hasRoom()) {
      files.whenRoom(() -> speakerThread.execute(this::continueTable));
      return;
    }
    ByteBuf out = Unpooled.buffer();
    int to = Math.min(begun.prefixes.size(), begun.next + PIECE);
    for (; begun.next < to; begun.next++) {
      Prefix prefix = begun.prefixes.get(begun.next);
      List<MrtEncoder.Row> rows = new ArrayList<>();
      for (PathInfo path : speaker.paths(prefix)) {
        Integer peer = path.source().kind() == Source.Kind.LOCAL
            ? Integer.valueOf(0)
            : begun.index.get(path.source().address());
        if (peer != null) {
          rows.add(new MrtEncoder.Row(peer, path.attributes()));
        }
      }
      if (!rows.isEmpty()) {
        MrtEncoder.routes(begun.seconds, begun.next, prefix, rows, out);
      }
    }
    boolean last = to == begun.prefixes.size();
    files.table(out, last);
    if (last) {
      table = null;
    } else {
      speakerThread.execute(this::continueTable);
    }
  }

  @Override
  public void close() {
    table = null;
    if (files != null) {
      files.close();
      files = null;
    }
  }
}
