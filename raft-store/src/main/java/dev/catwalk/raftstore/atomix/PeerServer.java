package dev.catwalk.raftstore.atomix;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.TooLongFrameException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One accepted connection: says who is welcome, then answers requests. On the event loop. */
final class PeerServer extends SimpleChannelInboundHandler<ByteBuf> {
  private static final Logger LOG = LoggerFactory.getLogger(PeerServer.class);

  /** Requests of one member that are not answered yet; above, its connection is not read. */
  private static final int MAX_UNANSWERED = 256;

  /** Answers a request; fails if it cannot. */
  @FunctionalInterface
  interface Handler {
    CompletableFuture<byte[]> handle(String from, Packet request);
  }

  private final Hello mine;
  private final Set<String> members;
  private final Handler handler;
  private final Refusals refusals;
  private final BiConsumer<String, Channel> welcomed;
  private String from = "";
  private int unanswered;

  /**
   * Serves one connection.
   *
   * @param welcomed is told the name of the member that is there, and its connection
   */
  PeerServer(
      Hello mine,
      Set<String> members,
      Handler handler,
      Refusals refusals,
      BiConsumer<String, Channel> welcomed) {
    this.mine = mine;
    this.members = members;
    this.handler = handler;
    this.refusals = refusals;
    this.welcomed = welcomed;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, ByteBuf message) {
    Packet packet = Packet.decode(message);
    if (from.isEmpty()) {
      welcome(context, packet);
      return;
    }
    switch (packet.kind()) {
      case RAFT, COMMIT, SNAPSHOT, STATE, PRESENCE, JOIN -> serve(context, packet);
      case HELLO, WELCOME, REFUSED, ANSWER, FAILED ->
        throw new IllegalArgumentException(from + " sends " + packet.kind() + " as a request");
    }
  }

  private void welcome(ChannelHandlerContext context, Packet packet) {
    if (packet.kind() != Packet.Kind.HELLO) {
      throw new IllegalArgumentException("first packet is " + packet.kind());
    }
    Hello hello = Hello.decode(packet.body());
    String refusal = hello.refusal(mine, members);
    if (refusal == null) {
      refusal = TlsGate.refusal(context.channel(), mine.cluster(), hello.from());
    }
    if (refusal != null) {
      refusals.refused(host(context), refusal);
      byte[] reason = refusal.getBytes(StandardCharsets.UTF_8);
      write(context, new Packet(Packet.Kind.REFUSED, 0, reason), true);
      return;
    }
    from = hello.from();
    refusals.welcomed(host(context));
    welcomed.accept(from, context.channel());
    write(context, new Packet(Packet.Kind.WELCOME, 0, new byte[0]), false);
  }

  private void serve(ChannelHandlerContext context, Packet request) {
    if (++unanswered == MAX_UNANSWERED) {
      context.channel().config().setAutoRead(false);
    }
    var unused = handler
        .handle(from, request)
        .whenComplete((body, error) -> context.executor().execute(() -> {
          if (unanswered-- == MAX_UNANSWERED) {
            context.channel().config().setAutoRead(true);
          }
          Packet answer = error == null
              ? new Packet(Packet.Kind.ANSWER, request.id(), body)
              : new Packet(
                  Packet.Kind.FAILED,
                  request.id(),
                  String.valueOf(error.getMessage()).getBytes(StandardCharsets.UTF_8));
          write(context, answer, false);
        }));
  }

  private static void write(ChannelHandlerContext context, Packet packet, boolean close) {
    ByteBuf out = context.alloc().buffer(13 + packet.body().length);
    packet.encode(out);
    var written = context.writeAndFlush(out);
    if (close) {
      written.addListener(ChannelFutureListener.CLOSE);
    }
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
