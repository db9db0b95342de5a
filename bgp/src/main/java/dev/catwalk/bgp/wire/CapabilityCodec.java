package dev.catwalk.bgp.wire;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/** Capabilities of an OPEN ⇄ bytes. A value that its RFC does not have is kept as unrecognised. */
final class CapabilityCodec {
  private static final int RESTARTING = 0x8000;
  private static final int NOTIFICATION = 0x4000;
  private static final int TIME = Capability.GracefulRestart.MAX_RESTART_TIME;
  private static final int FORWARDING = 0x80;
  private static final int RECEIVES = 1;
  private static final int SENDS = 2;

  private CapabilityCodec() {}

  /** Reads {@code length} octets, which must be there. */
  static Capability decode(int code, ByteBuf in, int length) throws WireException {
    return switch (code) {
      case Capability.Multiprotocol.CODE -> {
        if (length != 4) {
          throw OpenCodec.malformed("a multiprotocol capability has " + length + " octets");
        }
        int afi = in.readUnsignedShort();
        in.skipBytes(1);
        yield new Capability.Multiprotocol(new AfiSafi(afi, in.readUnsignedByte()));
      }
      case Capability.FourByteAs.CODE -> {
        if (length != 4) {
          throw OpenCodec.malformed("a four-octet AS capability has " + length + " octets");
        }
        yield new Capability.FourByteAs(in.readUnsignedInt());
      }
      case Capability.Refresh.CODE ->
        length == 0 ? new Capability.Refresh() : unrecognised(code, in, length);
      case Capability.EnhancedRefresh.CODE ->
        length == 0 ? new Capability.EnhancedRefresh() : unrecognised(code, in, length);
      case Capability.ExtendedMessage.CODE ->
        length == 0 ? new Capability.ExtendedMessage() : unrecognised(code, in, length);
      case Capability.Role.CODE ->
        length == 1 ? new Capability.Role(in.readUnsignedByte()) : unrecognised(code, in, length);
      case Capability.GracefulRestart.CODE ->
        length % 4 == 2 ? gracefulRestart(in, length) : unrecognised(code, in, length);
      case Capability.LongLived.CODE ->
        length % 7 == 0 ? longLived(in, length) : unrecognised(code, in, length);
      case Capability.ExtendedNextHop.CODE ->
        length % 6 == 0 && isPadded(in, length)
            ? extendedNextHop(in, length)
            : unrecognised(code, in, length);
      case Capability.AddPath.CODE ->
        length % 4 == 0 && isAddPath(in, length)
            ? addPath(in, length)
            : unrecognised(code, in, length);
      default -> unrecognised(code, in, length);
    };
  }

  private static Capability unrecognised(int code, ByteBuf in, int length) {
    return new Capability.Unrecognised(code, Octets.read(in, length));
  }

  private static AfiSafi family(ByteBuf in) {
    return new AfiSafi(in.readUnsignedShort(), in.readUnsignedByte());
  }

  /** RFC 4724 §3: four bits of flags, twelve of time, then four octets for each family. */
  private static Capability gracefulRestart(ByteBuf in, int length) {
    int head = in.readUnsignedShort();
    List<Capability.Restarted> families = new ArrayList<>();
    for (int i = 2; i < length; i += 4) {
      AfiSafi family = family(in);
      families.add(new Capability.Restarted(family, (in.readUnsignedByte() & FORWARDING) != 0));
    }
    return new Capability.GracefulRestart(
        (head & RESTARTING) != 0, (head & NOTIFICATION) != 0, head & TIME, families);
  }

  private static Capability longLived(ByteBuf in, int length) {
    List<Capability.Kept> families = new ArrayList<>();
    for (int i = 0; i < length; i += 7) {
      AfiSafi family = family(in);
      boolean forwarding = (in.readUnsignedByte() & FORWARDING) != 0;
      families.add(new Capability.Kept(family, forwarding, in.readUnsignedMedium()));
    }
    return new Capability.LongLived(families);
  }

  /** RFC 8950 §4 has two octets for the SAFI, of which the first is 0. */
  private static boolean isPadded(ByteBuf in, int length) {
    for (int i = 0; i < length; i += 6) {
      if (in.getByte(in.readerIndex() + i + 2) != 0) {
        return false;
      }
    }
    return true;
  }

  private static Capability extendedNextHop(ByteBuf in, int length) {
    List<Capability.NextHopEncoding> encodings = new ArrayList<>();
    for (int i = 0; i < length; i += 6) {
      AfiSafi family = new AfiSafi(in.readUnsignedShort(), in.readUnsignedShort());
      encodings.add(new Capability.NextHopEncoding(family, in.readUnsignedShort()));
    }
    return new Capability.ExtendedNextHop(encodings);
  }

  /** RFC 7911 §4: with another value than 1, 2 or 3 the capability is ignored. */
  private static boolean isAddPath(ByteBuf in, int length) {
    for (int i = 0; i < length; i += 4) {
      int mode = in.getUnsignedByte(in.readerIndex() + i + 3);
      if (mode == 0 || mode > (RECEIVES | SENDS)) {
        return false;
      }
    }
    return true;
  }

  private static Capability addPath(ByteBuf in, int length) {
    List<Capability.Paths> families = new ArrayList<>();
    for (int i = 0; i < length; i += 4) {
      AfiSafi family = family(in);
      int mode = in.readUnsignedByte();
      families.add(new Capability.Paths(family, (mode & RECEIVES) != 0, (mode & SENDS) != 0));
    }
    return new Capability.AddPath(families);
  }

  /** Writes the value. */
  static void encode(Capability capability, ByteBuf out) {
    switch (capability) {
      case Capability.Multiprotocol(AfiSafi family) ->
        out.writeShort(family.afi()).writeByte(0).writeByte(family.safi());
      case Capability.Refresh r -> {}
      case Capability.EnhancedRefresh r -> {}
      case Capability.ExtendedMessage m -> {}
      case Capability.FourByteAs(long as) -> out.writeInt((int) as);
      case Capability.Role(int value) -> out.writeByte(value);
      case Capability.GracefulRestart restart -> gracefulRestart(restart, out);
      case Capability.LongLived(var families) -> {
        for (Capability.Kept kept : families) {
          family(kept.family(), out).writeByte(kept.forwarding() ? FORWARDING : 0);
          out.writeMedium(kept.staleTime());
        }
      }
      case Capability.ExtendedNextHop(var encodings) -> {
        for (Capability.NextHopEncoding encoding : encodings) {
          out.writeShort(encoding.family().afi()).writeShort(encoding.family().safi());
          out.writeShort(encoding.nextHopAfi());
        }
      }
      case Capability.AddPath(var families) -> {
        for (Capability.Paths paths : families) {
          family(paths.family(), out)
              .writeByte((paths.receives() ? RECEIVES : 0) | (paths.sends() ? SENDS : 0));
        }
      }
      case Capability.Unrecognised(int code, Octets value) -> value.write(out);
    }
  }

  private static ByteBuf family(AfiSafi family, ByteBuf out) {
    return out.writeShort(family.afi()).writeByte(family.safi());
  }

  private static void gracefulRestart(Capability.GracefulRestart restart, ByteBuf out) {
    out.writeShort((restart.restarting() ? RESTARTING : 0)
        | (restart.notification() ? NOTIFICATION : 0)
        | restart.restartTime());
    for (Capability.Restarted family : restart.families()) {
      family(family.family(), out).writeByte(family.forwarding() ? FORWARDING : 0);
    }
  }

  /** Octets of the value, 0..255. */
  static int length(Capability capability) {
    return switch (capability) {
      case Capability.Multiprotocol m -> 4;
      case Capability.Refresh r -> 0;
      case Capability.EnhancedRefresh r -> 0;
      case Capability.ExtendedMessage m -> 0;
      case Capability.FourByteAs f -> 4;
      case Capability.Role r -> 1;
      case Capability.GracefulRestart restart -> 2 + 4 * restart.families().size();
      case Capability.LongLived longLived -> 7 * longLived.families().size();
      case Capability.ExtendedNextHop hop -> 6 * hop.encodings().size();
      case Capability.AddPath addPath -> 4 * addPath.families().size();
      case Capability.Unrecognised u -> u.value().length();
    };
  }
}
