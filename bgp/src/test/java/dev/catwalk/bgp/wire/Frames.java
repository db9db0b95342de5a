package dev.catwalk.bgp.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;

/** Messages from and to hexadecimal digits. */
final class Frames {
  static final List<AfiSafi> BOTH = List.of(AfiSafi.IPV4_UNICAST, AfiSafi.IPV6_UNICAST);

  private Frames() {}

  static DecodeContext ebgp() {
    return context(true, false);
  }

  static DecodeContext context(boolean fourByteAs, boolean ibgp) {
    return new DecodeContext(fourByteAs, ibgp, BOTH, Wire.MESSAGE_LIMIT, new AttributeCache());
  }

  /** {@code e4}: external, four-octet; {@code i2}: internal, two-octet; and so on. */
  static DecodeContext context(String name) {
    return context(name.endsWith("4"), name.startsWith("i"));
  }

  /** A header in front of a body in hex; blanks are ignored. */
  static ByteBuf frame(int type, String body) {
    byte[] bytes = ByteBufUtil.decodeHexDump(body.replace(" ", ""));
    ByteBuf out = Unpooled.buffer();
    int start = Wire.begin(out, type);
    out.writeBytes(bytes);
    Wire.end(out, start);
    return out;
  }

  /** An UPDATE of withdrawn prefixes, attributes and announced prefixes, in hex. */
  static ByteBuf update(String withdrawn, String attributes, String announced) {
    String w = withdrawn.replace(" ", "");
    String a = attributes.replace(" ", "");
    return frame(
        Wire.UPDATE,
        String.format("%04x%s%04x%s%s", w.length() / 2, w, a.length() / 2, a, announced));
  }

  static Update decodeUpdate(ByteBuf frame, DecodeContext context) throws WireException {
    return (Update) Wire.decode(frame, context);
  }

  /** All messages in {@code in}. */
  static List<Message> decodeAll(ByteBuf in, DecodeContext context) throws WireException {
    List<Message> messages = new ArrayList<>();
    while (in.isReadable()) {
      int length = Wire.frameLength(in, context.messageLimit());
      messages.add(Wire.decode(in.readSlice(length), context));
    }
    return messages;
  }

  static String hex(ByteBuf frames) {
    return ByteBufUtil.hexDump(frames);
  }

  static String encode(Message message, boolean fourByteAs) {
    ByteBuf out = Unpooled.buffer();
    Wire.encode(message, new EncodeContext(fourByteAs, Wire.MESSAGE_LIMIT), out);
    return hex(out);
  }
}
