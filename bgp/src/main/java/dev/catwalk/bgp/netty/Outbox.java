package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.speaker.Deed;
import dev.catwalk.bgp.wire.EncodeContext;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.bgp.wire.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * UPDATEs on their way out: encoded once for all who get them, and gathered while they are for the
 * same ones, so that a channel gets few large buffers. A large one is shared by all channels; what is
 * small, for others each time, is copied into one buffer for each channel. One thread.
 */
final class Outbox {
  /** So much is gathered before it is handed to the channels. */
  private static final int CHUNK = 64 << 10;

  /** Up to here a copy costs less than a turn of the channel's thread. */
  private static final int SMALL = 2 << 10;

  /** Where a message's header has its length, RFC 4271 §4.1. */
  private static final int LENGTH_AT = 16;

  private final Map<Deed.Target, Connection> connections;
  private final ObjIntConsumer<Deed.Target> told;
  private final LinkedHashSet<Connection> full = new LinkedHashSet<>();
  private List<Deed.Target> targets = List.of();
  private @Nullable ByteBuf gathered;
  private final LinkedHashMap<Connection, ByteBuf> own = new LinkedHashMap<>();

  /**
   * @param told hears how many messages went to whom
   */
  Outbox(Map<Deed.Target, Connection> connections, ObjIntConsumer<Deed.Target> told) {
    this.connections = connections;
    this.told = told;
  }

  void add(List<Deed.Target> to, EncodeContext context, Update update) {
    if (gathered != null && (gathered.readableBytes() >= CHUNK || !to.equals(targets))) {
      handOn();
    }
    if (gathered == null) {
      gathered = PooledByteBufAllocator.DEFAULT.buffer(CHUNK + Wire.MESSAGE_LIMIT);
      targets = to;
    }
    Wire.encode(update, context, gathered);
  }

  /** Hands over all that is gathered. */
  void flush() {
    handOn();
    if (!own.isEmpty()) {
      own.forEach(this::send);
      own.clear();
    }
  }

  /** What comes next is for others. */
  private void handOn() {
    ByteBuf bytes = gathered;
    if (bytes == null) {
      return;
    }
    gathered = null;
    boolean copied = targets.size() > 1 && bytes.readableBytes() <= SMALL;
    int messages = messages(bytes);
    for (Deed.Target target : targets) {
      Connection connection = connections.get(target);
      if (connection != null) {
        if (copied) {
          copy(bytes, connection);
        } else {
          sendOwn(connection); // what was said stays in order
          send(connection, bytes.retainedDuplicate());
        }
        told.accept(target, messages);
      }
    }
    bytes.release();
  }

  private void copy(ByteBuf bytes, Connection to) {
    ByteBuf before = own.get(to);
    if (before == null) {
      before = PooledByteBufAllocator.DEFAULT.buffer(SMALL);
      own.put(to, before);
    }
    before.writeBytes(bytes, bytes.readerIndex(), bytes.readableBytes());
    if (before.readableBytes() >= CHUNK) {
      sendOwn(to);
    }
  }

  private void sendOwn(Connection to) {
    ByteBuf bytes = own.remove(to);
    if (bytes != null) {
      send(to, bytes);
    }
  }

  private void send(Connection to, ByteBuf bytes) {
    to.send(bytes);
    if (!to.isWritable()) {
      full.add(to);
    }
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
