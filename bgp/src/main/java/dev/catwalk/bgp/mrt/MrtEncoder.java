package dev.catwalk.bgp.mrt;

import dev.catwalk.bgp.wire.EncodeContext;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.bgp.wire.TableEntry;
import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Records of tables (TABLE_DUMP_V2, RFC 6396 §4.3) and of what peers say (BGP4MP_ET, §4.4, §3). AS
 * numbers are of four octets throughout.
 */
public final class MrtEncoder {
  /** So many peers can be in an index; routes of others are left out. */
  public static final int MOST_PEERS = 0xffff;

  private static final int PEER_INDEX_TABLE = 1;
  private static final int RIB_IPV4_UNICAST = 2;
  private static final int RIB_IPV6_UNICAST = 4;
  private static final int MESSAGE_AS4 = 4;
  private static final int STATE_CHANGE_AS4 = 5;
  private static final int MESSAGE_AS4_ADDPATH = 9;
  private static final int IPV6_PEER = 1;
  private static final int FOUR_OCTET_AS = 2;

  private MrtEncoder() {}

  /** One of the peers that the rows of a table are of. */
  public record Peer(int bgpId, IpAddress address, long as) {}

  /**
   * A route to a prefix.
   *
   * @param peer its place in the index
   */
  public record Row(int peer, PathAttributes attributes) {}

  /** Both ends of a session. */
  public record Ends(long peerAs, long localAs, IpAddress peer, IpAddress local) {}

  /** §4.3.1: whose routes the records that follow hold; at most {@link #MOST_PEERS}. */
  public static void index(long seconds, IpAddress collector, List<Peer> peers, ByteBuf out) {
    int start = begin(seconds, MrtHeader.TABLE_DUMP_V2, PEER_INDEX_TABLE, out);
    byte[] view = "catwalk".getBytes(StandardCharsets.UTF_8);
    out.writeInt(collector.v4Bits()).writeShort(view.length).writeBytes(view);
    out.writeShort(peers.size());
    for (Peer peer : peers) {
      out.writeByte(FOUR_OCTET_AS | (peer.address().isV4() ? 0 : IPV6_PEER));
      out.writeInt(peer.bgpId()).writeBytes(peer.address().toBytes()).writeInt((int) peer.as());
    }
    end(start, out);
  }

  /** §4.3.2: all routes to one prefix. When they came is not known: {@code seconds} stands there. */
  public static void routes(
      long seconds, int sequence, Prefix prefix, List<Row> rows, ByteBuf out) {
    boolean ipv4 = prefix.family() == Family.IPV4;
    int start =
        begin(seconds, MrtHeader.TABLE_DUMP_V2, ipv4 ? RIB_IPV4_UNICAST : RIB_IPV6_UNICAST, out);
    out.writeInt(sequence).writeByte(prefix.length());
    out.writeBytes(prefix.address().toBytes(), 0, (prefix.length() + 7) / 8);
    out.writeShort(rows.size());
    for (Row row : rows) {
      out.writeShort(row.peer()).writeInt((int) seconds);
      int length = out.writerIndex();
      out.writeShort(0);
      TableEntry.encode(row.attributes(), out);
      out.setShort(length, out.writerIndex() - length - 2);
    }
    end(start, out);
  }

  /**
   * §4.4.3, RFC 8050 §3: a message of the peer, a record for each that it needs on the wire.
   *
   * @param micros since 1970
   * @param context how it is encoded; its path identifiers are those that the peer sends with
   */
  public static void message(
      long micros, Ends ends, Message message, EncodeContext context, ByteBuf out) {
    ByteBuf octets = Unpooled.buffer();
    Wire.encode(message, context, octets);
    while (octets.isReadable()) {
      int length = octets.getUnsignedShort(octets.readerIndex() + 16);
      int subtype = context.addPath().isEmpty() ? MESSAGE_AS4 : MESSAGE_AS4_ADDPATH;
      int start = begin(micros, subtype, ends, out);
      out.writeBytes(octets, length);
      end(start, out);
    }
  }

  /** §4.4.1: the session came up, or fell. States by their numbers: 1 Idle to 6 Established. */
  public static void state(long micros, Ends ends, int before, int after, ByteBuf out) {
    int start = begin(micros, STATE_CHANGE_AS4, ends, out);
    out.writeShort(before).writeShort(after);
    end(start, out);
  }

  private static int begin(long micros, int subtype, Ends ends, ByteBuf out) {
    int start = begin(micros / 1_000_000, MrtHeader.BGP4MP_ET, subtype, out);
    out.writeInt((int) (micros % 1_000_000));
    out.writeInt((int) ends.peerAs()).writeInt((int) ends.localAs()).writeShort(0);
    out.writeShort(ends.peer().isV4() ? 1 : 2);
    out.writeBytes(ends.peer().toBytes()).writeBytes(ends.local().toBytes());
    return start;
  }

  private static int begin(long seconds, int type, int subtype, ByteBuf out) {
    int start = out.writerIndex();
    out.writeInt((int) seconds).writeShort(type).writeShort(subtype).writeInt(0);
    return start;
  }

  private static void end(int start, ByteBuf out) {
    out.setInt(start + 8, out.writerIndex() - start - MrtHeader.OCTETS);
  }
}
