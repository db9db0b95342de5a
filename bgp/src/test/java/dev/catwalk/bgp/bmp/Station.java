package dev.catwalk.bgp.bmp;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.AttributeCache;
import dev.catwalk.bgp.wire.DecodeContext;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.bgp.wire.WireException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What a station makes of the octets that come: a line for each message. RFC 7854, RFC 9069. */
public final class Station {
  private static final DecodeContext CONTEXT = new DecodeContext(
      true,
      true,
      List.of(AfiSafi.IPV4_UNICAST, AfiSafi.IPV6_UNICAST),
      Wire.MESSAGE_LIMIT,
      new AttributeCache());

  private Station() {}

  /** Takes whole messages from {@code in} and leaves what is not yet one. */
  public static List<String> read(ByteBuf in) throws WireException {
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

  private static String one(ByteBuf in) throws WireException {
    int type = in.readUnsignedByte();
    return switch (type) {
      case 0 -> "routes " + peer(in) + " " + routes(bgp(in));
      case 1 -> {
        String peer = peer(in);
        int count = in.readInt();
        yield "statistics " + peer + " " + count + " " + in.readUnsignedShort() + "="
            + (in.readUnsignedShort() == 8 ? in.readLong() : -1);
      }
      case 2 -> {
        String peer = peer(in);
        int reason = in.readUnsignedByte();
        yield "down " + peer + " " + reason + (reason == 1 || reason == 3 ? " " + bgp(in) : "");
      }
      case 3 -> {
        String peer = peer(in);
        in.skipBytes(12);
        String local = in.readUnsignedByte() + "." + in.readUnsignedByte() + "."
            + in.readUnsignedByte() + "." + in.readUnsignedByte();
        int ports = in.readInt();
        String opens = bgp(in).getClass().getSimpleName() + bgp(in).getClass().getSimpleName();
        yield "up " + peer + " " + local + " " + ports + " " + opens + information(in);
      }
      case 4 -> "initiation" + information(in);
      case 5 -> {
        in.skipBytes(6);
        yield "termination";
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

  private static String peer(ByteBuf in) {
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    in.skipBytes(8);
    byte[] address = new byte[16];
    in.readBytes(address);
    byte[] last = java.util.Arrays.copyOfRange(address, (flags & 0x80) == 0 ? 12 : 0, 16);
    String text = (type == 3 ? "loc-rib " : "") + dev.catwalk.net.addr.IpAddress.of(last) + " AS "
        + in.readUnsignedInt();
    in.skipBytes(12);
    return text;
  }

  private static Message bgp(ByteBuf in) throws WireException {
    int length = in.getUnsignedShort(in.readerIndex() + 16);
    return Wire.decode(Unpooled.copiedBuffer(in.readSlice(length)), CONTEXT);
  }

  private static String routes(Message message) {
    Update update = (Update) message;
    if (update.endOfRib() != null) {
      return "end of " + update.endOfRib();
    }
    StringBuilder text = new StringBuilder();
    update.withdrawn().forEach(n -> n.forEach(p -> text.append("- ").append(p)));
    update
        .announced()
        .forEach(r -> r.prefixes()
            .forEach(p -> text.append("+ ")
                .append(p)
                .append(" [")
                .append(r.attributes().asPath())
                .append(']')));
    return text.toString();
  }
}
