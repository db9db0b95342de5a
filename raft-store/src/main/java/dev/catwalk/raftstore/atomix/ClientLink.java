package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.store.StoreConfig;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's connection with one member of the store at a time, by its name first: so clients spread
 * over the members. State belongs to the event loop.
 */
final class ClientLink implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClientLink.class);

  private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(
      1, new DefaultThreadFactory("store-net", true), NioIoHandler.newFactory());
  private final EventExecutor loop = loops.next();
  private final ChannelGroup channels = new DefaultChannelGroup(loop);
  private final StoreConfig config;
  private final @Nullable TlsGate tls;
  private final Supplier<SortedMap<String, String>> members;
  private volatile String member = "";
  private volatile @Nullable PeerLink link;

  /**
   * No connection yet.
   *
   * @param tls null for plain text
   * @param members name → host:port of those that may be asked
   */
  ClientLink(
      StoreConfig config, @Nullable TlsGate tls, Supplier<SortedMap<String, String>> members) {
    this.config = config;
    this.tls = tls;
    this.members = members;
  }

  /** The thread of the connection. */
  EventExecutor loop() {
    return loop;
  }

  /** Goes to the next member, or to the first one. On the event loop. */
  void next() {
    SortedMap<String, String> all = members.get();
    List<String> names = new ArrayList<>(all.keySet());
    int at = names.indexOf(member);
    int now = at < 0
        ? Math.floorMod(config.memberName().hashCode(), names.size())
        : (at + 1) % names.size();
    PeerLink before = link;
    String name = names.get(now);
    String address = String.valueOf(all.get(name));
    if (before != null && name.equals(member)) {
      before.moveTo(address); // Nobody else is known; what it has begun to say may need its time.
      return;
    }
    if (before != null) {
      before.close();
    }
    LOG.debug("following {} at {}", name, address);
    int flags = Hello.CLIENT | (config.insecure() ? Hello.INSECURE : 0);
    Hello hello = new Hello(Hello.VERSION, flags, config.clusterId(), config.memberName(), name);
    PeerLink after = new PeerLink(
        () -> hello,
        address,
        loops,
        channels,
        tls,
        theirs -> theirs < Format.CLIENTS
            ? name + " runs an older program, which serves no clients: upgrade it"
            : null);
    after.open(
        (from, packet) ->
            CompletableFuture.failedFuture(new IOException("a client answers nothing")),
        () -> {});
    member = name;
    link = after;
    after.dialNow();
  }

  /** Whom this client asks now. Any thread. */
  String member() {
    return member;
  }

  /** What that one has against this client, if it refuses it. Any thread. */
  @Nullable
  String refusal() {
    PeerLink now = link;
    return now == null ? null : now.refusal();
  }

  /** What that one's program knows; the oldest while it was not met. Any thread. */
  int format() {
    PeerLink now = link;
    return now == null ? Format.OLDEST : now.format();
  }

  /** Asks whoever is asked now; fails at once if there is no connection. Any thread. */
  CompletableFuture<byte[]> request(Packet.Kind kind, byte[] body, long timeoutMs) {
    PeerLink now = link;
    return now == null
        ? CompletableFuture.failedFuture(new IOException("no member is known"))
        : now.request(kind, body, timeoutMs);
  }

  @Override
  public void close() {
    PeerLink last = link;
    if (last != null) {
      last.close();
    }
    channels.close().awaitUninterruptibly(2, TimeUnit.SECONDS);
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
