package dev.catwalk.bgp.netty;

import io.netty.buffer.ByteBuf;

/** The two messages of RFC 4861 by which routers on a link find each other. */
final class Discovery {
  static final int ROUTER_SOLICITATION = 133;
  static final int ROUTER_ADVERTISEMENT = 134;

  private static final int ADVERTISEMENT_LENGTH = 16;
  private static final int SOURCE_LINK_LAYER_ADDRESS = 1;

  private Discovery() {}

  /**
   * RFC 4861 §4.2: we are a router but nobody's default one (lifetime 0), and all else is not said.
   * The kernel fills in the checksum.
   *
   * @param mac of the interface; empty where it has none
   */
  static void advertisement(byte[] mac, ByteBuf out) {
    out.writeByte(ROUTER_ADVERTISEMENT).writeByte(0).writeShort(0);
    out.writeByte(0).writeByte(0).writeShort(0);
    out.writeInt(0).writeInt(0);
    linkLayer(mac, out);
  }

  /** RFC 4861 §4.1: let routers speak at once. */
  static void solicitation(byte[] mac, ByteBuf out) {
    out.writeByte(ROUTER_SOLICITATION).writeByte(0).writeShort(0).writeInt(0);
    linkLayer(mac, out);
  }

  private static void linkLayer(byte[] mac, ByteBuf out) {
    if (mac.length == 6) {
      out.writeByte(SOURCE_LINK_LAYER_ADDRESS).writeByte(1).writeBytes(mac);
    }
  }

  /** §6.1.2: whether a router says so; its hop limit and its source are looked at elsewhere. */
  static boolean isAdvertisement(ByteBuf in) {
    return isOf(in, ROUTER_ADVERTISEMENT, ADVERTISEMENT_LENGTH);
  }

  /** §6.1.1. */
  static boolean isSolicitation(ByteBuf in) {
    return isOf(in, ROUTER_SOLICITATION, 8);
  }

  private static boolean isOf(ByteBuf in, int type, int fixed) {
    int at = in.readerIndex();
    if (in.readableBytes() < fixed || in.getUnsignedByte(at) != type || in.getByte(at + 1) != 0) {
      return false;
    }
    int option = at + fixed;
    while (option < in.writerIndex()) { // an option of no length makes all of it invalid
      int units = option + 1 < in.writerIndex() ? in.getUnsignedByte(option + 1) : 0;
      if (units == 0) {
        return false;
      }
      option += 8 * units;
    }
    return option == in.writerIndex();
  }
}
