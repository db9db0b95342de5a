package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.speaker.TcpOptions;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultSelectStrategyFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.MaxMessagesRecvByteBufAllocator;
import io.netty.channel.ServerChannel;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Listens and dials; all of its connections live on one thread, or on the two of {@link Loops}. Epoll
 * where the kernel has it.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails is told by the pipeline
final class Transport implements AutoCloseable {
  /** Bounds what a peer that does not read makes us keep, for each connection. */
  private static final WriteBufferWaterMark MARKS = new WriteBufferWaterMark(64 << 10, 256 << 10);

  /** So many octets of one connection are read, or callers taken, before the others are looked at. */
  static final int READ_AT_ONCE = 32 << 10;

  private static final int LEAST_READ = 64; // as Netty has it by itself
  private static final int FIRST_READ = 2 << 10;

  /** At most: epoll as Netty has it takes one. */
  static final int CALLS_AT_ONCE = 4;

  /** Of so many sockets that have something it is looked at before what is to be sent has its turn. */
  static final int SOCKETS_AT_ONCE = 64;

  private static final int BACKLOG = 1024;
  private static final int FLUSHES_AT_ONCE = 256;

  /** The session's ConnectRetryTimer gives up before this does. */
  private static final int CONNECT_TIMEOUT_MS = 60_000;

  private static final IntegerUnixChannelOption IPV6_V6ONLY =
      new IntegerUnixChannelOption("IPV6_V6ONLY", 41, 26);

  /** Makes what reads a connection's octets. */
  interface Pipeline {
    /** @param dialled whether we opened the connection */
    ChannelHandler reader(Connection connection, boolean dialled);
  }

  private final Receiver receiver;
  private final Pipeline pipeline;
  private final Map<Channel, Family> families = new LinkedHashMap<>();
  private final TreeMap<Prefix, Secret> passwords = new TreeMap<>();
  private final boolean epoll;
  private final Loops loops;
  private final ChannelGroup listeners = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final AtomicInteger farewells = new AtomicInteger();
  private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

  /** Callers whom nobody expects have a thread of their own. */
  Transport(Receiver receiver) {
    this(
        receiver,
        (connection, dialled) -> new MessageHandler(receiver, connection, dialled),
        true,
        Epoll.isAvailable());
  }

  /** On one thread. */
  Transport(Receiver receiver, Pipeline pipeline) {
    this(receiver, pipeline, false, Epoll.isAvailable());
  }

  /**
   * @param apart whether callers whom nobody expects have a thread of their own
   * @param epoll whether by the kernel's own calls, or as Java has them
   */
  Transport(Receiver receiver, Pipeline pipeline, boolean apart, boolean epoll) {
    this.receiver = receiver;
    this.pipeline = pipeline;
    this.epoll = epoll;
    this.loops = new Loops(
        apart,
        epoll
            ? EpollIoHandler.newFactory(SOCKETS_AT_ONCE, DefaultSelectStrategyFactory.INSTANCE)
            : NioIoHandler.newFactory());
  }

  /** The thread of all connections, but for callers whom nobody expects. */
  EventLoop thread() {
    return loops.sessions();
  }

  /** {@link Loops#expect}. */
  void expect(Set<IpAddress> peers) {
    loops.expect(peers);
  }

  /** It has a session: its thread is that of the sessions from now on. */
  void settle(Connection connection) {
    if (connection.isAside()) {
      loops.admit(connection.channel);
    }
    connection.settle(thread(), () -> {
      if (connection.channel.isActive()) {
        receiver.writable(connection); // it was not on its way
      }
    });
  }

  /** {@link Loops#whenRead}. */
  void whenRead(Runnable task) {
    loops.whenRead(task);
  }

  /**
   * Accepts connections to that address from now on.
   *
   * @param port 0: any that is free
   * @return the port
   * @throws IOException if it cannot be had, with place and remedy
   */
  int listen(IpAddress address, int port) throws IOException {
    ServerBootstrap bootstrap = new ServerBootstrap()
        .group(loops)
        .channelFactory(() -> serverChannel(address.family()))
        .option(ChannelOption.SO_REUSEADDR, true)
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .option(
            ChannelOption.RECVBUF_ALLOCATOR,
            new ServerChannelRecvByteBufAllocator().maxMessagesPerRead(CALLS_AT_ONCE))
        .childOption(ChannelOption.RECVBUF_ALLOCATOR, reads())
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, MARKS)
        .childHandler(equipped(null));
    if (epoll && !address.isV4()) {
      bootstrap.option(IPV6_V6ONLY, 1); // 0.0.0.0 may have a listener of its own
    }
    ChannelFuture registered = bootstrap.register().awaitUninterruptibly();
    Throwable cause = registered.cause();
    if (cause == null) {
      Channel listener = registered.channel();
      listeners.add(listener);
      families.put(listener, address.family());
      if (epoll) {
        Ttl.farthest(listener, address.family());
      }
      for (Map.Entry<Prefix, Secret> password : passwords.entrySet()) {
        secure(listener, password.getKey(), password.getValue()); // before anybody can call
      }
      cause = listener.bind(Sockets.of(address, port)).awaitUninterruptibly().cause();
    }
    if (cause != null) {
      throw new IOException(
          "cannot listen for BGP on " + address + " port " + port + ": "
              + Framing.reason(cause)
              + " (is another BGP daemon running, is the address this machine's, may this user"
              + " open ports below 1024?)",
          cause);
    }
    return ((InetSocketAddress) registered.channel().localAddress()).getPort();
  }

  /**
   * Whoever calls from there must sign with that password, RFC 2385.
   *
   * @param password null: none any more
   * @throws IOException if that cannot be had here, with the remedy
   */
  void secure(Prefix peers, @Nullable Secret password) throws IOException {
    if (!epoll) {
      throw new IOException("TCP MD5 (passwordFile) needs Netty's epoll transport: "
          + Framing.reason(Epoll.unavailabilityCause()));
    }
    if (password == null) {
      passwords.remove(peers);
    } else {
      passwords.put(peers, password);
    }
    for (Channel listener : families.keySet()) {
      secure(listener, peers, password);
    }
  }

  private void secure(Channel listener, Prefix peers, @Nullable Secret password)
      throws IOException {
    if (families.get(listener) == peers.family()) {
      TcpMd5.set(listener, peers, password);
    }
  }

  /** As below, from that address and as far as the kernel lets it. */
  Connection dial(
      @Nullable IpAddress local, IpAddress remote, int port, @Nullable Secret password) {
    TcpOptions options =
        new TcpOptions(Optional.ofNullable(local), 0, 0, TcpOptions.CONNECT_RETRY, 0);
    return dial(remote, port, options, password);
  }

  /**
   * Opens a connection; its outcome is told to the receiver, possibly before this returns.
   *
   * @param options where it comes from, and how far it goes
   * @param password signs it; null: unsigned
   */
  Connection dial(IpAddress remote, int port, TcpOptions options, @Nullable Secret password) {
    IpAddress local = options.source().orElse(null);
    Channel channel =
        epoll ? new EpollSocketChannel(protocol(remote.family())) : new NioSocketChannel();
    Connection connection = new Connection(channel, farewells);
    try {
      if (password != null) {
        TcpMd5.set(channel, Passwords.host(remote), password);
      }
      limit(connection, remote.family(), options);
    } catch (IOException e) { // never unsigned, never from farther off
      channel.unsafe().closeForcibly();
      receiver.closed(connection, Framing.reason(e));
      return connection;
    }
    Bootstrap bootstrap = new Bootstrap()
        .group(loops)
        .channelFactory(() -> channel)
        .option(ChannelOption.SO_REUSEADDR, true)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.RECVBUF_ALLOCATOR, reads())
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, MARKS)
        .handler(equipped(connection));
    InetSocketAddress to = Sockets.of(remote, port, options.link());
    ChannelFuture attempt =
        local == null ? bootstrap.connect(to) : bootstrap.connect(to, Sockets.of(local, 0));
    attempt.addListener(done -> {
      Throwable cause = done.cause();
      if (cause != null && !connection.isClosing()) {
        receiver.closed(connection, "cannot connect: " + Framing.reason(cause));
      }
    });
    return connection;
  }

  /**
   * Packets of that connection come and go no farther than the options say.
   *
   * @throws IOException if that cannot be had
   */
  void limit(Connection connection, Family family, TcpOptions options) throws IOException {
    if (options.ttlSecurity() == 0 && options.multihop() == 0) {
      return;
    }
    if (!epoll) {
      throw new IOException("ttlSecurity and multihop need Netty's epoll transport: "
          + Framing.reason(Epoll.unavailabilityCause()));
    }
    Ttl.set(connection.channel, family, options);
  }

  /** @param dialled the connection, or null for one that is accepted */
  private ChannelInitializer<Channel> equipped(@Nullable Connection dialled) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        open.add(channel);
        Connection connection =
            dialled == null ? new Connection(channel, farewells, loops.isAside(channel)) : dialled;
        channel
            .pipeline()
            .addLast(new FlushConsolidationHandler(FLUSHES_AT_ONCE, true))
            .addLast(pipeline.reader(connection, dialled != null));
      }
    };
  }

  private static MaxMessagesRecvByteBufAllocator reads() {
    return new AdaptiveRecvByteBufAllocator(LEAST_READ, FIRST_READ, READ_AT_ONCE)
        .maxMessagesPerRead(1);
  }

  private ServerChannel serverChannel(Family family) {
    return epoll ? new EpollServerSocketChannel(protocol(family)) : new NioServerSocketChannel();
  }

  private static SocketProtocolFamily protocol(Family family) {
    return switch (family) {
      case IPV4 -> SocketProtocolFamily.INET;
      case IPV6 -> SocketProtocolFamily.INET6;
    };
  }

  /**
   * Stops listening, gives the connections that were closed their farewell, and ends the others.
   * Waits for it, somewhat over a second at most where peers do not answer.
   */
  @Override
  public void close() {
    listeners.close().awaitUninterruptibly();
    open.newCloseFuture().awaitUninterruptibly(Connection.FAREWELL_MS);
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
