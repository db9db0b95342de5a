package dev.catwalk.bgp.wire;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/** OPEN and its optional parameters: RFC 4271 §4.2 and §6.2, RFC 5492, RFC 9072, RFC 6286. */
final class OpenCodec {
  private static final int VERSION = 4;
  private static final int CAPABILITIES = 2;
  private static final int EXTENDED = 255;

  private OpenCodec() {}

  /** {@code body}: at least ten octets. */
  static Open decode(ByteBuf body) throws WireException {
    int version = body.readUnsignedByte();
    if (version != VERSION) {
      throw new WireException(
          Fault.UNSUPPORTED_VERSION,
          Octets.of((byte) 0, (byte) VERSION),
          "BGP version " + version + " is not supported");
    }
    int myAs = body.readUnsignedShort();
    int holdTime = body.readUnsignedShort();
    int bgpId = body.readInt();
    boolean extended = isExtended(body);
    List<Capability> capabilities = parameters(body, extended);
    if (myAs == 0) {
      throw new WireException(Fault.BAD_PEER_AS, "peer says AS 0"); // RFC 7607
    }
    if (holdTime == 1 || holdTime == 2) {
      throw new WireException(
          Fault.UNACCEPTABLE_HOLD_TIME, "hold time " + holdTime + " is neither 0 nor 3 or more");
    }
    if (bgpId == 0) {
      throw new WireException(Fault.BAD_BGP_IDENTIFIER, "peer's BGP Identifier is 0");
    }
    boolean chosen = extended && fits(size(capabilities));
    Open open = new Open(myAs, holdTime, bgpId, capabilities, chosen);
    if (open.as() == 0) {
      throw new WireException(Fault.BAD_PEER_AS, "peer says AS 0 in its four-octet capability");
    }
    for (Capability capability :
        capabilities) { // RFC 5492 §4 leaves it to RFC 6793, which is silent
      if (capability instanceof Capability.FourByteAs(long as) && as != open.as()) {
        throw new WireException(
            Fault.BAD_PEER_AS, "peer says AS " + as + " and AS " + open.as() + " in one OPEN");
      }
    }
    return open;
  }

  /** RFC 9072 §2, of the length and what follows it. */
  private static boolean isExtended(ByteBuf body) {
    int at = body.readerIndex();
    return body.getUnsignedByte(at) != 0
        && body.readableBytes() > 1
        && body.getUnsignedByte(at + 1) == EXTENDED;
  }

  private static List<Capability> parameters(ByteBuf body, boolean extended) throws WireException {
    int length = body.readUnsignedByte();
    if (extended) {
      body.skipBytes(1);
      if (body.readableBytes() < 2) {
        throw malformed("extended optional parameters are cut");
      }
      length = body.readUnsignedShort();
    }
    if (length != body.readableBytes()) {
      throw malformed(
          "optional parameters should have " + length + " octets and have " + body.readableBytes());
    }
    int header = extended ? 3 : 2;
    List<Capability> capabilities = new ArrayList<>();
    while (body.isReadable()) {
      if (body.readableBytes() < header) {
        throw malformed("an optional parameter is cut");
      }
      int type = body.readUnsignedByte();
      int size = extended ? body.readUnsignedShort() : body.readUnsignedByte();
      if (type != CAPABILITIES) {
        throw new WireException(
            Fault.UNSUPPORTED_OPTIONAL_PARAMETER, "optional parameter " + type + " is unknown");
      }
      if (size > body.readableBytes()) {
        throw malformed("an optional parameter is longer than the message");
      }
      capabilities(body, body.readerIndex() + size, capabilities);
    }
    return capabilities;
  }

  private static void capabilities(ByteBuf in, int end, List<Capability> capabilities)
      throws WireException {
    while (in.readerIndex() < end) {
      if (end - in.readerIndex() < 2) {
        throw malformed("a capability is cut");
      }
      int code = in.readUnsignedByte();
      int length = in.readUnsignedByte();
      if (length > end - in.readerIndex()) {
        throw malformed("capability " + code + " is longer than its parameter");
      }
      capabilities.add(CapabilityCodec.decode(code, in, length));
    }
  }

  static WireException malformed(String what) {
    return new WireException(Fault.UNSPECIFIC_OPEN_ERROR, what);
  }

  private static int size(List<Capability> capabilities) {
    int size = 0;
    for (Capability capability : capabilities) {
      size += 2 + CapabilityCodec.length(capability);
    }
    return size;
  }

  /** Whether one parameter of so many octets can be said as RFC 4271 has it. */
  private static boolean fits(int size) {
    return size + 2 <= EXTENDED - 1;
  }

  /**
   * All capabilities in one parameter; in the extended form of RFC 9072 where that is wanted, or if
   * there are too many octets of them for the other.
   */
  static void encode(Open open, ByteBuf out) {
    out.writeByte(VERSION).writeShort(open.myAs()).writeShort(open.holdTime());
    out.writeInt(open.bgpId());
    int size = size(open.capabilities());
    if (size == 0) {
      out.writeByte(0);
      return;
    }
    if (fits(size) && !open.extended()) {
      out.writeByte(size + 2).writeByte(CAPABILITIES).writeByte(size);
    } else {
      out.writeByte(EXTENDED).writeByte(EXTENDED).writeShort(size + 3);
      out.writeByte(CAPABILITIES).writeShort(size);
    }
    for (Capability capability : open.capabilities()) {
      out.writeByte(capability.code()).writeByte(CapabilityCodec.length(capability));
      CapabilityCodec.encode(capability, out);
    }
  }
}
