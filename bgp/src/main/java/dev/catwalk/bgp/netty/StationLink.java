package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.bmp.BmpEncoder;
import dev.catwalk.bgp.bmp.BmpStation;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection to one station: dialled again and again, and given up when what the station has not
 * read reaches {@link #MOST_UNREAD}. So a station costs that much memory at most and no waiting. Its
 * verbs are for the speaker's thread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a connection that fails says so when it closes
final class StationLink implements AutoCloseable {
  static final int MOST_UNREAD = 8 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(StationLink.class);
  private static final int LEAST_ROOM = MOST_UNREAD / 2;
  private static final int RETRY_MS = 5_000;
  private static final int LONGEST_RETRY_MS = 720_000; // RFC 7854 §3.2

  private static final int LATER_MS = 10;
  private static final int CONNECT_TIMEOUT_MS = 10_000;

  private final BmpStation station;
  private final Consumer<StationLink> connected;
  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(
      1, new DefaultThreadFactory("bmp", true), NioIoHandler.newFactory());

  private volatile @Nullable Channel channel;
  private volatile boolean closed;
  private int retryMs = RETRY_MS; // this and the next on the link's thread
  private long connectedNanos;
  private @Nullable Channel told; // the one that the Initiation went to

  /** @param connected called on this link's thread when there is a new connection */
  StationLink(BmpStation station, Consumer<StationLink> connected) {
    this.station = station;
    this.connected = connected;
    dial();
  }

  BmpStation station() {
    return station;
  }

  private void dial() {
    if (closed) {
      return;
    }
    new Bootstrap()
        .group(loop)
        .channel(NioSocketChannel.class)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
        .option(
            ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(1 << 20, MOST_UNREAD))
        .handler(new ChannelInboundHandlerAdapter()) // a station says nothing: RFC 7854 §3.2
        .connect(Sockets.of(station.address(), station.port()))
        .addListener((ChannelFuture attempt) -> {
          if (attempt.isSuccess()) {
            channel = attempt.channel();
            connectedNanos = System.nanoTime();
            LOG.info("monitoring station connected station={}", station);
            attempt.channel().closeFuture().addListener(over -> {
              channel = null;
              LOG.info("monitoring station gone station={}", station);
              boolean steady = System.nanoTime() - connectedNanos > retryMs * 1_000_000L;
              retryMs = steady ? RETRY_MS : retryMs;
              again();
            });
            connected.accept(this);
          } else {
            LOG.debug("monitoring station not reached station={}", station, attempt.cause());
            again();
          }
        });
  }

  private void again() {
    if (!closed) {
      loop.schedule(this::dial, retryMs, TimeUnit.MILLISECONDS);
      retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS);
    }
  }

  /** Its first words; false: it is gone already. */
  boolean begin(ByteBuf greeting) {
    told = channel;
    send(greeting);
    return isTold();
  }

  /** Whether it has had its Initiation. */
  boolean isTold() {
    Channel now = channel;
    return now != null && now == told;
  }

  /** Differs from one connection to the next. */
  @Nullable
  Object connection() {
    return channel;
  }

  /** Whether what is no news may be told now. */
  boolean hasRoom() {
    Channel now = channel;
    return now != null && now.bytesBeforeUnwritable() > LEAST_ROOM;
  }

  /** When there may be room again. */
  void later(Runnable what) {
    after(LATER_MS, what);
  }

  void after(long ms, Runnable what) {
    if (!closed) {
      loop.schedule(what, ms, TimeUnit.MILLISECONDS);
    }
  }

  /** {@code messages} are this link's from now on. */
  void send(ByteBuf messages) {
    Channel now = channel;
    if (now == null || now != told) {
      return;
    }
    if (now.isWritable()) {
      now.writeAndFlush(messages);
    } else {
      LOG.warn("monitoring station does not read and is hung up on station={}", station);
      told = null;
      now.close();
    }
  }

  @Override
  public void close() {
    closed = true;
    Channel now = channel;
    if (now == null || !now.isWritable()) {
      loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      return;
    }
    ByteBuf farewell = Unpooled.buffer();
    BmpEncoder.termination(farewell);
    now.writeAndFlush(farewell)
        .addListener(said -> loop.shutdownGracefully(0, 1, TimeUnit.SECONDS));
  }
}
