package dev.catwalk.bgp.netty;

import dev.catwalk.net.addr.IpAddress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Collection;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is at the other end of some interfaces: the router whose advertisements come from there (RFC
 * 4861). We advertise ourselves there too, as nobody's default router, and ask for advertisements
 * while there are none. All that on a thread of its own; its verbs may be called from any.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what is lost is sent again
final class Neighbours implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Neighbours.class);
  private static final IpAddress ALL_NODES = IpAddress.parse("ff02::1");
  private static final IpAddress ALL_ROUTERS = IpAddress.parse("ff02::2");
  private static final long TICK_MS = 500;

  /** While there is no neighbour, and afterwards: RFC 4861 §6.2.1 allows no fewer than 4 s. */
  private static final int TICKS_AT_FIRST = 2;

  private static final int TICKS_LATER = 20;

  /** A neighbour that was silent for so long may be another from now on. */
  private static final long SILENCE_NANOS = 35_000_000_000L;

  private final Consumer<SortedMap<String, IpAddress>> listener;
  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(
      1, new DefaultThreadFactory("bgp-neighbours", true), EpollIoHandler.newFactory());
  private final Channel socket;
  private final TreeMap<String, Watched> links = new TreeMap<>();

  private static final class Watched {
    @Nullable
    IpAddress neighbour;

    long heardAt;
    int ticks;
    boolean asked;
  }

  /**
   * @param listener told of all neighbours that are known, by interface, whenever one is new; on this
   *     class's thread
   * @throws IOException without the right to raw sockets
   */
  Neighbours(Consumer<SortedMap<String, IpAddress>> listener) throws IOException {
    this.listener = listener;
    try {
      this.socket = RawIcmp.open(loop, new Inbound());
    } catch (IOException e) {
      loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      throw e;
    }
    loop.next().scheduleAtFixedRate(this::tick, 0, TICK_MS, TimeUnit.MILLISECONDS);
  }

  /** Those interfaces are watched from now on, and no others. */
  void watch(Collection<String> wanted) {
    TreeSet<String> names = new TreeSet<>(wanted);
    loop.execute(() -> {
      links.keySet().retainAll(names);
      names.forEach(name -> links.computeIfAbsent(name, n -> new Watched()));
    });
  }

  private void tick() {
    links.forEach((name, link) -> {
      int every = link.neighbour == null ? TICKS_AT_FIRST : TICKS_LATER;
      if (link.ticks++ % every == 0 || link.asked) {
        link.asked = false;
        say(name, link);
      }
    });
  }

  /** An interface that is not there, or is down, may come. */
  private void say(String name, Watched link) {
    try {
      NetworkInterface at = NetworkInterface.getByName(name);
      if (at == null || !at.isUp()) {
        return;
      }
      byte[] mac = Objects.requireNonNullElse(at.getHardwareAddress(), new byte[0]);
      ByteBuf advertisement = Unpooled.buffer();
      Discovery.advertisement(mac, advertisement);
      send(advertisement, ALL_NODES, name);
      if (link.neighbour == null) {
        ByteBuf solicitation = Unpooled.buffer();
        Discovery.solicitation(mac, solicitation);
        send(solicitation, ALL_ROUTERS, name);
      }
    } catch (SocketException e) {
      LOG.debug("interface cannot be read name={} why={}", name, e.getMessage());
    }
  }

  private void send(ByteBuf message, IpAddress to, String link) {
    socket.writeAndFlush(new DatagramPacket(message, multicast(to, link)));
  }

  private static InetSocketAddress multicast(IpAddress group, String link) {
    try {
      NetworkInterface at = NetworkInterface.getByName(link);
      return new InetSocketAddress(
          Inet6Address.getByAddress(null, group.toBytes(), at == null ? 0 : at.getIndex()), 0);
    } catch (IOException e) {
      return Sockets.of(group, 0);
    }
  }

  private final class Inbound extends SimpleChannelInboundHandler<DatagramPacket> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramPacket message) {
      IpAddress from = IpAddress.of(message.sender().getAddress().getAddress());
      int scope = Sockets.scope(message.sender());
      String name = from.isLinkLocal() && scope != 0 ? name(scope) : "";
      Watched link = links.get(name);
      if (link == null) {
        return;
      }
      if (Discovery.isSolicitation(message.content())) {
        link.asked = true;
      } else if (Discovery.isAdvertisement(message.content())) {
        heard(name, link, from);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      LOG.debug("router discovery failed why={}", Framing.reason(cause));
    }
  }

  private static String name(int index) {
    try {
      NetworkInterface at = NetworkInterface.getByIndex(index);
      return at == null ? "" : at.getName();
    } catch (SocketException e) {
      return "";
    }
  }

  private void heard(String name, Watched link, IpAddress from) {
    long now = System.nanoTime();
    boolean same = from.equals(link.neighbour);
    if (!same && link.neighbour != null && now - link.heardAt < SILENCE_NANOS) {
      return; // the one that we know is still there
    }
    link.heardAt = now;
    if (!same) {
      link.neighbour = from;
      link.ticks = 0;
      LOG.info("neighbour found interface={} address={}", name, from);
      listener.accept(known());
    }
  }

  private SortedMap<String, IpAddress> known() {
    TreeMap<String, IpAddress> known = new TreeMap<>();
    links.forEach((name, link) -> {
      if (link.neighbour != null) {
        known.put(name, link.neighbour);
      }
    });
    return known;
  }

  @Override
  public void close() {
    socket.close();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2000);
  }
}
