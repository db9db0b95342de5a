package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.speaker.Deed;
import dev.catwalk.bgp.wire.EncodeContext;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.bgp.wire.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.ObjIntConsumer;

/**
 * UPDATEs on their way out: encoded once for all who get them, and gathered while they are for the
 * same ones, so that a channel gets few large buffers. A large one is shared by all channels; what is
 * small, for others each time, is copied into one buffer for each channel. What it gathers in is its
 * own for good: where each message is for others, a buffer for each would cost more than the message.
 * One thread.
 */
final class Outbox {
  /** So much is gathered before it is handed to the channels. */
  private static final int CHUNK = 64 << 10;

  /** Up to here a copy costs less than a turn of the channel's thread. */
  private static final int SMALL = 2 << 10;

  /** So much is copied for a channel before it goes: with one copy more it is what the pool keeps ready. */
  private static final int COPIED = 30 << 10;

  /** Where a message's header has its length, RFC 4271 §4.1. */
  private static final int LENGTH_AT = 16;

  private final Map<Deed.Target, Connection> connections;
  private final ObjIntConsumer<Deed.Target> told;
  private final LinkedHashSet<Connection> full = new LinkedHashSet<>();
  private List<Deed.Target> targets = List.of();
  private final ByteBuf gathered = Unpooled.buffer(CHUNK + Wire.MESSAGE_LIMIT);
  private final LinkedHashMap<Connection, ByteBuf> own = new LinkedHashMap<>();

  /**
   * @param told hears how many messages went to whom
   */
  Outbox(Map<Deed.Target, Connection> connections, ObjIntConsumer<Deed.Target> told) {
    this.connections = connections;
    this.told = told;
  }

  void add(List<Deed.Target> to, EncodeContext context, Update update) {
    if (gathered.readableBytes() >= CHUNK || !to.equals(targets)) {
      handOn();
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
    if (!gathered.isReadable()) {
      return;
    }
    int messages = messages(gathered);
    ByteBuf shared = gathered.readableBytes() <= SMALL
        ? null
        : PooledByteBufAllocator.DEFAULT
            .directBuffer(gathered.readableBytes())
            .writeBytes(gathered, gathered.readerIndex(), gathered.readableBytes());
    for (Deed.Target target : targets) {
      Connection connection = connections.get(target);
      if (connection != null) {
        if (shared == null) {
          copy(connection);
        } else {
          sendOwn(connection); // what was said stays in order
          send(connection, shared.retainedDuplicate());
        }
        told.accept(target, messages);
      }
    }
    if (shared != null) {
      shared.release();
    }
    gathered.clear();
  }

  private void copy(Connection to) {
    ByteBuf before = own.get(to);
    if (before == null) {
      before = PooledByteBufAllocator.DEFAULT.buffer(SMALL);
      own.put(to, before);
    }
    before.writeBytes(gathered, gathered.readerIndex(), gathered.readableBytes());
    if (before.readableBytes() >= COPIED) {
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
    if (full.isEmpty()) {
      return List.of();
    }
    List<Connection> taken = new ArrayList<>(full);
    full.clear();
    return taken;
  }
}
