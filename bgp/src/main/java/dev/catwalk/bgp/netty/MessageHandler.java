package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.wire.DecodeContext;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Octets;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.bgp.wire.WireException;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Decodes the messages of a stream as the two OPENs have it, and hands them on. */
final class MessageHandler extends Framing {
  private final Receiver receiver;
  private DecodeContext context = DecodeContext.beforeOpen();
  private @Nullable Open received;

  MessageHandler(Receiver receiver, Connection connection, boolean dialled) {
    super(receiver, connection, dialled);
    this.receiver = receiver;
  }

  @Override
  int limit() {
    return context.messageLimit();
  }

  @Override
  void message(ByteBuf frame) throws WireException {
    Open ours = connection.sentOpen();
    Open theirs = received;
    if (ours != null && theirs != null) {
      context = DecodeContext.between(ours, theirs);
      received = null; // once: what follows both OPENs is read with this
    }
    int octets = frame.readableBytes();
    Octets raw = connection.isRecorded()
        ? Octets.copy(frame, frame.readerIndex(), frame.writerIndex())
        : null;
    Message message = Wire.decode(frame, context);
    if (message instanceof Open open) {
      received = open;
    }
    if (raw != null && message instanceof Update) {
      connection.keepRaw(message, raw);
    }
    receiver.received(connection, message, octets);
  }
}
