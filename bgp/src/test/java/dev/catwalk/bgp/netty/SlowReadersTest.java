package dev.catwalk.bgp.netty;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.catwalk.bgp.wire.Wire;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What has arrived, as the kernel has it. */
class SlowReadersTest {
  private final SlowReaders readers = new SlowReaders();

  @Test
  void whoTakesAMessagesWorthReads() throws Exception {
    assumeTrue(Epoll.isAvailable());
    var loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Channel channel = new Bootstrap()
          .group(loop)
          .channel(EpollSocketChannel.class)
          .handler(new ChannelInboundHandlerAdapter())
          .connect(listener.getLocalSocketAddress())
          .sync()
          .channel();
      try (Socket peer = listener.accept()) {
        assertFalse(reads(channel), "nothing is known of it");
        loop.submit(() -> readers.mark(channel)).get();
        channel
            .writeAndFlush(Unpooled.wrappedBuffer(new byte[Wire.MESSAGE_LIMIT - 1]))
            .sync();
        peer.getInputStream().readNBytes(Wire.MESSAGE_LIMIT - 1);
        assertFalse(reads(channel), "too little");
        channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[64 << 10])).sync();
        peer.getInputStream().readNBytes(64 << 10);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!reads(channel)) {
          assertTrue(System.nanoTime() < end, "64 KiB have arrived, and nobody knows");
        }
      }
      channel.close().sync();
      assertFalse(reads(channel), "it is gone");
    } finally {
      loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }

  private boolean reads(Channel channel) throws Exception {
    return channel.eventLoop().submit(() -> readers.reads(channel)).get();
  }
}
