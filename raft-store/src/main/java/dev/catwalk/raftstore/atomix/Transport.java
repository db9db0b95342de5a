package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.store.StoreConfig;
import dev.catwalk.raftstore.store.StoreException;
import dev.catwalk.raftstore.store.StoreException.Kind;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.time.Instant;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Connections with every other member, one each, on one event loop: TLS with certificates on both
 * sides, or plain TCP, where members believe each other's name, which the configuration has to allow
 * ({@code store.insecure}).
 */
final class Transport implements AutoCloseable {
  private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(
      1, new DefaultThreadFactory("store-net", true), NioIoHandler.newFactory());
  private final TreeMap<String, PeerLink> links = new TreeMap<>();
  private final ChannelGroup channels = new DefaultChannelGroup(loops.next());
  private final StoreConfig config;
  private final Hello mine;
  private final @Nullable TlsGate tls;
  private final Refusals refusals = new Refusals();
  private final int format;

  /**
   * Nothing is opened yet.
   *
   * @param tls null for plain text
   * @param format the newest that this member says it knows
   */
  Transport(StoreConfig config, @Nullable TlsGate tls, int format) {
    this.config = config;
    this.format = format;
    this.tls = tls;
    this.mine = hello(config, "");
    for (var member : config.members().entrySet()) {
      if (!member.getKey().equals(config.memberName())) {
        links.put(
            member.getKey(),
            new PeerLink(hello(config, member.getKey()), member.getValue(), loops, channels, tls));
      }
    }
  }

  private Hello hello(StoreConfig config, String to) {
    int flags = config.insecure() ? Hello.INSECURE : 0;
    return new Hello(Hello.VERSION, flags, config.clusterId(), config.memberName(), to, format);
  }

  /**
   * Accepts the others and begins to dial them.
   *
   * @param handler answers what they ask
   * @param reachable is told, on the event loop, of each member that a connection to is there
   * @throws StoreException if the port cannot be had
   */
  void open(PeerServer.Handler handler, Consumer<String> reachable) {
    links.forEach((name, link) -> link.open(handler, () -> reachable.accept(name)));
    try {
      channels.add(new ServerBootstrap()
          .group(loops)
          .channel(NioServerSocketChannel.class)
          .option(ChannelOption.SO_REUSEADDR, true)
          .childOption(ChannelOption.TCP_NODELAY, true)
          .childHandler(new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
              channels.add(channel);
              if (tls != null) {
                channel.pipeline().addLast(tls.accepting());
              }
              Packet.addFraming(channel.pipeline());
              channel
                  .pipeline()
                  .addLast(new PeerServer(
                      mine,
                      config.members().keySet(),
                      refusals,
                      (from, accepted) -> Objects.requireNonNull(links.get(from.from()))
                          .accepted(accepted, from.format())));
            }
          })
          .bind(config.listen())
          .syncUninterruptibly()
          .channel());
    } catch (Exception e) { // Netty throws the checked BindException unchecked.
      throw new StoreException(
          Kind.CANNOT_OPEN,
          "store.listen " + config.listen() + ": " + e.getMessage()
              + ": stop what uses this address, or choose another",
          e);
    }
    links.values().forEach(PeerLink::dialNow);
  }

  /** The thread of all connections. */
  EventLoop loop() {
    return loops.next();
  }

  /** Asks another member. */
  CompletableFuture<byte[]> request(String member, Packet.Kind kind, byte[] body, long timeoutMs) {
    PeerLink link = links.get(member);
    return link == null
        ? CompletableFuture.failedFuture(new IOException("no member " + member))
        : link.request(kind, body, timeoutMs);
  }

  /** The newest format that a member said it knows; the oldest of one that was never met. */
  int format(String member) {
    PeerLink link = links.get(member);
    return link == null ? Format.OLDEST : link.format();
  }

  /** How many there are with members that are known on them. Any thread. */
  int connections() {
    return loops
        .next()
        .submit(() -> links.values().stream().mapToInt(PeerLink::connections).sum())
        .syncUninterruptibly()
        .getNow();
  }

  /** What another member has against this one, if any refuses it, or what soon will be. */
  @Nullable
  String refusal() {
    String warning = tls == null ? null : tls.warning(Instant.now());
    if (warning != null) {
      return warning;
    }
    for (PeerLink link : links.values()) {
      if (link.refusal() != null) {
        return link.refusal();
      }
    }
    return null;
  }

  @Override
  public void close() {
    links.values().forEach(PeerLink::close);
    channels.close().awaitUninterruptibly(2, TimeUnit.SECONDS);
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
