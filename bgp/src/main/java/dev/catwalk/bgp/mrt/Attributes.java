package dev.catwalk.bgp.mrt;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.net.addr.IpAddress;
import org.jspecify.annotations.Nullable;

/** A list of path attributes, RFC 4271 §4.3, whole or as tables abbreviate it. */
final class Attributes {
  static final int MP_REACH_NLRI = 14;
  static final int MP_UNREACH_NLRI = 15;
  private static final int EXTENDED_LENGTH = 0x10;

  /** What MP_REACH_NLRI or MP_UNREACH_NLRI hold. */
  record Multiprotocol(AfiSafi family, Span prefixes) {}

  final MrtAttributes.Builder values = new MrtAttributes.Builder();

  @Nullable
  Multiprotocol reach;

  @Nullable
  Multiprotocol unreach;

  /** How many there are. */
  int count;

  private Attributes() {}

  /** Those of a route in a table: of MP_REACH_NLRI the next hop alone (RFC 6396 §4.3.4). */
  static MrtAttributes ofTable(Span in, boolean fourByteAs) throws MrtException {
    Attributes all = new Attributes();
    while (!in.isEmpty()) {
      all.next(in, fourByteAs, true);
    }
    return all.values.build();
  }

  static Attributes ofMessage(Span in, boolean fourByteAs) throws MrtException {
    Attributes all = new Attributes();
    while (!in.isEmpty()) {
      all.next(in, fourByteAs, false);
    }
    return all;
  }

  private void next(Span in, boolean fourByteAs, boolean table) throws MrtException {
    int flags = in.u8("attribute flags");
    int type = in.u8("attribute type");
    int length = (flags & EXTENDED_LENGTH) == 0 ? in.u8("length") : in.u16("length");
    Span value = in.part(length, "attribute " + type);
    count++;
    switch (type) {
      case MP_REACH_NLRI -> {
        // some write it whole; an abbreviated one begins with a length, which is never 0
        if (table && value.peek("MP_REACH_NLRI") != 0) {
          values.mpNextHop(nextHop(value));
        } else {
          AfiSafi family = family(value, "MP_REACH_NLRI");
          values.mpNextHop(nextHop(value));
          if (!table) {
            int snpas = value.u8("MP_REACH_NLRI");
            for (int i = 0; i < snpas; i++) { // RFC 2858: none today
              value.part((value.u8("SNPA") + 1) / 2, "SNPA");
            }
            reach = new Multiprotocol(family, value);
          }
        }
      }
      case MP_UNREACH_NLRI -> unreach = new Multiprotocol(family(value, "MP_UNREACH_NLRI"), value);
      default -> values.add(type, value, fourByteAs);
    }
  }

  private static AfiSafi family(Span value, String what) throws MrtException {
    return new AfiSafi(value.u16(what), value.u8(what));
  }

  /** The global one; null for a family with next hops of another kind. */
  private static @Nullable IpAddress nextHop(Span value) throws MrtException {
    Span hop = value.part(value.u8("next hop"), "next hop");
    return switch (hop.left()) {
      case 4 -> hop.address(false, "next hop");
      case 16, 32 -> hop.address(true, "next hop");
      default -> null;
    };
  }
}
