package dev.catwalk.bgp.bmp;

import dev.catwalk.bgp.wire.AttributeCache;
import dev.catwalk.bgp.wire.DecodeContext;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.bgp.wire.WireException;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/**
 * What a station makes of the octets that come: a line for each message. RFC 7854, RFC 9069.
 * UPDATEs are read as the OPENs of their peer's Peer Up and the A flag have it, and by nothing else;
 * of peers that are not up there must be none.
 */
public final class Station {
  private static final int FLAG_V = 0x80;
  private static final int FLAG_L = 0x40;
  private static final int FLAG_A = 0x20;

  /** Each UPDATE that came, in hexadecimal digits. */
  public final List<String> updates = new ArrayList<>();

  /** When each of them was installed, in seconds since 1970; 0: that is not known. */
  public final List<Long> times = new ArrayList<>();

  private final TreeMap<String, DecodeContext> peers = new TreeMap<>();
  private int flags;
  private long seconds;

  /** Takes whole messages from {@code in} and leaves what is not yet one. */
  public List<String> read(ByteBuf in) throws WireException {
    List<String> lines = new ArrayList<>();
    while (in.readableBytes() >= 6) {
      int at = in.readerIndex();
      if (in.getUnsignedByte(at) != 3) {
        throw new AssertionError("version " + in.getUnsignedByte(at));
      }
      int length = in.getInt(at + 1);
      if (in.readableBytes() < length) {
        break;
      }
      ByteBuf message = in.readSlice(length).skipBytes(5);
      lines.add(one(message));
      if (message.isReadable()) {
        throw new AssertionError(message.readableBytes() + " octets are left of a message");
      }
    }
    return lines;
  }

  private String one(ByteBuf in) throws WireException {
    int type = in.readUnsignedByte();
    return switch (type) {
      case 0 -> {
        String peer = peer(in);
        DecodeContext context = context(peer);
        updates.add(ByteBufUtil.hexDump(in));
        times.add(seconds);
        yield "routes " + ((flags & FLAG_L) == 0 ? "" : "after policy ") + peer + " "
            + routes(bgp(in, context));
      }
      case 1 -> {
        String peer = peer(in);
        int count = in.readInt();
        yield "statistics " + peer + " " + count + " " + in.readUnsignedShort() + "="
            + (in.readUnsignedShort() == 8 ? in.readLong() : -1);
      }
      case 2 -> {
        String peer = peer(in);
        check(peers.remove(peer) != null, peer + " was not up");
        int reason = in.readUnsignedByte();
        yield "down " + peer + " " + reason
            + (reason == 1 || reason == 3 ? " " + bgp(in, DecodeContext.beforeOpen()) : "")
            + (reason == 2 ? " " + in.readUnsignedShort() : "");
      }
      case 3 -> {
        String peer = peer(in);
        check(in.readLong() == 0 && in.readInt() == 0, "an address of 16 octets");
        String local = in.readUnsignedByte() + "." + in.readUnsignedByte() + "."
            + in.readUnsignedByte() + "." + in.readUnsignedByte();
        int ports = in.readInt();
        Open sent = (Open) bgp(in, DecodeContext.beforeOpen());
        Open received = (Open) bgp(in, DecodeContext.beforeOpen());
        peers.put(peer, DecodeContext.between(sent, received));
        yield "up " + peer + " " + local + " " + ports + " OpenOpen" + information(in);
      }
      case 4 -> "initiation" + information(in);
      case 5 -> {
        check(in.readInt() == 0x00010002, "its reason");
        yield "termination because of " + in.readUnsignedShort();
      }
      default -> throw new AssertionError("type " + type);
    };
  }

  private static String information(ByteBuf in) {
    StringBuilder text = new StringBuilder();
    while (in.isReadable()) {
      int type = in.readUnsignedShort();
      text.append(' ').append(type).append('=');
      text.append(in.readCharSequence(in.readUnsignedShort(), StandardCharsets.UTF_8));
    }
    return text.toString();
  }

  /** RFC 7854 §4.2; RFC 9069 §4.1 for the Loc-RIB. */
  private String peer(ByteBuf in) {
    int type = in.readUnsignedByte();
    flags = in.readUnsignedByte();
    check(type == 0 || type == 3, "peer type " + type);
    check((flags & ~(type == 3 ? 0 : FLAG_V | FLAG_L | FLAG_A)) == 0, "flags " + flags);
    check(in.readLong() == 0, "a distinguisher");
    byte[] address = new byte[16];
    in.readBytes(address);
    int from = (flags & FLAG_V) == 0 ? 12 : 0;
    check(type == 0 || Arrays.equals(address, new byte[16]), "the Loc-RIB has no address");
    check(from == 0 || Arrays.equals(address, 0, 12, new byte[12], 0, 12), "IPv4 of 16 octets");
    String text = (type == 3 ? "loc-rib " : "")
        + IpAddress.of(Arrays.copyOfRange(address, from, 16)) + " AS " + in.readUnsignedInt();
    in.readInt();
    seconds = in.readUnsignedInt();
    check(in.readUnsignedInt() < 1_000_000, "microseconds");
    return text;
  }

  private DecodeContext context(String peer) {
    DecodeContext agreed = peers.get(peer);
    check(agreed != null, peer + " is not up");
    return new DecodeContext(
        (flags & FLAG_A) == 0,
        true,
        agreed.families(),
        agreed.messageLimit(),
        agreed.addPath(),
        agreed.extendedNextHop(),
        new AttributeCache());
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  private static Message bgp(ByteBuf in, DecodeContext context) throws WireException {
    int length = in.getUnsignedShort(in.readerIndex() + 16);
    return Wire.decode(Unpooled.copiedBuffer(in.readSlice(length)), context);
  }

  private static String routes(Message message) {
    Update update = (Update) message;
    if (update.endOfRib() != null) {
      return "end of " + update.endOfRib();
    }
    StringBuilder text = new StringBuilder();
    update.withdrawn().forEach(n -> text.append(prefixes("- ", n, "")));
    update.announced().forEach(r -> {
      String path = " [" + r.attributes().asPath() + "]";
      text.append(prefixes("+ ", r.prefixes(), path));
    });
    return text.toString();
  }

  private static String prefixes(String sign, Nlri prefixes, String path) {
    StringBuilder text = new StringBuilder();
    for (Prefix prefix : prefixes) {
      text.append(sign).append(prefix).append(path);
    }
    if (prefixes.size() > 0 && prefixes.pathId(0) != 0) {
      text.append(" path ").append(prefixes.pathId(0));
    }
    return text.toString();
  }
}
