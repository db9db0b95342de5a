package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.machine.Roster;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Connections with every other member, one each, on one event loop: TLS with certificates on both
 * sides, or plain TCP, where members believe each other's name, which the configuration has to allow
 * ({@code store.insecure}).
 */
final class Transport implements AutoCloseable {
  /** Connections of clients of the store. */
  static final int MAX_CLIENTS = NewsDesk.MAX_WAITING;

  /** Requests of one client that are not answered yet. */
  private static final int CLIENT_UNDER_WAY = 32;

  private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(
      1, new DefaultThreadFactory("store-net", true), NioIoHandler.newFactory());
  private final Map<String, PeerLink> links = new ConcurrentSkipListMap<>();
  private final ChannelGroup channels = new DefaultChannelGroup(loops.next());
  private final StoreConfig config;
  private final Hello mine;
  private final @Nullable TlsGate tls;
  private final Refusals refusals = new Refusals();
  private final int format;

  /** Clients that are let in, with the formats that they know. On the event loop. */
  private final Map<Channel, Integer> clients = new HashMap<>();

  private PeerServer.@Nullable Handler clientAnswers;
  private volatile int needed = Format.OLDEST;
  private volatile Roster roster = new Roster(0, new TreeMap<>(), 0);
  private PeerServer.@Nullable Handler handler;
  private Consumer<String> reachable = member -> {};

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
    config.members().forEach((name, address) -> {
      if (!name.equals(config.memberName())) {
        links.put(name, link(name, address));
      }
    });
  }

  private PeerLink link(String name, String address) {
    Hello hello = hello(config, name);
    return new PeerLink(
        () -> hello.at(roster), address, loops, channels, tls, theirs -> tooOld(name, theirs));
  }

  /**
   * These are the members from now on: others are left, and new ones are dialled. Raft thread.
   *
   * @param leastFormat what a member has to know to be let in
   */
  synchronized void members(Roster all, int leastFormat) {
    needed = leastFormat;
    roster = all;
    links.forEach((name, link) -> {
      // One that goes by a newer roster may be in it, and be who brings this one the news.
      if (!all.seats().containsKey(name) && link.roster() <= all.number()) {
        links.remove(name);
        link.close();
      }
    });
    all.seats().forEach((name, seat) -> {
      PeerLink link = links.get(name);
      if (link != null) {
        link.moveTo(seat.address());
      } else if (!name.equals(config.memberName())) {
        add(name, seat.address()).dialNow();
      }
    });
    loops.next().execute(() -> leaveOlder(leastFormat));
  }

  /** Whoever was let in and does not know what may be in the log from now on. On the event loop. */
  private void leaveOlder(int leastFormat) {
    links.values().forEach(link -> link.leaveIfOlder(leastFormat));
    new HashMap<>(clients).forEach((channel, known) -> { // Closing changes the other one.
      if (known < leastFormat) {
        var unused = channel.close();
      }
    });
  }

  private PeerLink add(String name, String address) {
    PeerLink link = link(name, address);
    PeerServer.Handler answers = handler;
    if (answers != null) {
      link.open(answers, () -> reachable.accept(name));
    }
    links.put(name, link);
    return link;
  }

  private Hello hello(StoreConfig config, String to) {
    int flags = config.insecure() ? Hello.INSECURE : 0;
    return new Hello(
        Hello.VERSION, flags, config.clusterId(), config.memberName(), to, format, 0, List.of());
  }

  /** Has clients of the store let in, and answers what they ask; before {@link #open}. */
  void serve(PeerServer.Handler clientRequests) {
    clientAnswers = clientRequests;
  }

  /**
   * Accepts the others and begins to dial them.
   *
   * @param answers to what they ask
   * @param connected is told, on the event loop, of each member that a connection to is there
   * @throws StoreException if the port cannot be had
   */
  synchronized void open(PeerServer.Handler answers, Consumer<String> connected) {
    handler = answers;
    reachable = connected;
    links.forEach((name, link) -> link.open(answers, () -> connected.accept(name)));
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
                      mine, Transport.this::stranger, refusals, Transport.this::talk));
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

  /** Somebody is let in. On the event loop. */
  private PeerTalk talk(Hello from, Channel channel) {
    if (!from.client()) {
      return welcomed(from.from()).accepted(channel, from);
    }
    clients.put(channel, from.format());
    channel.closeFuture().addListener(closed -> clients.remove(channel));
    return new PeerTalk(
        from.from(),
        channel,
        Objects.requireNonNull(clientAnswers),
        answer -> {
          throw new IllegalArgumentException(from.from() + " answers, and was asked nothing");
        },
        CLIENT_UNDER_WAY);
  }

  private synchronized PeerLink welcomed(String from) {
    PeerLink link = links.get(from);
    return link == null ? add(from, PeerLink.UNKNOWN) : link;
  }

  /**
   * Why a member that greets this one is not let in, if so. Who goes by a newer roster knows better
   * whether it belongs here: this member was away when it joined, and may get all news from it alone.
   * On the event loop.
   */
  private @Nullable String stranger(Hello hello) {
    if (hello.client() && clientAnswers == null) {
      return mine.from() + " serves no clients";
    }
    if (hello.client() && clients.size() >= MAX_CLIENTS) {
      return mine.from() + " has " + clients.size() + " clients already: ask another member";
    }
    if (!hello.client() && !links.containsKey(hello.from()) && hello.roster() <= roster.number()) {
      return mine.from() + " does not know a member " + hello.from()
          + ": correct store.members, or let it join (store member add) if it is new or has left";
    }
    String others = hello.otherFounders(mine.at(roster));
    return others != null ? others : tooOld(hello.from(), hello.format());
  }

  /** Whoever dials: one that does not know what is in the log would not do as the others do. */
  private @Nullable String tooOld(String member, int theirs) {
    return theirs < needed
        ? "the store holds what the program of " + member + " does not know: upgrade it"
        : null;
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

  /** What this member says it knows. */
  int format() {
    return format;
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
