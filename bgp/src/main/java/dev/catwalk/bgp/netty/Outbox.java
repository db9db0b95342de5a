package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.speaker.Deed;
import dev.catwalk.bgp.wire.EncodeContext;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.bgp.wire.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * UPDATEs on their way out: encoded once for all who get them, and gathered while they are for the
 * same ones, so that a channel gets few large buffers. One thread.
 */
final class Outbox {
  /** So much is gathered before it is handed to the channels. */
  private static final int CHUNK = 64 << 10;

  /** Where a message's header has its length, RFC 4271 §4.1. */
  private static final int LENGTH_AT = 16;

  private final Map<Deed.Target, Connection> connections;
  private final ObjIntConsumer<Deed.Target> told;
  private final LinkedHashSet<Connection> full = new LinkedHashSet<>();
  private List<Deed.Target> targets = List.of();
  private @Nullable ByteBuf gathered;

  /**
   * @param told hears how many messages went to whom
   */
  Outbox(Map<Deed.Target, Connection> connections, ObjIntConsumer<Deed.Target> told) {
    this.connections = connections;
    this.told = told;
  }

  void add(List<Deed.Target> to, EncodeContext context, Update update) {
    if (gathered != null && (gathered.readableBytes() >= CHUNK || !to.equals(targets))) {
      flush();
    }
    if (gathered == null) {
      gathered = PooledByteBufAllocator.DEFAULT.buffer(CHUNK + Wire.MESSAGE_LIMIT);
      targets = to;
    }
    Wire.encode(update, context, gathered);
  }

  /** Hands over what is gathered. */
  void flush() {
    ByteBuf bytes = gathered;
    if (bytes == null) {
      return;
    }
    gathered = null;
    int messages = messages(bytes);
    for (Deed.Target target : targets) {
      Connection connection = connections.get(target);
      if (connection != null) {
        connection.send(bytes.retainedDuplicate());
        told.accept(target, messages);
        if (!connection.isWritable()) {
          full.add(connection);
        }
      }
    }
    bytes.release();
  }

  private static int messages(ByteBuf bytes) {
    int count = 0;
    int at = bytes.readerIndex();
    while (at < bytes.writerIndex()) {
      at += bytes.getUnsignedShort(at + LENGTH_AT);
      count++;
    }
    return count;
  }

  /** Which channels want no more for now; each is named once. */
  List<Connection> takeFull() {
    List<Connection> taken = new ArrayList<>(full);
    full.clear();
    return taken;
  }
}
