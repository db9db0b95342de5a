package dev.catwalk.bgp.bmp;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.EncodeContext;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Octets;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.net.addr.IpAddress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages for a station, RFC 7854 §4. Times in milliseconds since 1970. AS numbers are of four
 * octets, but in UPDATEs that came otherwise.
 */
public final class BmpEncoder {
  static final int VERSION = 3;
  static final int ROUTE_MONITORING = 0;
  static final int STATISTICS = 1;
  static final int PEER_DOWN = 2;
  static final int PEER_UP = 3;
  static final int INITIATION = 4;
  static final int TERMINATION = 5;

  private static final int GLOBAL_INSTANCE = 0;
  private static final int LOC_RIB_INSTANCE = 3;
  private static final int FLAG_V = 0x80;
  private static final int FLAG_L = 0x40;
  private static final int FLAG_A = 0x20;
  private static final int TABLE_NAME = 3;
  private static final int ADJ_RIB_IN_ROUTES = 7;
  private static final int LOC_RIB_ROUTES = 8;
  private static final EncodeContext CONTEXT = new EncodeContext(true, Wire.MESSAGE_LIMIT);

  private BmpEncoder() {}

  /** §4.3. */
  public static void initiation(String description, String name, ByteBuf out) {
    int start = begin(INITIATION, out);
    information(1, description, out);
    information(2, name, out);
    end(start, out);
  }

  /** §4.5: the end was wanted. */
  public static void termination(ByteBuf out) {
    int start = begin(TERMINATION, out);
    out.writeShort(1).writeShort(2).writeShort(0);
    end(start, out);
  }

  /** §4.10, RFC 9069 §5.2: for the Loc-RIB both OPENs are what we could say. */
  public static void peerUp(
      BmpPeer peer,
      long atMs,
      IpAddress local,
      int localPort,
      int remotePort,
      Open sent,
      Open received,
      ByteBuf out) {
    int start = begin(PEER_UP, out);
    header(peer, atMs, out);
    address(local, out);
    out.writeShort(localPort).writeShort(remotePort);
    Wire.encode(sent, CONTEXT, out);
    Wire.encode(received, CONTEXT, out);
    if (peer.locRib()) {
      information(TABLE_NAME, "global", out);
    }
    end(start, out);
  }

  /**
   * §4.9.
   *
   * @param sent the NOTIFICATION with which we ended the session, if we did so
   * @param received with which the peer did
   * @param local whether we closed it where neither did
   */
  public static void peerDown(
      BmpPeer peer,
      long atMs,
      @Nullable Notification sent,
      @Nullable Notification received,
      boolean local,
      ByteBuf out) {
    int start = begin(PEER_DOWN, out);
    header(peer, atMs, out);
    if (sent != null) {
      out.writeByte(1);
      Wire.encode(sent, CONTEXT, out);
    } else if (received != null) {
      out.writeByte(3);
      Wire.encode(received, CONTEXT, out);
    } else if (local) {
      out.writeByte(2).writeShort(0); // none of the events of RFC 4271 §8.1
    } else {
      out.writeByte(4); // the connection closed without one
    }
    end(start, out);
  }

  /**
   * §4.6, an UPDATE of the peer's as it came.
   *
   * @param message header and all
   * @param fourByteAs whether its AS numbers are of four octets; else the A flag says so
   */
  public static void received(
      BmpPeer peer, long atMs, Octets message, boolean fourByteAs, ByteBuf out) {
    int start = begin(ROUTE_MONITORING, out);
    header(peer, atMs, fourByteAs ? 0 : FLAG_A, out);
    message.write(out);
    end(start, out);
  }

  /**
   * §4.6: one message for each that the UPDATE needs on the wire.
   *
   * @param withPathIds families whose prefixes the OPENs of Peer Up have with path identifiers
   */
  public static void routes(
      BmpPeer peer, long atMs, Update update, List<AfiSafi> withPathIds, ByteBuf out) {
    ByteBuf messages = Unpooled.buffer();
    Wire.encode(update, new EncodeContext(true, Wire.MESSAGE_LIMIT, withPathIds), messages);
    while (messages.isReadable()) {
      int length = messages.getUnsignedShort(messages.readerIndex() + 16);
      int start = begin(ROUTE_MONITORING, out);
      header(peer, atMs, out);
      out.writeBytes(messages, length);
      end(start, out);
    }
  }

  /** §4.8: how many routes a peer's Adj-RIB-In, or the Loc-RIB, holds. */
  public static void statistics(BmpPeer peer, long atMs, long routes, ByteBuf out) {
    int start = begin(STATISTICS, out);
    header(peer, atMs, out);
    out.writeInt(1);
    out.writeShort(peer.locRib() ? LOC_RIB_ROUTES : ADJ_RIB_IN_ROUTES).writeShort(8);
    out.writeLong(routes);
    end(start, out);
  }

  private static int begin(int type, ByteBuf out) {
    int start = out.writerIndex();
    out.writeByte(VERSION).writeInt(0).writeByte(type);
    return start;
  }

  private static void end(int start, ByteBuf out) {
    out.setInt(start + 1, out.writerIndex() - start);
  }

  private static void header(BmpPeer peer, long atMs, ByteBuf out) {
    header(peer, atMs, 0, out);
  }

  private static void header(BmpPeer peer, long atMs, int flags, ByteBuf out) {
    out.writeByte(peer.locRib() ? LOC_RIB_INSTANCE : GLOBAL_INSTANCE);
    out.writeByte(flags
        | (peer.postPolicy() ? FLAG_L : 0)
        | (!peer.locRib() && !peer.address().isV4() ? FLAG_V : 0));
    out.writeLong(0); // no distinguisher
    address(peer.address(), out);
    out.writeInt((int) peer.as()).writeInt(peer.bgpId());
    out.writeInt((int) (atMs / 1000)).writeInt((int) (atMs % 1000 * 1000));
  }

  /** IPv4 in the last of 16 octets. */
  private static void address(IpAddress address, ByteBuf out) {
    byte[] octets = address.toBytes();
    out.writeZero(16 - octets.length).writeBytes(octets);
  }

  private static void information(int type, String text, ByteBuf out) {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    out.writeShort(type).writeShort(octets.length).writeBytes(octets);
  }
}
