package dev.catwalk.bgp.wire;

import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Prefix lists, RFC 4271 §4.3 and RFC 4760 §5. */
final class NlriCodec {
  /** Longest prefix on the wire: its path identifier, its length and 16 octets. */
  static final int LONGEST = 21;

  private static final int PATH_ID = 4;

  private NlriCodec() {}

  /**
   * Reads the prefixes in the octets {@code from} (inclusive) to {@code to} (exclusive). Bits beyond
   * a prefix's length are cleared.
   *
   * @param pathIds whether each comes with a path identifier (RFC 7911 §3)
   * @return null if the list is malformed: a length above the family's, or a prefix cut short
   */
  static @Nullable Nlri decode(ByteBuf in, int from, int to, Family family, boolean pathIds) {
    if (from == to) {
      return Nlri.none(family);
    }
    Nlri.Builder builder = new Nlri.Builder(family);
    int limit = family.bits();
    for (int at = from; at < to; ) {
      int pathId = 0;
      if (pathIds) {
        if (to - at <= PATH_ID) {
          return null;
        }
        pathId = in.getInt(at);
        at += PATH_ID;
      }
      int length = in.getUnsignedByte(at++);
      int octets = length + 7 >> 3;
      if (length > limit || octets > to - at) {
        return null;
      }
      if (family == Family.IPV4) {
        long bits =
            octets == 4 || at + 4 <= to ? in.getUnsignedInt(at) : partial(in, at, octets, 4);
        builder.add(
            pathId, 0, length == 0 ? 0 : bits & 0xffff_ffffL << 32 - length & 0xffff_ffffL, length);
      } else {
        long high = partial(in, at, Math.min(octets, 8), 8);
        long low = octets <= 8 ? 0 : partial(in, at + 8, octets - 8, 8);
        builder.add(pathId, mask(high, length), mask(low, length - 64), length);
      }
      at += octets;
    }
    return builder.build();
  }

  /** {@code octets} octets as the upper ones of a number of {@code width}. */
  private static long partial(ByteBuf in, int at, int octets, int width) {
    long bits = 0;
    for (int i = 0; i < octets; i++) {
      bits |= (long) in.getUnsignedByte(at + i) << 8 * (width - 1 - i);
    }
    return bits;
  }

  private static long mask(long bits, int length) {
    return length <= 0 ? 0 : length >= 64 ? bits : bits & -1L << 64 - length;
  }

  /** Appends the prefix at {@code index}: at most {@link #LONGEST} octets. */
  static void encode(Nlri nlri, int index, boolean pathIds, ByteBuf out) {
    if (pathIds) {
      out.writeInt(nlri.pathId(index));
    }
    int length = nlri.length(index);
    out.writeByte(length);
    int octets = length + 7 >> 3;
    int end = out.writerIndex() + octets;
    out.ensureWritable(16);
    if (nlri.family() == Family.IPV4) {
      out.setInt(out.writerIndex(), (int) nlri.low(index));
    } else {
      out.setLong(out.writerIndex(), nlri.high(index));
      out.setLong(out.writerIndex() + 8, nlri.low(index));
    }
    out.writerIndex(end);
  }

  /** Octets of the prefix at {@code index}. */
  static int size(Nlri nlri, int index, boolean pathIds) {
    return (pathIds ? PATH_ID : 0) + 1 + (nlri.length(index) + 7 >> 3);
  }

  /**
   * Whether a prefix can be the destination of a unicast route (RFC 4271 §6.3: one that cannot is
   * logged and ignored): not 0/8 and below, 127/8, 224/3; not ff00::/8, fe80::/10, ::, ::1.
   */
  static boolean isUnicast(Nlri nlri, int index) {
    int length = nlri.length(index);
    if (nlri.family() == Family.IPV4) {
      int first = (int) (nlri.low(index) >>> 24);
      return first < 224 && first != 127 && (first != 0 || length < 8);
    }
    long high = nlri.high(index);
    boolean unspecifiedOrLoopback = length == 128 && high == 0 && nlri.low(index) <= 1;
    return high >>> 56 != 0xff
        && (high >>> 54 != 0xfe80 >> 6 || length < 10)
        && !unspecifiedOrLoopback;
  }

  /** As {@link #isUnicast}, of all of them. */
  static boolean areUnicast(Nlri nlri) {
    for (int i = 0; i < nlri.size(); i++) {
      if (!isUnicast(nlri, i)) {
        return false;
      }
    }
    return true;
  }

  /** Whether packets can be sent to {@code address} as a next hop (RFC 4271 §6.3). */
  static boolean isHost(IpAddress address) {
    if (address.isUnspecified() || address.isLoopback() || address.isMulticast()) {
      return false;
    }
    return !address.isV4() || address.low() >>> 24 != 0 && address.low() >>> 28 != 0xf;
  }
}
