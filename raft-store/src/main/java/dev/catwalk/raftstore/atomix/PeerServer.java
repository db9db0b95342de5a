package dev.catwalk.raftstore.atomix;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.TooLongFrameException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One accepted connection: says who is welcome, then talks. On the event loop. */
final class PeerServer extends SimpleChannelInboundHandler<ByteBuf> {
  private static final Logger LOG = LoggerFactory.getLogger(PeerServer.class);

  /** Answers a request; fails if it cannot. */
  @FunctionalInterface
  interface Handler {
    CompletableFuture<byte[]> handle(String from, Packet request);
  }

  private final Hello mine;
  private final Function<Hello, @Nullable String> stranger;
  private final Refusals refusals;
  private final BiFunction<Hello, Channel, PeerTalk> welcomed;
  private String from = "";
  private @Nullable PeerTalk talk;

  /**
   * Serves one connection.
   *
   * @param stranger says why a member is not let in; null if it is
   * @param welcomed is told which member is there and its connection, and begins the talk with it
   */
  PeerServer(
      Hello mine,
      Function<Hello, @Nullable String> stranger,
      Refusals refusals,
      BiFunction<Hello, Channel, PeerTalk> welcomed) {
    this.mine = mine;
    this.stranger = stranger;
    this.refusals = refusals;
    this.welcomed = welcomed;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, ByteBuf message) {
    Packet packet = Packet.decode(message);
    PeerTalk with = talk;
    if (with == null) {
      welcome(context, packet);
    } else {
      with.received(packet);
    }
  }

  private void welcome(ChannelHandlerContext context, Packet packet) {
    if (packet.kind() != Packet.Kind.HELLO) {
      throw new IllegalArgumentException("first packet is " + packet.kind());
    }
    Hello hello = Hello.decode(packet.body());
    String refusal = hello.refusal(mine);
    if (refusal == null) {
      refusal = stranger.apply(hello);
    }
    if (refusal == null) {
      refusal = TlsGate.refusal(context.channel(), mine.cluster(), hello.from());
    }
    if (refusal != null) {
      refusals.refused(host(context), refusal);
      byte[] reason = refusal.getBytes(StandardCharsets.UTF_8);
      PeerTalk.write(context.channel(), new Packet(Packet.Kind.REFUSED, 0, reason))
          .addListener(ChannelFutureListener.CLOSE);
      return;
    }
    from = hello.from();
    refusals.welcomed(host(context));
    var unused = PeerTalk.write(
        context.channel(), new Packet(Packet.Kind.WELCOME, 0, Hello.welcome(mine.format())));
    talk = welcomed.apply(hello, context.channel());
  }

  private static String host(ChannelHandlerContext context) {
    return context.channel().remoteAddress() instanceof InetSocketAddress address
        ? String.valueOf(address.getAddress().getHostAddress())
        : String.valueOf(context.channel().remoteAddress());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!from.isEmpty()) {
      LOG.warn("connection from {} {}: {}", host(context), from, cause.getMessage());
    } else if (cause instanceof TooLongFrameException) {
      refusals.refused(
          host(context),
          "it speaks TLS, or is no member, and this one plain text: store.insecure has to be the"
              + " same on all");
    } else {
      refusals.refused(host(context), TlsGate.explain(cause));
    }
    var unused = context.close();
  }
}
