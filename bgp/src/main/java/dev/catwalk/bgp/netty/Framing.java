package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.fsm.SendHold;
import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.bgp.wire.WireException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.net.NoRouteToHostException;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Cuts the stream into messages. It never holds more than what one read brought and one message less
 * an octet.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails is told by the pipeline
abstract class Framing extends ByteToMessageDecoder {
  private static final Pattern FAILED_CALL =
      Pattern.compile("^\\w+\\(\\.\\.\\) failed with error\\(-?[0-9]+\\): ");
  private static final Pattern AT_ADDRESS = Pattern.compile(": [^ /]*/[^ ]+:[0-9]+$");

  /** The kernel's words. */
  private static final String TIMED_OUT = "timed out";

  final Connection connection;
  private final Receiver receiver;
  private final boolean dialled;
  private boolean broken;
  private boolean opened;
  private String why = "closed by peer";

  Framing(Receiver receiver, Connection connection, boolean dialled) {
    this.receiver = receiver;
    this.connection = connection;
    this.dialled = dialled;
  }

  /** The length of the largest message by now, in octets. */
  abstract int limit();

  /**
   * A whole message.
   *
   * @param frame the buffer's own octets: no longer there after the call
   */
  abstract void message(ByteBuf frame) throws WireException;

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    opened = true;
    if (connection.isClosing()) {
      ctx.close();
    } else if (dialled) {
      receiver.connected(connection);
    } else {
      receiver.accepted(connection);
    }
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (broken || connection.isClosing()) {
      in.skipBytes(in.readableBytes());
      return;
    }
    try {
      while (!connection.isClosing() && in.readableBytes() >= Wire.HEADER_LENGTH) {
        int length = Wire.frameLength(in, limit());
        if (in.readableBytes() < length) {
          return;
        }
        message(in.readSlice(length));
      }
    } catch (WireException e) {
      broken = true;
      in.skipBytes(in.readableBytes());
      receiver.malformed(connection, e);
    }
  }

  /**
   * Without the base class's own read: it takes a decoder that lists no output for one in want of
   * bytes and reads on, even while reading is paused.
   */
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    discardSomeReadBytes();
    ctx.fireChannelReadComplete();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (connection.isClosing()) {
      return;
    }
    if (ctx.channel().isWritable()) {
      receiver.writable(connection);
    } else {
      receiver.blocked(connection);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    String reason = reason(cause);
    why = connection.isImpatient() && reason.contains(TIMED_OUT)
        ? SendHold.EXPIRED + ": the peer takes nothing of what is sent"
        : reason;
    ctx.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    super.channelInactive(ctx);
    if (opened && !connection.isClosing()) {
      receiver.closed(connection, why);
    }
  }

  /** In the kernel's words: without the call that failed, or the address that everybody knows. */
  static String reason(Throwable cause) {
    if (cause instanceof NoRouteToHostException) {
      return "No route to host"; // epoll's comes without a text
    }
    String message = cause.getMessage();
    return message == null
        ? cause.getClass().getSimpleName()
        : FAILED_CALL.matcher(AT_ADDRESS.matcher(message).replaceFirst("")).replaceFirst("");
  }
}
