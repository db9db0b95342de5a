package dev.catwalk.bgp.wire;

import dev.catwalk.net.addr.IpAddress;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of one UPDATE with the rules of RFC 7606 §3 and §7, 7607, 6793 §6, 9774 and those
 * that later attributes brought. MP_REACH_NLRI and MP_UNREACH_NLRI are read elsewhere.
 */
final class AttributeDecoder {
  private static final int SHAPE = AttributeType.OPTIONAL | AttributeType.TRANSITIVE;

  private static final IpAddress UNKNOWN = IpAddress.v4(0);

  private final ByteBuf in;
  private final DecodeContext context;
  private final Problems problems;
  private final long[] seen = new long[4];
  private @Nullable Origin origin;
  private @Nullable AsPath asPath;
  private @Nullable IpAddress nextHop;
  private @Nullable Problem badNextHop;
  private @Nullable AsPath as4Path;
  private @Nullable Aggregator aggregator;
  private @Nullable Aggregator as4Aggregator;
  private List<Attribute.Unrecognised> unrecognised = List.of();
  private final PathAttributes.Builder rest =
      PathAttributes.builder(Origin.IGP, AsPath.EMPTY, UNKNOWN);

  AttributeDecoder(ByteBuf in, DecodeContext context, Problems problems) {
    this.in = in;
    this.context = context;
    this.problems = problems;
  }

  /** Octets before the value of the attribute at {@code at}; 0 if they are not all there. */
  static int headerLength(ByteBuf in, int at, int end) {
    if (end - at < 3) {
      return 0;
    }
    boolean extended = (in.getByte(at) & AttributeType.EXTENDED_LENGTH) != 0;
    return extended ? end - at < 4 ? 0 : 4 : 3;
  }

  static int valueLength(ByteBuf in, int at, int header) {
    return header == 4 ? in.getUnsignedShort(at + 2) : in.getUnsignedByte(at + 2);
  }

  /** Reads the whole attributes in the octets {@code from} to {@code to}. */
  void read(int from, int to) throws WireException {
    int at = from;
    while (at < to) {
      int header = headerLength(in, at, to);
      int length = valueLength(in, at, header);
      int type = in.getUnsignedByte(at + 1);
      if (isFirst(type)) {
        attribute(in.getUnsignedByte(at), type, at, at + header, length);
      } else {
        problems.discard(
            Fault.MALFORMED_ATTRIBUTE_LIST, type, "attribute " + type + " again: the first counts");
      }
      at += header + length;
    }
  }

  private boolean isFirst(int type) {
    long bit = 1L << (type & 63);
    boolean first = (seen[type >> 6] & bit) == 0;
    seen[type >> 6] |= bit;
    return first;
  }

  private void attribute(int flags, int type, int at, int valueAt, int length)
      throws WireException {
    if (isDiscarded(type)) {
      problems.discard(
          Fault.OPTIONAL_ATTRIBUTE_ERROR, type, "attribute " + type + " is not for this session");
      return;
    }
    int shape = AttributeType.shape(type);
    if (shape < 0) {
      unknown(flags, type, at, valueAt, length);
    } else if ((flags & SHAPE) != shape) {
      problems.withdraw(
          Fault.ATTRIBUTE_FLAGS_ERROR,
          type,
          "attribute " + type + " has the flags 0x" + Integer.toHexString(flags));
    } else {
      known(flags, type, valueAt, length);
    }
  }

  /**
   * RFC 7606 §7.5, §7.9, §7.10 and RFC 8669 §5: those that only an internal peer may send; RFC 6793
   * §4.1: those for a peer that knows no four-octet AS; RFC 7311 §3: AIGP where it is not enabled.
   */
  private boolean isDiscarded(int type) {
    return switch (type) {
      case AttributeType.LOCAL_PREF,
          AttributeType.ORIGINATOR_ID,
          AttributeType.CLUSTER_LIST,
          AttributeType.PREFIX_SID -> !context.ibgp();
      case AttributeType.AS4_PATH, AttributeType.AS4_AGGREGATOR -> context.fourByteAs();
      case AttributeType.AIGP -> true;
      default -> false;
    };
  }

  private void unknown(int flags, int type, int at, int valueAt, int length) throws WireException {
    if ((flags & AttributeType.OPTIONAL) == 0) {
      throw new WireException(
          Fault.UNRECOGNISED_WELL_KNOWN_ATTRIBUTE,
          Octets.copy(in, at, valueAt + length),
          "well-known attribute " + type + " is unknown");
    }
    if ((flags & AttributeType.TRANSITIVE) != 0) { // the others are dropped quietly
      keep(flags, type, valueAt, length);
    }
  }

  private void keep(int flags, int type, int valueAt, int length) {
    int kept = flags & (SHAPE | AttributeType.PARTIAL);
    if (unrecognised.isEmpty()) {
      unrecognised = new ArrayList<>(2);
    }
    unrecognised.add(
        new Attribute.Unrecognised(kept, type, Octets.copy(in, valueAt, valueAt + length)));
  }

  private void known(int flags, int type, int at, int length) {
    switch (type) {
      case AttributeType.ORIGIN -> origin(at, length);
      case AttributeType.AS_PATH -> asPath(at, length);
      case AttributeType.NEXT_HOP -> nextHop(at, length);
      case AttributeType.MED -> {
        if (has(type, length, 4)) {
          rest.med(in.getUnsignedInt(at));
        }
      }
      case AttributeType.LOCAL_PREF -> {
        if (has(type, length, 4)) {
          rest.localPref(in.getUnsignedInt(at));
        }
      }
      case AttributeType.ATOMIC_AGGREGATE -> {
        if (length == 0) {
          rest.atomicAggregate(true);
        } else {
          problems.discard(Fault.ATTRIBUTE_LENGTH_ERROR, type, "ATOMIC_AGGREGATE is not empty");
        }
      }
      case AttributeType.AGGREGATOR -> aggregator = aggregator(type, at, length, flags);
      case AttributeType.AS4_AGGREGATOR -> as4Aggregator = aggregator(type, at, length, flags);
      case AttributeType.AS4_PATH -> as4Path(at, length);
      case AttributeType.COMMUNITIES -> {
        if (isListOf(type, length, 4)) {
          rest.communities(Communities.of(ints(in, at, length))).partial(type, flags);
        }
      }
      case AttributeType.ORIGINATOR_ID -> {
        if (has(type, length, 4)) {
          rest.originatorId(in.getInt(at));
        }
      }
      case AttributeType.CLUSTER_LIST -> {
        if (isListOf(type, length, 4)) {
          rest.clusterList(ClusterList.of(ints(in, at, length)));
        }
      }
      case AttributeType.EXTENDED_COMMUNITIES -> {
        if (isListOf(type, length, 8)) {
          rest.extendedCommunities(extended(in, at, length)).partial(type, flags);
        }
      }
      case AttributeType.LARGE_COMMUNITIES -> {
        if (isListOf(type, length, 12)) {
          rest.largeCommunities(large(in, at, length).distinct()).partial(type, flags);
        }
      }
      case AttributeType.MP_REACH_NLRI, AttributeType.MP_UNREACH_NLRI -> {}
      default -> {
        String wrong = OpaqueAttributes.problem(type, in, at, length);
        if (wrong == null) {
          keep(flags, type, at, length);
        } else {
          problems.withdraw(Fault.OPTIONAL_ATTRIBUTE_ERROR, type, wrong);
        }
      }
    }
  }

  private boolean has(int type, int length, int wanted) {
    if (length != wanted) {
      problems.withdraw(
          Fault.ATTRIBUTE_LENGTH_ERROR, type, "attribute " + type + " has " + length + " octets");
    }
    return length == wanted;
  }

  private boolean isListOf(int type, int length, int width) {
    boolean is = length > 0 && length % width == 0;
    if (!is) {
      problems.withdraw(
          Fault.OPTIONAL_ATTRIBUTE_ERROR,
          type,
          "attribute " + type + " of " + length + " octets is no list of " + width + " each");
    }
    return is;
  }

  private void origin(int at, int length) {
    if (has(AttributeType.ORIGIN, length, 1)) {
      switch (in.getUnsignedByte(at)) {
        case 0 -> origin = Origin.IGP;
        case 1 -> origin = Origin.EGP;
        case 2 -> origin = Origin.INCOMPLETE;
        default ->
          problems.withdraw(
              Fault.INVALID_ORIGIN,
              AttributeType.ORIGIN,
              "ORIGIN " + in.getUnsignedByte(at) + " is unknown");
      }
    }
  }

  /** Confederations are not ours (RFC 5065 §5); sets are no longer used (RFC 9774 §3). */
  private void asPath(int at, int length) {
    AsPath path = AsPathCodec.decode(in, at, at + length, context.fourByteAs());
    String wrong = path == null
        ? "AS_PATH is malformed"
        : !context.ibgp() && path.segments().isEmpty()
            ? "AS_PATH of an external peer is empty"
            : !path.hasOnly(AsPath.Kind.SEQUENCE)
                ? "AS_PATH has a segment that is no AS_SEQUENCE: " + path
                : null;
    if (wrong == null) {
      asPath = path;
    } else {
      problems.withdraw(Fault.MALFORMED_AS_PATH, AttributeType.AS_PATH, wrong);
    }
  }

  /** It counts only where there are classic prefixes: see {@link #finish}. */
  private void nextHop(int at, int length) {
    if (length != 4) {
      badNextHop = new Problem(
          Problem.Remedy.TREAT_AS_WITHDRAW,
          Fault.ATTRIBUTE_LENGTH_ERROR,
          AttributeType.NEXT_HOP,
          "NEXT_HOP has " + length + " octets");
      return;
    }
    nextHop = IpAddress.v4(in.getInt(at));
    if (!NlriCodec.isHost(nextHop)) {
      badNextHop = new Problem(
          Problem.Remedy.TREAT_AS_WITHDRAW,
          Fault.INVALID_NEXT_HOP,
          AttributeType.NEXT_HOP,
          nextHop + " cannot be a next hop");
    }
  }

  private @Nullable Aggregator aggregator(int type, int at, int length, int flags) {
    boolean four = context.fourByteAs() || type == AttributeType.AS4_AGGREGATOR;
    if (length != (four ? 8 : 6)) {
      problems.discard(
          Fault.OPTIONAL_ATTRIBUTE_ERROR, type, "attribute " + type + " has " + length + " octets");
      return null;
    }
    long as = four ? in.getUnsignedInt(at) : in.getUnsignedShort(at);
    if (as == 0) {
      problems.discard(Fault.OPTIONAL_ATTRIBUTE_ERROR, type, "attribute " + type + " has AS 0");
      return null;
    }
    rest.partial(AttributeType.AGGREGATOR, flags);
    return new Aggregator(as, IpAddress.v4(in.getInt(at + length - 4)));
  }

  private void as4Path(int at, int length) {
    AsPath path = AsPathCodec.decode(in, at, at + length, true);
    if (path == null || length == 0) {
      problems.discard(
          Fault.OPTIONAL_ATTRIBUTE_ERROR, AttributeType.AS4_PATH, "AS4_PATH is malformed");
    } else if (path.segments().stream().anyMatch(AttributeDecoder::isSet)) { // RFC 9774 §3
      problems.withdraw(
          Fault.MALFORMED_AS_PATH, AttributeType.AS4_PATH, "AS4_PATH has a set: " + path);
    } else {
      as4Path = path;
    }
  }

  private static boolean isSet(AsPath.Segment segment) {
    return segment.kind() == AsPath.Kind.SET || segment.kind() == AsPath.Kind.CONFED_SET;
  }

  static int[] ints(ByteBuf in, int at, int length) {
    int[] values = new int[length / 4];
    for (int i = 0; i < values.length; i++) {
      values[i] = in.getInt(at + 4 * i);
    }
    return values;
  }

  static ExtendedCommunities extended(ByteBuf in, int at, int length) {
    long[] values = new long[length / 8];
    for (int i = 0; i < values.length; i++) {
      values[i] = in.getLong(at + 8 * i);
    }
    return ExtendedCommunities.of(values);
  }

  static LargeCommunities large(ByteBuf in, int at, int length) {
    List<LargeCommunities.Large> values = new ArrayList<>(length / 12);
    for (int i = at; i < at + length; i += 12) {
      values.add(new LargeCommunities.Large(in.getInt(i), in.getInt(i + 4), in.getInt(i + 8)));
    }
    return new LargeCommunities(values);
  }

  /**
   * The set, after all attributes were read.
   *
   * @param classic there are prefixes that need NEXT_HOP
   * @param mpNextHop of MP_REACH_NLRI
   * @return null where the prefixes must be withdrawn
   */
  @Nullable
  PathAttributes finish(boolean classic, @Nullable IpAddress mpNextHop) {
    if (classic && badNextHop != null) {
      problems.withdraw(badNextHop.fault(), badNextHop.attribute(), badNextHop.what());
    }
    IpAddress hop = classic ? nextHop : mpNextHop;
    if (problems.withdrawal() == null) {
      missing(AttributeType.ORIGIN, origin);
      missing(AttributeType.AS_PATH, asPath);
      if (classic) {
        missing(AttributeType.NEXT_HOP, nextHop);
      }
    }
    if (problems.withdrawal() != null || origin == null || asPath == null || hop == null) {
      return null;
    }
    mergeFourByte();
    return rest.origin(origin)
        .asPath(asPath)
        .nextHop(hop)
        .aggregator(aggregator)
        .unrecognised(unrecognised)
        .build();
  }

  private void missing(int type, @Nullable Object value) {
    if (value == null) {
      problems.withdraw(
          Fault.MISSING_WELL_KNOWN_ATTRIBUTE, type, "attribute " + type + " is missing");
    }
  }

  /** RFC 6793 §4.2.3. */
  private void mergeFourByte() {
    if (aggregator != null && as4Aggregator != null && aggregator.as() != Open.AS_TRANS) {
      return;
    }
    if (aggregator != null && as4Aggregator != null) {
      aggregator = as4Aggregator;
    }
    if (asPath != null && as4Path != null) {
      asPath = AsPathCodec.merge(asPath, as4Path);
    }
  }
}
