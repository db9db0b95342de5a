package dev.catwalk.bgp.wire;

import dev.catwalk.net.addr.IpAddress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The attributes of a route in one array, without an object for each: what the decision process asks
 * comes first, the rest is as on the wire (four-octet AS numbers, by type). Equal attributes are equal
 * octets and the other way round. A table keeps these octets wherever it likes and asks by array and
 * index. Immutable.
 */
public final class PackedAttributes {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private static final int LOCAL_PREF = 0;
  private static final int MED = 4;
  private static final int NEIGHBOUR_AS = 8;
  private static final int ORIGINATOR_ID = 12;
  private static final int AS_PATH_LENGTH = 16;
  private static final int CLUSTERS = 20;
  private static final int FLAGS = 24;
  private static final int WIRE_LENGTH = 28;

  /** Then an IPv6 next hop, which of them are partial, the wire's form, and the unrecognised. */
  private static final int HEADER = 32;

  private static final int ORIGIN = 3; // its code
  private static final int HAS_LOCAL_PREF = 1 << 2;
  private static final int HAS_MED = 1 << 3;
  private static final int HAS_ORIGINATOR_ID = 1 << 4;
  private static final int LLGR_STALE = 1 << 5;
  private static final int IPV6_HOP = 1 << 6;
  private static final int HAS_PARTIAL = 1 << 7;
  private static final int HAS_UNRECOGNISED = 1 << 8;
  private static final int ATOMIC_AGGREGATE = 1 << 9;
  private static final int WIDE = 1 << 10; // lengths of four octets each

  /** No attribute is longer on the wire. A path of two-octet numbers may be when it is widened. */
  private static final int LONGEST = 0xffff;

  private static final List<Origin> ORIGINS = List.of(Origin.values());

  private final byte[] octets;
  private final int hash;

  private PackedAttributes(byte[] octets) {
    this.octets = octets;
    this.hash = AttributeCache.hash(octets, octets.length);
  }

  static PackedAttributes of(PathAttributes attributes) {
    ByteBuf wire = AttributeEncoder.encodeRecognised(attributes, false);
    boolean wide = wire.readableBytes() > LONGEST;
    if (wide) {
      wire = AttributeEncoder.encodeRecognised(attributes, true);
    }
    List<Attribute.Unrecognised> more = attributes.unrecognised();
    boolean ipv6 = !attributes.nextHop().isV4();
    boolean partial = attributes.partials() != 0;
    int size = HEADER + (ipv6 ? 16 : 0) + (partial ? 8 : 0) + wire.readableBytes();
    for (Attribute.Unrecognised one : more) {
      size += 4 + one.value().length();
    }
    byte[] octets = new byte[size];
    header(attributes, wide, wire.readableBytes(), octets);
    ByteBuf out = Unpooled.wrappedBuffer(octets).writerIndex(HEADER);
    if (ipv6) {
      out.writeLong(attributes.nextHop().high()).writeLong(attributes.nextHop().low());
    }
    if (partial) {
      out.writeLong(attributes.partials());
    }
    out.writeBytes(wire);
    for (Attribute.Unrecognised one : more) {
      out.writeByte(one.flags()).writeByte(one.type()).writeShort(one.value().length());
      one.value().write(out);
    }
    return new PackedAttributes(octets);
  }

  private static void header(PathAttributes attributes, boolean wide, int wireLength, byte[] out) {
    Communities communities = attributes.communities().orElse(null);
    int flags = attributes.origin().code()
        | (attributes.localPref().isPresent() ? HAS_LOCAL_PREF : 0)
        | (attributes.med().isPresent() ? HAS_MED : 0)
        | (attributes.originatorId().isPresent() ? HAS_ORIGINATOR_ID : 0)
        | (communities != null && communities.contains(Communities.LLGR_STALE) ? LLGR_STALE : 0)
        | (attributes.nextHop().isV4() ? 0 : IPV6_HOP)
        | (attributes.partials() == 0 ? 0 : HAS_PARTIAL)
        | (attributes.unrecognised().isEmpty() ? 0 : HAS_UNRECOGNISED)
        | (attributes.atomicAggregate() ? ATOMIC_AGGREGATE : 0)
        | (wide ? WIDE : 0);
    AsPath path = attributes.asPath();
    INT.set(out, LOCAL_PREF, (int) attributes.localPref().orElse(0));
    INT.set(out, MED, (int) attributes.med().orElse(0));
    INT.set(out, NEIGHBOUR_AS, (int) path.neighbourAs());
    INT.set(out, ORIGINATOR_ID, attributes.originatorId().orElse(0));
    INT.set(out, AS_PATH_LENGTH, path.length());
    INT.set(out, CLUSTERS, attributes.clusterList().map(ClusterList::size).orElse(0));
    INT.set(out, FLAGS, flags);
    INT.set(out, WIRE_LENGTH, wireLength);
  }

  /** Its own array: to be copied, not to be written to. */
  public byte[] octets() {
    return octets;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PackedAttributes p && Arrays.equals(octets, p.octets);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  /** Whether the wire's form is what a four-octet speaker is sent. */
  boolean isWire() {
    return (flags(octets, 0) & (HAS_UNRECOGNISED | WIDE)) == 0;
  }

  /** The wire's form; shares the array. */
  ByteBuf wire() {
    return Unpooled.wrappedBuffer(octets, wireAt(octets, 0), (int) INT.get(octets, WIRE_LENGTH));
  }

  private static int flags(byte[] in, int at) {
    return (int) INT.get(in, at + FLAGS);
  }

  /** 0 to 2^32-1; {@code absent} where there is none. */
  public static long localPref(byte[] in, int at, long absent) {
    return (flags(in, at) & HAS_LOCAL_PREF) == 0
        ? absent
        : (int) INT.get(in, at + LOCAL_PREF) & 0xffff_ffffL;
  }

  /** 0 to 2^32-1; 0 where there is none. */
  public static long med(byte[] in, int at) {
    return (int) INT.get(in, at + MED) & 0xffff_ffffL;
  }

  /** {@link AsPath#neighbourAs}. */
  public static long neighbourAs(byte[] in, int at) {
    return (int) INT.get(in, at + NEIGHBOUR_AS) & 0xffff_ffffL;
  }

  /** {@link AsPath#length}. */
  public static int asPathLength(byte[] in, int at) {
    return (int) INT.get(in, at + AS_PATH_LENGTH);
  }

  public static int clusterListLength(byte[] in, int at) {
    return (int) INT.get(in, at + CLUSTERS);
  }

  public static Origin origin(byte[] in, int at) {
    return ORIGINS.get(flags(in, at) & ORIGIN);
  }

  /** As on the wire: 0 to 2, lower is preferred. */
  public static int originCode(byte[] in, int at) {
    return flags(in, at) & ORIGIN;
  }

  public static boolean isLongLivedStale(byte[] in, int at) {
    return (flags(in, at) & LLGR_STALE) != 0;
  }

  public static boolean hasOriginatorId(byte[] in, int at) {
    return (flags(in, at) & HAS_ORIGINATOR_ID) != 0;
  }

  /** A BGP Identifier; 0 where there is none. */
  public static int originatorId(byte[] in, int at) {
    return (int) INT.get(in, at + ORIGINATOR_ID);
  }

  private static int partialAt(byte[] in, int at) {
    return at + HEADER + ((flags(in, at) & IPV6_HOP) == 0 ? 0 : 16);
  }

  private static int wireAt(byte[] in, int at) {
    return partialAt(in, at) + ((flags(in, at) & HAS_PARTIAL) == 0 ? 0 : 8);
  }

  public static IpAddress nextHop(byte[] in, int at) {
    if ((flags(in, at) & IPV6_HOP) != 0) {
      return IpAddress.v6((long) LONG.get(in, at + HEADER), (long) LONG.get(in, at + HEADER + 8));
    }
    boolean wide = (flags(in, at) & WIDE) != 0;
    int next = wireAt(in, at);
    while (in[next + 1] != AttributeType.NEXT_HOP) {
      next = valueAt(in, next, wide) + length(in, next, wide);
    }
    return IpAddress.v4((int) INT.get(in, valueAt(in, next, wide)));
  }

  private static boolean isExtended(byte[] in, int at) {
    return (in[at] & AttributeType.EXTENDED_LENGTH) != 0;
  }

  private static int valueAt(byte[] in, int at, boolean wide) {
    return at + (wide ? 6 : isExtended(in, at) ? 4 : 3);
  }

  private static int length(byte[] in, int at, boolean wide) {
    if (wide) {
      return (int) INT.get(in, at + 2);
    }
    int first = in[at + 2] & 0xff;
    return isExtended(in, at) ? first << 8 | in[at + 3] & 0xff : first;
  }

  /** The attributes that {@link PathAttributes#packed} put into the octets {@code at} to {@code end}. */
  public static PathAttributes unpack(byte[] in, int at, int end) {
    int next = wireAt(in, at);
    int wireEnd = next + (int) INT.get(in, at + WIRE_LENGTH);
    PathAttributes.Builder out =
        PathAttributes.builder(origin(in, at), AsPath.EMPTY, nextHop(in, at));
    int flags = flags(in, at);
    boolean wide = (flags & WIDE) != 0;
    out.atomicAggregate((flags & ATOMIC_AGGREGATE) != 0);
    if ((flags & HAS_PARTIAL) != 0) {
      out.partials((long) LONG.get(in, partialAt(in, at)));
    }
    ByteBuf values = Unpooled.wrappedBuffer(in);
    while (next < wireEnd) {
      int valueAt = valueAt(in, next, wide);
      int length = length(in, next, wide);
      read(in[next + 1] & 0xff, values, valueAt, length, out);
      next = valueAt + length;
    }
    List<Attribute.Unrecognised> more = new ArrayList<>(0);
    while (next < end) {
      int length = values.getUnsignedShort(next + 2);
      int valueAt = next + 4;
      more.add(new Attribute.Unrecognised(
          in[next] & 0xff, in[next + 1] & 0xff, Octets.copy(values, valueAt, valueAt + length)));
      next = valueAt + length;
    }
    return out.unrecognised(more).build();
  }

  private static void read(int type, ByteBuf in, int at, int length, PathAttributes.Builder out) {
    switch (type) {
      case AttributeType.AS_PATH ->
        out.asPath(Objects.requireNonNull(AsPathCodec.decode(in, at, at + length, true)));
      case AttributeType.MED -> out.med(in.getUnsignedInt(at));
      case AttributeType.LOCAL_PREF -> out.localPref(in.getUnsignedInt(at));
      case AttributeType.AGGREGATOR ->
        out.aggregator(new Aggregator(in.getUnsignedInt(at), IpAddress.v4(in.getInt(at + 4))));
      case AttributeType.COMMUNITIES ->
        out.communities(Communities.of(AttributeDecoder.ints(in, at, length)));
      case AttributeType.ORIGINATOR_ID -> out.originatorId(in.getInt(at));
      case AttributeType.CLUSTER_LIST ->
        out.clusterList(ClusterList.of(AttributeDecoder.ints(in, at, length)));
      case AttributeType.EXTENDED_COMMUNITIES ->
        out.extendedCommunities(AttributeDecoder.extended(in, at, length));
      case AttributeType.LARGE_COMMUNITIES ->
        out.largeCommunities(AttributeDecoder.large(in, at, length));
      default -> {
        // ORIGIN, NEXT_HOP and ATOMIC_AGGREGATE are in the header too
      }
    }
  }
}
