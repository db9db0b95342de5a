package dev.catwalk.bgp.wire;

import dev.catwalk.net.addr.Family;
import io.netty.buffer.ByteBuf;

/**
 * UPDATEs, packed: as many prefixes to a message as it holds. IPv4 in the classic fields, IPv6 and
 * what has an IPv6 next hop (RFC 8950) in MP_REACH_NLRI and MP_UNREACH_NLRI, which come first (RFC
 * 7606 §5.1).
 */
final class UpdateEncoder {
  /** Withdrawn Routes Length and Total Path Attribute Length, both 0. */
  private static final int EMPTY_LENGTH = Wire.HEADER_LENGTH + 4;

  /** An MP_REACH_NLRI with an IPv6 next hop, without prefixes: header, family, next hop, reserved octet. */
  private static final int REACH_LENGTH = 4 + 3 + 1 + 16 + 1;

  private UpdateEncoder() {}

  static void encode(Update update, EncodeContext context, ByteBuf out) {
    AfiSafi endOfRib = update.endOfRib();
    if (endOfRib != null) {
      endOfRib(endOfRib, out);
      return;
    }
    if (oneClassicMessage(update, context, out)) {
      return;
    }
    for (Nlri withdrawn : update.withdrawn()) {
      withdraw(withdrawn, context, out);
    }
    for (Update.Reach reach : update.announced()) {
      ByteBuf attributes = AttributeEncoder.encode(reach.attributes(), context);
      if (fits(reach.attributes(), attributes, context)) {
        announce(reach, attributes, context, out);
      } else {
        withdraw(reach.prefixes(), context, out);
      }
    }
  }

  static boolean fits(PathAttributes attributes, EncodeContext context) {
    return fits(attributes, AttributeEncoder.encode(attributes, context), context);
  }

  private static boolean fits(PathAttributes attributes, ByteBuf encoded, EncodeContext context) {
    int reach = attributes.nextHop().isV4() ? 0 : REACH_LENGTH;
    return EMPTY_LENGTH + reach + encoded.readableBytes() + NlriCodec.LONGEST
        <= context.messageLimit();
  }

  private static void endOfRib(AfiSafi family, ByteBuf out) {
    int start = Wire.begin(out, Wire.UPDATE);
    out.writeShort(0);
    if (family.equals(AfiSafi.IPV4_UNICAST)) {
      out.writeShort(0);
    } else {
      out.writeShort(6);
      out.writeByte(AttributeType.OPTIONAL)
          .writeByte(AttributeType.MP_UNREACH_NLRI)
          .writeByte(3);
      out.writeShort(family.afi()).writeByte(family.safi());
    }
    Wire.end(out, start);
  }

  /** Withdrawn and announced prefixes, all IPv4, if they fit together into one message. */
  private static boolean oneClassicMessage(Update update, EncodeContext context, ByteBuf out) {
    if (update.withdrawn().size() != 1 || update.announced().size() != 1) {
      return false;
    }
    Nlri withdrawn = update.withdrawn().getFirst();
    Update.Reach reach = update.announced().getFirst();
    if (withdrawn.family() != Family.IPV4
        || reach.prefixes().family() != Family.IPV4
        || !reach.attributes().nextHop().isV4()) {
      return false;
    }
    boolean pathIds = context.hasPathIds(Family.IPV4);
    ByteBuf attributes = AttributeEncoder.encode(reach.attributes(), context);
    int withdrawnSize = size(withdrawn, pathIds);
    int attributesSize = attributes.readableBytes();
    int size = EMPTY_LENGTH + withdrawnSize + attributesSize + size(reach.prefixes(), pathIds);
    if (size > context.messageLimit()) {
      return false;
    }
    int start = Wire.begin(out, Wire.UPDATE);
    out.writeShort(withdrawnSize);
    some(withdrawn, 0, pathIds, Integer.MAX_VALUE, out);
    out.writeShort(attributesSize).writeBytes(attributes);
    some(reach.prefixes(), 0, pathIds, Integer.MAX_VALUE, out);
    Wire.end(out, start);
    return true;
  }

  private static int size(Nlri nlri, boolean pathIds) {
    int size = 0;
    for (int i = 0; i < nlri.size(); i++) {
      size += NlriCodec.size(nlri, i, pathIds);
    }
    return size;
  }

  private static void withdraw(Nlri prefixes, EncodeContext context, ByteBuf out) {
    boolean classic = prefixes.family() == Family.IPV4;
    boolean pathIds = context.hasPathIds(prefixes.family());
    int next = 0;
    while (next < prefixes.size()) {
      int start = Wire.begin(out, Wire.UPDATE);
      int end = start + context.messageLimit();
      out.writeShort(0);
      if (classic) {
        next = some(prefixes, next, pathIds, end - 2, out);
        out.setShort(start + Wire.HEADER_LENGTH, out.writerIndex() - start - EMPTY_LENGTH + 2);
        out.writeShort(0);
      } else {
        out.writeShort(0);
        mpHeader(AttributeType.MP_UNREACH_NLRI, Family.IPV6, out);
        next = some(prefixes, next, pathIds, end, out);
        mpLength(start, 0, out);
      }
      Wire.end(out, start);
    }
  }

  /** Flags, type, a length to be set, AFI and SAFI. */
  private static void mpHeader(int type, Family prefixes, ByteBuf out) {
    AfiSafi family = AfiSafi.unicast(prefixes);
    out.writeByte(AttributeType.OPTIONAL | AttributeType.EXTENDED_LENGTH);
    out.writeByte(type).writeShort(0);
    out.writeShort(family.afi()).writeByte(family.safi());
  }

  /** Sets the length of the MP attribute that ends here, and of it with {@code more} octets. */
  private static void mpLength(int start, int more, ByteBuf out) {
    int size = out.writerIndex() - start - EMPTY_LENGTH;
    out.setShort(start + EMPTY_LENGTH - 2, size + more);
    out.setShort(start + EMPTY_LENGTH + 2, size - 4);
  }

  private static void announce(
      Update.Reach reach, ByteBuf encoded, EncodeContext context, ByteBuf out) {
    PathAttributes attributes = reach.attributes();
    Nlri prefixes = reach.prefixes();
    boolean pathIds = context.hasPathIds(prefixes.family());
    int size = encoded.readableBytes();
    int next = 0;
    while (next < prefixes.size()) {
      int start = Wire.begin(out, Wire.UPDATE);
      int end = start + context.messageLimit();
      out.writeShort(0);
      if (attributes.nextHop().isV4()) {
        out.writeShort(size).writeBytes(encoded, 0, size);
        next = some(prefixes, next, pathIds, end, out);
      } else {
        out.writeShort(0);
        mpHeader(AttributeType.MP_REACH_NLRI, prefixes.family(), out);
        out.writeByte(16);
        out.writeLong(attributes.nextHop().high())
            .writeLong(attributes.nextHop().low());
        out.writeByte(0);
        next = some(prefixes, next, pathIds, end - size, out);
        mpLength(start, size, out);
        out.writeBytes(encoded, 0, size);
      }
      Wire.end(out, start);
    }
  }

  /** Writes prefixes from {@code next} on while they stay below index {@code end}. */
  private static int some(Nlri prefixes, int next, boolean pathIds, int end, ByteBuf out) {
    int i = next;
    while (i < prefixes.size() && NlriCodec.size(prefixes, i, pathIds) <= end - out.writerIndex()) {
      NlriCodec.encode(prefixes, i, pathIds, out);
      i++;
    }
    return i;
  }
}
