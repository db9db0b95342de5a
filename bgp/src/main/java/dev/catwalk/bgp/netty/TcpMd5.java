package dev.catwalk.bgp.netty;

import dev.catwalk.net.addr.Prefix;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.unix.RawUnixChannelOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** The kernel's TCP_MD5SIG_EXT (tcp(7), linux/tcp.h): signs segments to and from peers, RFC 2385. */
final class TcpMd5 {
  /** {@code struct tcp_md5sig}: sockaddr_storage, flags, prefixlen, keylen, ifindex, key. */
  private static final int SIZE = 128 + 1 + 1 + 2 + 4 + Secret.MAX_LENGTH;

  private static final int FLAG_PREFIX = 1;
  private static final short AF_INET = 2;
  private static final short AF_INET6 = 10;
  private static final int IPPROTO_TCP = 6;
  private static final int TCP_MD5SIG_EXT = 32;
  private static final RawUnixChannelOption OPTION =
      new RawUnixChannelOption("TCP_MD5SIG_EXT", IPPROTO_TCP, TCP_MD5SIG_EXT, SIZE);

  private TcpMd5() {}

  /**
   * From now on that socket speaks with {@code peers} signed only; in place of an earlier secret.
   *
   * @param channel an epoll one of the peers' own family
   * @param secret null: unsigned again
   * @throws IOException if the kernel has no TCP MD5
   */
  static void set(Channel channel, Prefix peers, @Nullable Secret secret) throws IOException {
    ByteBuffer option = ByteBuffer.allocateDirect(SIZE).order(ByteOrder.nativeOrder());
    byte[] address = peers.address().toBytes();
    option.putShort(0, peers.address().isV4() ? AF_INET : AF_INET6);
    option.put(peers.address().isV4() ? 4 : 8, address); // sin_addr, sin6_addr
    option.put(128, (byte) FLAG_PREFIX);
    option.put(129, (byte) peers.length());
    if (secret != null) {
      option.putShort(130, (short) secret.length());
      option.position(136);
      secret.write(option);
      option.position(0);
    }
    try {
      channel.config().setOption(OPTION, option);
    } catch (ChannelException e) {
      if (secret != null) {
        throw new IOException(
            "this kernel does not sign TCP for peers at " + peers + " (passwordFile): "
                + Framing.reason(e.getCause() == null ? e : e.getCause())
                + "; it needs CONFIG_TCP_MD5SIG",
            e);
      } // to remove what is not there is no error
    } finally {
      for (int i = 136; i < SIZE; i++) {
        option.put(i, (byte) 0);
      }
    }
  }
}
