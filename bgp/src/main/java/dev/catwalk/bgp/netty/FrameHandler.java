package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.wire.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;

/** Hands on the octets of a stream's messages, whatever is in them. */
final class FrameHandler extends Framing {

  /** Who is told of whole messages, on the transport's thread; the rest goes to its receiver. */
  interface Frames extends Receiver {
    /** Before anything of that connection is sent or received: its sockets can be set up. */
    void opening(Connection connection, boolean dialled);

    void frame(Connection connection, byte[] message);
  }

  private final Frames frames;
  private final boolean dialled;
  private int limit = Wire.MESSAGE_LIMIT;

  FrameHandler(Frames frames, Connection connection, boolean dialled) {
    super(frames, connection, dialled);
    this.frames = frames;
    this.dialled = dialled;
  }

  /** From now on messages can have that length. */
  void limit(int octets) {
    limit = octets;
  }

  @Override
  int limit() {
    return limit;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    frames.opening(connection, dialled);
  }

  @Override
  void message(ByteBuf frame) {
    byte[] message = new byte[frame.readableBytes()];
    frame.readBytes(message);
    frames.frame(connection, message);
  }
}
