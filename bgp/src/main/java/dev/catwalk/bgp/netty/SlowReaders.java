package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.wire.Wire;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.RawUnixChannelOption;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who reads, however slowly. RFC 9687 §4.3 starts the send hold timer again with each message that
 * goes, and a buffer of ours may last a slow peer for longer than that timer does: so it is no reason
 * to give a peer up as long as at least a message's worth has arrived there meanwhile. The kernel
 * knows what has arrived (tcp(7), TCP_INFO). The sessions' thread alone calls it; a channel may close on
 * another one.
 */
final class SlowReaders {
  /** So much must have arrived: what the longest message has that every session may carry. */
  private static final int LEAST = Wire.MESSAGE_LIMIT;

  private static final int IPPROTO_TCP = 6;
  private static final int TCP_INFO = 11;
  private static final int BYTES_ACKED_AT = 120;
  private static final RawUnixChannelOption INFO =
      new RawUnixChannelOption("TCP_INFO", IPPROTO_TCP, TCP_INFO, BYTES_ACKED_AT + Long.BYTES);

  private final Map<Channel, Long> marks = new ConcurrentHashMap<>();

  /** From here on its octets are counted. */
  void mark(Channel channel) {
    long arrived = arrived(channel);
    if (arrived >= 0 && marks.put(channel, arrived) == null) {
      channel.closeFuture().addListener(closed -> marks.remove(channel));
    }
  }

  /** Whether enough has arrived since the last mark, which is where it is counted from again. */
  boolean reads(Channel channel) {
    Long before = marks.get(channel);
    long now = arrived(channel);
    if (before == null || now - before < LEAST) {
      return false;
    }
    marks.put(channel, now);
    return true;
  }

  /** How many octets the other end has acknowledged; -1: that is not known here. */
  private static long arrived(Channel channel) {
    if (!(channel instanceof EpollSocketChannel epoll) || !channel.isOpen()) {
      return -1;
    }
    try {
      ByteBuffer info = epoll.config().getOption(INFO);
      return info == null ? -1 : info.order(ByteOrder.nativeOrder()).getLong(BYTES_ACKED_AT);
    } catch (ChannelException e) {
      return -1; // closed this moment
    }
  }
}
