package dev.catwalk.bgp.netty;

import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.RawUnixChannelOption;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The sockets of RFC 5881 §4 and §5 and RFC 5883 §5. */
@SuppressWarnings("FutureReturnValueIgnored") // of closing what could not be used
final class BfdSockets {
  static final int SINGLE_HOP_PORT = 3784;
  static final int MULTIHOP_PORT = 4784;

  private static final int FIRST_SOURCE_PORT = 49152;
  private static final int SOURCE_PORTS = 16384;
  private static final int WHOLE_TTL = 255;

  private static final IntegerUnixChannelOption IP_TTL =
      new IntegerUnixChannelOption("IP_TTL", 0, 2);
  private static final IntegerUnixChannelOption IPV6_UNICAST_HOPS =
      new IntegerUnixChannelOption("IPV6_UNICAST_HOPS", 41, 16);
  private static final IntegerUnixChannelOption IPV6_V6ONLY =
      new IntegerUnixChannelOption("IPV6_V6ONLY", 41, 26);

  private static final int FILTER_PROGRAM_SIZE = 16;
  private static final RawUnixChannelOption ATTACH_FILTER =
      new RawUnixChannelOption("SO_ATTACH_FILTER", 1, 26, FILTER_PROGRAM_SIZE);

  private BfdSockets() {}

  static int port(boolean multihop) {
    return multihop ? MULTIHOP_PORT : SINGLE_HOP_PORT;
  }

  /** Where all peers of a family send to. */
  static Channel receiver(
      EventLoopGroup loop, Family family, boolean multihop, ChannelHandler handler)
      throws IOException {
    EpollDatagramChannel channel = channel(family);
    Bootstrap bootstrap =
        new Bootstrap().group(loop).channelFactory(() -> channel).handler(handler);
    if (family == Family.IPV6) {
      bootstrap.option(IPV6_V6ONLY, 1);
    }
    done(bootstrap.register(), channel, "a socket");
    if (!multihop) { // before anything is received
      requireWholeTtl(channel, family);
    }
    IpAddress any = family == Family.IPV4 ? IpAddress.v4(0) : IpAddress.v6(0, 0);
    done(
        channel.bind(Sockets.of(any, port(multihop))),
        channel,
        "UDP port " + port(multihop) + " (is another BFD daemon running?)");
    return channel;
  }

  /** What sends to one peer, with a port and a TTL as they must be. */
  static Channel sender(
      EventLoopGroup loop, IpAddress local, IpAddress peer, String link, boolean multihop)
      throws IOException {
    int first = Math.floorMod(peer.hashCode(), SOURCE_PORTS);
    IOException last = new IOException("no port");
    for (int i = 0; i < 64; i++) {
      EpollDatagramChannel channel = channel(local.family());
      Bootstrap bootstrap = new Bootstrap()
          .group(loop)
          .channelFactory(() -> channel)
          .option(local.isV4() ? IP_TTL : IPV6_UNICAST_HOPS, WHOLE_TTL)
          .handler(new ChannelInboundHandlerAdapter());
      int port = FIRST_SOURCE_PORT + (first + i) % SOURCE_PORTS;
      try {
        done(
            bootstrap.bind(Sockets.of(local, port, link)),
            channel,
            "UDP port " + port + " at " + local);
        return channel;
      } catch (IOException e) {
        last = e;
      }
    }
    throw last;
  }

  private static EpollDatagramChannel channel(Family family) {
    return new EpollDatagramChannel(
        family == Family.IPV4 ? SocketProtocolFamily.INET : SocketProtocolFamily.INET6);
  }

  /** On the loop's own thread an operation is over when it returns. */
  private static void done(ChannelFuture operation, Channel channel, String what)
      throws IOException {
    if (!operation.isDone() && !channel.eventLoop().inEventLoop()) {
      operation.awaitUninterruptibly();
    }
    Throwable cause = operation.cause();
    if (cause != null) {
      channel.close();
      throw new IOException("cannot have " + what + ": " + Framing.reason(cause), cause);
    }
  }

  /**
   * RFC 5881 §5: what has passed a router is no neighbour's. The kernel looks at the TTL (hop limit)
   * by a filter of four instructions, for UDP has no option of its own for that.
   */
  static void requireWholeTtl(Channel channel, Family family) {
    int networkHeader = -0x100000; // SKF_NET_OFF
    ByteBuffer code = ByteBuffer.allocateDirect(4 * 8).order(ByteOrder.nativeOrder());
    instruction(code, 0x30, 0, 0, networkHeader + (family == Family.IPV4 ? 8 : 7)); // load octet
    instruction(code, 0x15, 0, 1, WHOLE_TTL); // jump if equal
    instruction(code, 0x06, 0, 0, -1); // take all of it
    instruction(code, 0x06, 0, 0, 0); // drop it
    code.flip(); // its address is that of its position
    ByteBuffer program =
        ByteBuffer.allocateDirect(FILTER_PROGRAM_SIZE).order(ByteOrder.nativeOrder());
    program.putShort(0, (short) 4);
    program.putLong(8, MemorySegment.ofBuffer(code).address());
    try {
      channel.config().setOption(ATTACH_FILTER, program);
    } finally {
      Reference.reachabilityFence(code); // the kernel reads it through an address alone
    }
  }

  private static void instruction(ByteBuffer to, int code, int whenTrue, int whenFalse, int k) {
    to.putShort((short) code).put((byte) whenTrue).put((byte) whenFalse).putInt(k);
  }
}
