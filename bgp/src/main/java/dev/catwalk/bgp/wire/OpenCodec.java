package dev.catwalk.bgp.wire;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/** OPEN and its optional parameters: RFC 4271 §4.2 and §6.2, RFC 5492, RFC 9072, RFC 6286. */
final class OpenCodec {
  private static final int VERSION = 4;
  private static final int CAPABILITIES = 2;
  private static final int EXTENDED = 255;
  private static final int RESTARTING = 0x8000;
  private static final int NOTIFICATION = 0x4000;
  private static final int TIME = Capability.GracefulRestart.MAX_RESTART_TIME;
  private static final int FORWARDING = 0x80;

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
    List<Capability> capabilities = parameters(body);
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
    Open open = new Open(myAs, holdTime, bgpId, capabilities);
    if (open.as() == 0) {
      throw new WireException(Fault.BAD_PEER_AS, "peer says AS 0 in its four-octet capability");
    }
    return open;
  }

  private static List<Capability> parameters(ByteBuf body) throws WireException {
    int length = body.readUnsignedByte();
    boolean extended = length != 0
        && body.isReadable()
        && body.getUnsignedByte(body.readerIndex()) == EXTENDED; // RFC 9072 §2
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
      capabilities.add(capability(code, in, length));
    }
  }

  private static Capability capability(int code, ByteBuf in, int length) throws WireException {
    switch (code) {
      case Capability.Multiprotocol.CODE -> {
        if (length != 4) {
          throw malformed("a multiprotocol capability has " + length + " octets");
        }
        int afi = in.readUnsignedShort();
        in.skipBytes(1);
        return new Capability.Multiprotocol(new AfiSafi(afi, in.readUnsignedByte()));
      }
      case Capability.FourByteAs.CODE -> {
        if (length != 4) {
          throw malformed("a four-octet AS capability has " + length + " octets");
        }
        return new Capability.FourByteAs(in.readUnsignedInt());
      }
      case Capability.Refresh.CODE -> {
        return length == 0
            ? new Capability.Refresh()
            : new Capability.Unrecognised(code, Octets.read(in, length));
      }
      case Capability.GracefulRestart.CODE -> {
        return length % 4 == 2
            ? gracefulRestart(in, length)
            : new Capability.Unrecognised(code, Octets.read(in, length));
      }
      default -> {
        return new Capability.Unrecognised(code, Octets.read(in, length));
      }
    }
  }

  /** RFC 4724 §3: four bits of flags, twelve of time, then four octets for each family. */
  private static Capability gracefulRestart(ByteBuf in, int length) {
    int head = in.readUnsignedShort();
    List<Capability.Restarted> families = new ArrayList<>();
    for (int i = 2; i < length; i += 4) {
      AfiSafi family = new AfiSafi(in.readUnsignedShort(), in.readUnsignedByte());
      families.add(new Capability.Restarted(family, (in.readUnsignedByte() & FORWARDING) != 0));
    }
    return new Capability.GracefulRestart(
        (head & RESTARTING) != 0, (head & NOTIFICATION) != 0, head & TIME, families);
  }

  private static void gracefulRestart(Capability.GracefulRestart restart, ByteBuf out) {
    out.writeShort((restart.restarting() ? RESTARTING : 0)
        | (restart.notification() ? NOTIFICATION : 0)
        | restart.restartTime());
    for (Capability.Restarted family : restart.families()) {
      out.writeShort(family.family().afi()).writeByte(family.family().safi());
      out.writeByte(family.forwarding() ? FORWARDING : 0);
    }
  }

  private static WireException malformed(String what) {
    return new WireException(Fault.UNSPECIFIC_OPEN_ERROR, what);
  }

  /**
   * All capabilities in one parameter; in the extended form of RFC 9072 if there are too many octets
   * of them for the other.
   */
  static void encode(Open open, ByteBuf out) {
    out.writeByte(VERSION).writeShort(open.myAs()).writeShort(open.holdTime());
    out.writeInt(open.bgpId());
    int size = 0;
    for (Capability capability : open.capabilities()) {
      size += 2 + length(capability);
    }
    if (size == 0) {
      out.writeByte(0);
      return;
    }
    if (size + 2 <= 254) {
      out.writeByte(size + 2).writeByte(CAPABILITIES).writeByte(size);
    } else {
      out.writeByte(EXTENDED).writeByte(EXTENDED).writeShort(size + 3);
      out.writeByte(CAPABILITIES).writeShort(size);
    }
    for (Capability capability : open.capabilities()) {
      out.writeByte(capability.code()).writeByte(length(capability));
      switch (capability) {
        case Capability.Multiprotocol(AfiSafi family) ->
          out.writeShort(family.afi()).writeByte(0).writeByte(family.safi());
        case Capability.Refresh r -> {}
        case Capability.FourByteAs(long as) -> out.writeInt((int) as);
        case Capability.GracefulRestart restart -> gracefulRestart(restart, out);
        case Capability.Unrecognised(int code, Octets value) -> value.write(out);
      }
    }
  }

  private static int length(Capability capability) {
    return switch (capability) {
      case Capability.Multiprotocol m -> 4;
      case Capability.Refresh r -> 0;
      case Capability.FourByteAs f -> 4;
      case Capability.GracefulRestart restart -> 2 + 4 * restart.families().size();
      case Capability.Unrecognised u -> u.value().length();
    };
  }
}
