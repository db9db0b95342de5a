package dev.catwalk.bgp.wire;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Attributes that are passed on unread, but whose RFC demands that routes with a malformed one are
 * withdrawn.
 */
final class OpaqueAttributes {
  private static final int INGRESS_REPLICATION = 6;

  private OpaqueAttributes() {}

  /** What is wrong with the value of {@code length} octets at {@code at}; null if nothing is. */
  static @Nullable String problem(int type, ByteBuf in, int at, int length) {
    boolean good = switch (type) {
      case AttributeType.PMSI_TUNNEL -> isPmsiTunnel(in, at, length);
      case AttributeType.TUNNEL_ENCAPSULATION ->
        length > 0 && isTunnelEncapsulation(in, at, at + length);
      case AttributeType.IPV6_EXTENDED_COMMUNITIES -> length > 0 && length % 20 == 0; // RFC 5701
      case AttributeType.ONLY_TO_CUSTOMER -> length == 4; // RFC 9234 §5
      default -> true;
    };
    return good ? null : "attribute " + type + " is malformed";
  }

  /** RFC 6514 §5: flags, tunnel type, label, identifier. */
  private static boolean isPmsiTunnel(ByteBuf in, int at, int length) {
    if (length < 5) {
      return false;
    }
    return in.getUnsignedByte(at + 1) != INGRESS_REPLICATION || length == 9 || length == 21;
  }

  /** RFC 9012 §2: TLVs of TLVs, whose lengths must add up. */
  private static boolean isTunnelEncapsulation(ByteBuf in, int from, int to) {
    int at = from;
    while (at < to) {
      if (to - at < 4 || in.getUnsignedShort(at + 2) > to - at - 4) {
        return false;
      }
      int end = at + 4 + in.getUnsignedShort(at + 2);
      at += 4;
      while (at < end) {
        int header = in.getUnsignedByte(at) < 128 ? 2 : 3;
        if (end - at < header) {
          return false;
        }
        int length = header == 2 ? in.getUnsignedByte(at + 1) : in.getUnsignedShort(at + 1);
        if (length > end - at - header) {
          return false;
        }
        at += header + length;
      }
    }
    return true;
  }
}
