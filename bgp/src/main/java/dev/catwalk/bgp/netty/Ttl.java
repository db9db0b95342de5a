package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.speaker.TcpOptions;
import dev.catwalk.net.addr.Family;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.io.IOException;

/** How far packets go and may come: ip(7), ipv6(7), RFC 5082. Epoll channels only. */
final class Ttl {
  private static final int IP = 0;
  private static final int IPV6 = 41;
  private static final IntegerUnixChannelOption IP_TTL =
      new IntegerUnixChannelOption("IP_TTL", IP, 2);
  private static final IntegerUnixChannelOption IP_MINTTL =
      new IntegerUnixChannelOption("IP_MINTTL", IP, 21);
  private static final IntegerUnixChannelOption IPV6_UNICAST_HOPS =
      new IntegerUnixChannelOption("IPV6_UNICAST_HOPS", IPV6, 16);
  private static final IntegerUnixChannelOption IPV6_MINHOPCOUNT =
      new IntegerUnixChannelOption("IPV6_MINHOPCOUNT", IPV6, 73);

  private Ttl() {}

  /**
   * Of a connection with a peer.
   *
   * @throws IOException if the kernel does not do it; the connection must not be used then
   */
  static void set(Channel channel, Family family, TcpOptions options) throws IOException {
    boolean ipv4 = family == Family.IPV4;
    try {
      if (options.multihop() > 0) {
        channel.config().setOption(ipv4 ? IP_TTL : IPV6_UNICAST_HOPS, options.multihop());
      }
      if (options.ttlSecurity() > 0) {
        farthest(channel, family);
        int least = TcpOptions.LONGEST_TTL + 1 - options.ttlSecurity();
        channel.config().setOption(ipv4 ? IP_MINTTL : IPV6_MINHOPCOUNT, least);
      }
    } catch (ChannelException e) {
      throw new IOException(
          "this kernel does not look at hops (ttlSecurity, multihop): "
              + Framing.reason(e.getCause() == null ? e : e.getCause()),
          e);
    }
  }

  /** What it answers arrives with a TTL that a peer with RFC 5082 takes. */
  static void farthest(Channel channel, Family family) {
    channel
        .config()
        .setOption(family == Family.IPV4 ? IP_TTL : IPV6_UNICAST_HOPS, TcpOptions.LONGEST_TTL);
  }
}
