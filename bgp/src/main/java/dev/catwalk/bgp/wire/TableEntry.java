package dev.catwalk.bgp.wire;

import io.netty.buffer.ByteBuf;

/** The attributes of a route as tables of collectors hold them, RFC 6396 §4.3.4. */
public final class TableEntry {
  private static final EncodeContext CONTEXT = new EncodeContext(true, Wire.EXTENDED_MESSAGE_LIMIT);

  private TableEntry() {}

  /** AS numbers of four octets; of MP_REACH_NLRI the next hop with its length and nothing else. */
  public static void encode(PathAttributes attributes, ByteBuf out) {
    out.writeBytes(AttributeEncoder.encode(attributes, CONTEXT));
    if (!attributes.nextHop().isV4()) {
      out.writeByte(AttributeType.OPTIONAL).writeByte(AttributeType.MP_REACH_NLRI);
      byte[] hop = attributes.nextHop().toBytes();
      out.writeByte(1 + hop.length).writeByte(hop.length).writeBytes(hop);
    }
  }
}
