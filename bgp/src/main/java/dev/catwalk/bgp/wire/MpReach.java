package dev.catwalk.bgp.wire;

import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import io.netty.buffer.ByteBuf;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where an MP_REACH_NLRI (RFC 4760 §3) lies in a message, and what is in it. Positions are absolute
 * indices.
 *
 * @param start of the attribute
 * @param valueAt of its value, that is of the AFI
 * @param prefixesAt of its prefixes
 * @param end of the attribute
 * @param nextHop null for a family that is not negotiated
 * @param prefixes empty for a family that is not negotiated
 */
record MpReach(
    int start,
    int valueAt,
    int prefixesAt,
    int end,
    AfiSafi family,
    @Nullable IpAddress nextHop,
    Nlri prefixes) {

  /** AFI, SAFI, length of the next hop, the reserved octet. */
  private static final int LEAST = 5;

  static MpReach decode(ByteBuf in, int start, int valueAt, int end, DecodeContext context)
      throws WireException {
    if (end - valueAt < LEAST) {
      throw malformed(in, start, end, "MP_REACH_NLRI has " + (end - valueAt) + " octets");
    }
    AfiSafi family = new AfiSafi(in.getUnsignedShort(valueAt), in.getUnsignedByte(valueAt + 2));
    int length = in.getUnsignedByte(valueAt + 3);
    int nextHopAt = valueAt + 4;
    int prefixesAt = nextHopAt + length + 1;
    Family addresses = context.negotiated(family);
    if (addresses == null) {
      return new MpReach(start, valueAt, end, end, family, null, Nlri.none(Family.IPV4));
    }
    Family hops = nextHopFamily(addresses, length, context);
    if (prefixesAt > end || hops == null) {
      String what = "MP_REACH_NLRI of " + family + " has a next hop of " + length + " octets";
      throw malformed(in, start, end, what);
    }
    Nlri prefixes = NlriCodec.decode(in, prefixesAt, end, addresses, context.hasPathIds(family));
    if (prefixes == null) {
      throw malformed(in, start, end, "MP_REACH_NLRI of " + family + " has a malformed prefix");
    }
    IpAddress nextHop = address(in, nextHopAt, hops);
    if (length == 32 && nextHop.isUnspecified()) { // who has no global address says so (BIRD)
      nextHop = address(in, nextHopAt + 16, hops);
    }
    return new MpReach(start, valueAt, prefixesAt, end, family, nextHop, prefixes);
  }

  /**
   * For IPv6 a link-local address may follow the global one (RFC 2545 §3); it is used where that is
   * unspecified. With RFC
   * 8950 an IPv4 prefix may have an IPv6 next hop; its length tells.
   */
  private static @Nullable Family nextHopFamily(
      Family prefixes, int length, DecodeContext context) {
    boolean ipv6 = length == 16 || length == 32;
    return switch (prefixes) {
      case IPV4 ->
        length == 4 ? Family.IPV4 : ipv6 && context.extendedNextHop() ? Family.IPV6 : null;
      case IPV6 -> ipv6 ? Family.IPV6 : null;
    };
  }

  static IpAddress address(ByteBuf in, int at, Family family) {
    return switch (family) {
      case IPV4 -> IpAddress.v4(in.getInt(at));
      case IPV6 -> IpAddress.v6(in.getLong(at), in.getLong(at + 8));
    };
  }

  IpAddress hop() {
    return Objects.requireNonNull(nextHop);
  }

  /** RFC 4271 §6.3: the attribute in the octets {@code start} to {@code end} is the data. */
  static WireException malformed(ByteBuf in, int start, int end, String what) {
    return new WireException(Fault.OPTIONAL_ATTRIBUTE_ERROR, Octets.copy(in, start, end), what);
  }
}
