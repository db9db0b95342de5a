package dev.catwalk.bgp.netty;

import dev.catwalk.net.addr.Family;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.RawUnixChannelOption;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A raw socket for the two messages of {@link Discovery}. */
@SuppressWarnings("FutureReturnValueIgnored") // of closing what could not be used
final class RawIcmp {
  private static final int AF_INET6 = 10;
  private static final int SOCK_RAW = 3;
  private static final int SOCK_NONBLOCK = 0x800;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int IPPROTO_ICMPV6 = 58;
  private static final int WHOLE_HOP_LIMIT = 255;
  private static final int FILTER_SIZE = 32;

  private static final RawUnixChannelOption ICMP6_FILTER =
      new RawUnixChannelOption("ICMP6_FILTER", IPPROTO_ICMPV6, 1, FILTER_SIZE);
  private static final IntegerUnixChannelOption IPV6_UNICAST_HOPS =
      new IntegerUnixChannelOption("IPV6_UNICAST_HOPS", 41, 16);
  private static final IntegerUnixChannelOption IPV6_MULTICAST_HOPS =
      new IntegerUnixChannelOption("IPV6_MULTICAST_HOPS", 41, 18);
  private static final IntegerUnixChannelOption IPV6_MULTICAST_LOOP =
      new IntegerUnixChannelOption("IPV6_MULTICAST_LOOP", 41, 19);

  private RawIcmp() {}

  /**
   * Hears advertisements and solicitations of neighbours, that is with a hop limit of 255 (RFC 4861
   * §6.1), at every interface of this network namespace.
   *
   * @throws IOException without the right to raw sockets, with the remedy
   */
  static Channel open(EventLoopGroup loop, ChannelHandler handler) throws IOException {
    int fd = socket();
    if (fd < 0) {
      throw new IOException("cannot have a raw ICMPv6 socket, which peers by interface need:"
          + " give the process CAP_NET_RAW, and the host IPv6");
    }
    EpollDatagramChannel channel = new EpollDatagramChannel(fd);
    channel.config().setOption(ICMP6_FILTER, filter());
    BfdSockets.requireWholeTtl(channel, Family.IPV6);
    channel.config().setOption(IPV6_UNICAST_HOPS, WHOLE_HOP_LIMIT);
    channel.config().setOption(IPV6_MULTICAST_HOPS, WHOLE_HOP_LIMIT);
    channel.config().setOption(IPV6_MULTICAST_LOOP, 0);
    ChannelFuture registered = new Bootstrap()
        .group(loop)
        .channelFactory(() -> channel)
        .handler(handler)
        .register();
    registered.awaitUninterruptibly();
    if (registered.cause() != null) {
      channel.close();
      throw new IOException(Framing.reason(registered.cause()), registered.cause());
    }
    return channel;
  }

  /** A bit for each type that is not wanted. */
  private static ByteBuffer filter() {
    ByteBuffer filter = ByteBuffer.allocateDirect(FILTER_SIZE).order(ByteOrder.nativeOrder());
    for (int i = 0; i < FILTER_SIZE / 4; i++) {
      filter.putInt(4 * i, -1);
    }
    for (int type : new int[] {Discovery.ROUTER_SOLICITATION, Discovery.ROUTER_ADVERTISEMENT}) {
      int word = type / 32;
      filter.putInt(4 * word, filter.getInt(4 * word) & ~(1 << type % 32));
    }
    return filter;
  }

  @SuppressWarnings("restricted") // socket(2) takes no memory
  private static int socket() throws IOException {
    Linker linker = Linker.nativeLinker();
    MethodHandle socket = linker.downcallHandle(
        linker.defaultLookup().findOrThrow("socket"),
        FunctionDescriptor.of(
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT));
    try {
      return (int)
          socket.invokeExact(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMPV6);
    } catch (Throwable e) {
      throw new IOException("socket(2) cannot be called", e);
    }
  }
}
