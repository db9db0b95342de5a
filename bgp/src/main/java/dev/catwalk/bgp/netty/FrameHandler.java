package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.bgp.wire.WireException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/** Cuts the stream into messages and hands on their octets, whatever is in them. */
@SuppressWarnings("FutureReturnValueIgnored") // what fails is told by the pipeline
final class FrameHandler extends ByteToMessageDecoder {

  /** Who is told of whole messages, on the transport's thread; the rest goes to its receiver. */
  interface Frames extends Receiver {
    /** Before anything of that connection is sent or received: its sockets can be set up. */
    void opening(Connection connection, boolean dialled);

    void frame(Connection connection, byte[] message);
  }

  private final Frames frames;
  private final Connection connection;
  private final boolean dialled;
  private int limit = Wire.MESSAGE_LIMIT;
  private boolean broken;
  private boolean opened;
  private String why = "closed by peer";

  FrameHandler(Frames frames, Connection connection, boolean dialled) {
    this.frames = frames;
    this.connection = connection;
    this.dialled = dialled;
  }

  /** From now on messages can have that length. */
  void limit(int octets) {
    limit = octets;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    frames.opening(connection, dialled);
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    opened = true;
    if (connection.isClosing()) {
      ctx.close();
    } else if (dialled) {
      frames.connected(connection);
    } else {
      frames.accepted(connection);
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
        int length = Wire.frameLength(in, limit);
        if (in.readableBytes() < length) {
          return;
        }
        byte[] message = new byte[length];
        in.readBytes(message);
        frames.frame(connection, message);
      }
    } catch (WireException e) {
      broken = true;
      in.skipBytes(in.readableBytes());
      frames.malformed(connection, e);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (!connection.isClosing()) {
      if (ctx.channel().isWritable()) {
        frames.writable(connection);
      } else {
        frames.blocked(connection);
      }
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    why = MessageHandler.reason(cause);
    ctx.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    super.channelInactive(ctx);
    if (opened && !connection.isClosing()) {
      frames.closed(connection, why);
    }
  }
}
