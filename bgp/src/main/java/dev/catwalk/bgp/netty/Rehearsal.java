package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.speaker.DynamicPeers;
import dev.catwalk.bgp.speaker.SessionConfig;
import dev.catwalk.bgp.speaker.SpeakerConfig;
import dev.catwalk.bgp.speaker.StopMode;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * What a speaker does before it is needed: a speaker that nobody else can find has its sessions on
 * the loopback, with tables like the Internet's and a small reflector's mesh, again and again. After
 * it the JVM has compiled the way of a route from socket to socket, and the first peer is served as
 * quickly as the hundredth. It leaves nothing behind.
 */
public final class Rehearsal {
  private static final int AS = 64512;
  private static final int FIRST_TABLE = 300;
  private static final int LARGEST_TABLE = 5_000;
  private static final int CLIENTS = 48;

  /** A scene is over when nothing was heard for so long. */
  private static final long SILENCE_NANOS = 15_000_000L;

  /** Or where nothing was heard at all, which takes longer where nothing is compiled. */
  private static final long PATIENCE_NANOS = 300_000_000L;

  /** So much longer a slow machine may take to say what it is to say. */
  static final int LONGER = 10;

  private static final long TURN_NANOS = 200_000L;

  private final BgpService service;
  private final Length length;
  private final ByteBuffer heard = ByteBuffer.allocateDirect(256 << 10);
  private long octets;

  /** One who speaks to the speaker, and does not care what it says. */
  private static final class Extra {
    private static final int LENGTH_AT = 16; // of a message, RFC 4271 §4.1

    final SocketChannel channel;
    final ByteBuffer lines;

    Extra(SocketChannel channel, ByteBuffer lines) {
      this.channel = channel;
      this.lines = lines.limit(lines.getShort(LENGTH_AT)); // the OPEN
    }

    /** The rest is understood by who has said his OPEN. */
    void answered() {
      lines.limit(lines.capacity());
    }
  }

  /** How long it lasts: see {@link #play(Duration, long)}. */
  record Length(long beginNanos, long nanos, long least, long enough) {
    boolean isOver(long octets, long nowNanos) {
      long most = octets < least ? LONGER * nanos : nanos;
      return octets >= enough || nowNanos - beginNanos >= most;
    }
  }

  private Rehearsal(BgpService service, Length length) {
    this.service = service;
    this.length = length;
  }

  /**
   * For about that long, and on a machine that is slow until the speaker has said so much, {@link
   * #LONGER} times as long at most. Where there is no loopback, not at all.
   *
   * @param least octets; 0: the time alone counts
   * @return how many octets the speaker said
   */
  public static long play(Duration length, long least) {
    return play(length, least, Long.MAX_VALUE);
  }

  /** As above, or until so many octets were heard. */
  static long play(Duration length, long least, long enough) {
    Length lasts = new Length(System.nanoTime(), length.toNanos(), least, enough);
    try {
      BgpService service = BgpService.start(config());
      try {
        Rehearsal rehearsal = new Rehearsal(service, lasts);
        rehearsal.scenes();
        return rehearsal.octets;
      } finally {
        service.stop(StopMode.RESTART);
      }
    } catch (IOException e) { // the first peer will have to wait somewhat
      return 0;
    }
  }

  private static SpeakerConfig config() {
    return new SpeakerConfig(
        AS,
        IpAddress.parse("127.0.0.1"),
        List.of(new SpeakerConfig.ListenAddress(IpAddress.parse("127.0.0.1"), 0)),
        SpeakerConfig.Multipath.OFF,
        List.of(),
        List.of(
            new DynamicPeers(Prefix.parse("127.1.0.0/16"), AS, session(true)),
            new DynamicPeers(Prefix.parse("127.2.0.0/16"), DynamicPeers.ANY_AS, session(false))));
  }

  private static SessionConfig session(boolean client) {
    return new SessionConfig(
        SessionConfig.DEFAULT.holdTime(),
        SessionConfig.THIRD_OF_HOLD,
        true,
        client,
        List.of(Family.values()));
  }

  private void scenes() throws IOException {
    int size = FIRST_TABLE;
    for (int scene = 0; !isOver(); scene++) {
      mesh(scene);
      if (!isOver()) {
        table(scene, size);
      }
      if (!isOver()) {
        trickle(scene, size / 16);
      }
      size = Math.min(LARGEST_TABLE, 2 * size);
    }
  }

  /** Two tell a table of the same prefixes and leave, one hears it. */
  private void table(int scene, int attributeSets) throws IOException {
    List<Extra> tellers = new ArrayList<>();
    Extra listener = extra(2, scene, 1, Script.open(AS + 1L));
    List<Extra> cast = new ArrayList<>(List.of(listener));
    try {
      play(cast);
      tellers.add(extra(2, scene, 2, Script.table(AS + 2L, scene, attributeSets)));
      cast.addAll(tellers);
      play(cast);
      Extra second = extra(2, scene, 3, Script.table(AS + 3L, scene, attributeSets / 4));
      tellers.add(second);
      cast.add(second);
      play(cast);
      leave(tellers);
      play(List.of(listener));
    } finally {
      leave(tellers);
      leave(List.of(listener));
    }
  }

  /** One tells single changes, each when the one before it was heard. */
  private void trickle(int scene, int changes) throws IOException {
    Extra teller = extra(2, scene, 4, Script.open(AS + 4L));
    List<Extra> cast = new ArrayList<>(List.of(teller));
    try {
      Extra listener = extra(2, scene, 5, Script.open(AS + 5L));
      cast.add(listener);
      play(cast);
      ByteBuffer said = Script.changes(AS + 4L, scene, changes);
      while (said.hasRemaining() && !isOver()) {
        said.limit(said.position() + said.getShort(said.position() + Extra.LENGTH_AT));
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        teller.channel.write(said);
        said.limit(said.capacity());
        while (!exchange(listener)) { // without a rest: it is what follows a rest that is rehearsed
          if (!listener.channel.isOpen() || System.nanoTime() - deadline > 0) {
            return;
          }
          Thread.onSpinWait();
        }
      }
    } finally {
      leave(cast);
    }
  }

  /** Clients of a reflector tell one prefix each and hear those of all others. */
  private void mesh(int scene) throws IOException {
    List<Extra> cast = new ArrayList<>();
    try {
      for (int i = 1; i <= CLIENTS; i++) {
        cast.add(extra(1, scene, i, Script.client(AS, i)));
      }
      play(cast);
    } finally {
      leave(cast);
    }
  }

  private Extra extra(int role, int scene, int number, ByteBuffer lines) throws IOException {
    SocketChannel channel = SocketChannel.open();
    try {
      channel.bind(new InetSocketAddress(address(role, scene, number), 0));
      channel.connect(new InetSocketAddress(address(0, 0, 1), service.port()));
      channel.configureBlocking(false);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    return new Extra(channel, lines);
  }

  /** Another one in each scene: who has just left may not be forgotten yet. */
  private static InetAddress address(int role, int scene, int number) throws IOException {
    return InetAddress.getByAddress(new byte[] {127, (byte) role, (byte) scene, (byte) number});
  }

  private static void leave(List<Extra> cast) throws IOException {
    for (Extra extra : cast) {
      extra.channel.close();
    }
  }

  /** Until all is said and heard, or the time is up. */
  private void play(List<Extra> cast) throws IOException {
    long before = octets;
    long silentSince = System.nanoTime();
    while (!isOver()) {
      long patience = octets == before ? PATIENCE_NANOS : SILENCE_NANOS;
      if (System.nanoTime() - silentSince > patience) {
        return;
      }
      boolean moved = false;
      for (Extra extra : cast) {
        moved |= exchange(extra);
      }
      if (moved) {
        silentSince = System.nanoTime();
      } else {
        LockSupport.parkNanos(this, TURN_NANOS);
      }
    }
  }

  /** Whether something went to or fro. Who is shown the door plays no more in this scene. */
  private boolean exchange(Extra extra) throws IOException {
    if (!extra.channel.isOpen()) {
      return false;
    }
    int read = -1;
    boolean said = false;
    try {
      said = extra.lines.hasRemaining() && extra.channel.write(extra.lines) > 0;
      heard.clear();
      read = extra.channel.read(heard);
      if (read > 0) {
        extra.answered();
      }
    } catch (IOException e) {
      said = false;
    }
    if (read < 0) {
      extra.channel.close();
    }
    octets += Math.max(0, read);
    return said || read > 0;
  }

  private boolean isOver() {
    return length.isOver(octets, System.nanoTime());
  }
}
