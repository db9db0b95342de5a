package dev.catwalk.bgp.wire;

import dev.catwalk.net.addr.IpAddress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of a route by type code, RFC 4271 §5; AS numbers as the peer understands them (RFC
 * 6793 §4.2.2). The next hop of an IPv6 route is not among them.
 */
final class AttributeEncoder {
  private static final int WELL_KNOWN = AttributeType.TRANSITIVE;
  private static final int OPTIONAL = AttributeType.OPTIONAL;
  private static final int OPTIONAL_TRANSITIVE = AttributeType.OPTIONAL | AttributeType.TRANSITIVE;

  private final PathAttributes attributes;
  private final boolean four;
  private final List<Attribute.Unrecognised> unrecognised;
  private final boolean wide;
  private final ByteBuf out = Unpooled.buffer(128);

  private AttributeEncoder(
      PathAttributes attributes,
      boolean four,
      List<Attribute.Unrecognised> unrecognised,
      boolean wide) {
    this.attributes = attributes;
    this.four = four;
    this.unrecognised = unrecognised;
    this.wide = wide;
  }

  /** In a buffer on the heap, which needs no release and must not be written to. */
  static ByteBuf encode(PathAttributes attributes, EncodeContext context) {
    if (context.fourByteAs() && attributes.packed().isWire()) {
      return attributes.packed().wire();
    }
    AttributeEncoder encoder =
        new AttributeEncoder(attributes, context.fourByteAs(), attributes.unrecognised(), false);
    encoder.all();
    return encoder.out;
  }

  /**
   * With four-octet AS numbers and without those that we do not know, in a new buffer.
   *
   * @param wide every length has four octets: what grew on its way may be longer than the wire allows
   */
  static ByteBuf encodeRecognised(PathAttributes attributes, boolean wide) {
    AttributeEncoder encoder = new AttributeEncoder(attributes, true, List.of(), wide);
    encoder.all();
    return encoder.out;
  }

  private void all() {
    header(WELL_KNOWN, AttributeType.ORIGIN, 1);
    out.writeByte(attributes.origin().code());
    AsPath path = attributes.asPath();
    header(WELL_KNOWN, AttributeType.AS_PATH, AsPathCodec.size(path, four));
    AsPathCodec.encode(path, four, out);
    IpAddress nextHop = attributes.nextHop();
    if (nextHop.isV4()) {
      number(WELL_KNOWN, AttributeType.NEXT_HOP, nextHop.v4Bits());
    }
    number(OPTIONAL, AttributeType.MED, attributes.med());
    number(WELL_KNOWN, AttributeType.LOCAL_PREF, attributes.localPref());
    if (attributes.atomicAggregate()) {
      header(WELL_KNOWN, AttributeType.ATOMIC_AGGREGATE, 0);
    }
    Aggregator aggregator = attributes.aggregator().orElse(null);
    if (aggregator != null) {
      header(OPTIONAL_TRANSITIVE, AttributeType.AGGREGATOR, four ? 8 : 6);
      aggregator(aggregator, four);
    }
    communities(attributes.communities().orElse(null));
    if (attributes.originatorId().isPresent()) {
      number(OPTIONAL, AttributeType.ORIGINATOR_ID, attributes.originatorId().getAsInt());
    }
    clusters(attributes.clusterList().orElse(null));
    int next = unrecognised(0, AttributeType.EXTENDED_COMMUNITIES);
    extended(attributes.extendedCommunities().orElse(null));
    next = unrecognised(next, AttributeType.AS4_PATH);
    if (!four) {
      forTwoByteSpeakers();
    }
    next = unrecognised(next, AttributeType.LARGE_COMMUNITIES);
    large(attributes.largeCommunities().orElse(null));
    unrecognised(next, Integer.MAX_VALUE);
  }

  private void forTwoByteSpeakers() {
    AsPath path = attributes.asPath();
    if (AsPathCodec.needsFourBytes(path)) {
      AsPath shown = AsPathCodec.withoutConfederation(path);
      header(OPTIONAL_TRANSITIVE, AttributeType.AS4_PATH, AsPathCodec.size(shown, true));
      AsPathCodec.encode(shown, true, out);
    }
    attributes.aggregator().filter(a -> a.as() > 0xffff).ifPresent(aggregator -> {
      header(OPTIONAL_TRANSITIVE, AttributeType.AS4_AGGREGATOR, 8);
      aggregator(aggregator, true);
    });
  }

  private void communities(@Nullable Communities communities) {
    if (communities != null) {
      header(OPTIONAL_TRANSITIVE, AttributeType.COMMUNITIES, 4 * communities.size());
      for (int i = 0; i < communities.size(); i++) {
        out.writeInt(communities.at(i));
      }
    }
  }

  private void clusters(@Nullable ClusterList clusters) {
    if (clusters != null) {
      header(OPTIONAL, AttributeType.CLUSTER_LIST, 4 * clusters.size());
      for (int i = 0; i < clusters.size(); i++) {
        out.writeInt(clusters.at(i));
      }
    }
  }

  private void extended(@Nullable ExtendedCommunities communities) {
    if (communities != null) {
      header(OPTIONAL_TRANSITIVE, AttributeType.EXTENDED_COMMUNITIES, 8 * communities.size());
      for (int i = 0; i < communities.size(); i++) {
        out.writeLong(communities.at(i));
      }
    }
  }

  private void large(@Nullable LargeCommunities communities) {
    if (communities != null) {
      int octets = 12 * communities.values().size();
      header(OPTIONAL_TRANSITIVE, AttributeType.LARGE_COMMUNITIES, octets);
      for (LargeCommunities.Large large : communities.values()) {
        out.writeInt(large.administrator()).writeInt(large.data1()).writeInt(large.data2());
      }
    }
  }

  /** Those from {@code next} on whose type is below {@code end}; they are in that order. */
  private int unrecognised(int next, int end) {
    int i = next;
    while (i < unrecognised.size() && unrecognised.get(i).type() < end) {
      Attribute.Unrecognised unknown = unrecognised.get(i++);
      boolean understood = unknown.type() == AttributeType.ONLY_TO_CUSTOMER;
      header(
          understood ? unknown.flags() : unknown.flags() | AttributeType.PARTIAL,
          unknown.type(),
          unknown.value().length());
      unknown.value().write(out);
    }
    return i;
  }

  private void number(int flags, int type, OptionalLong value) {
    if (value.isPresent()) {
      number(flags, type, (int) value.getAsLong());
    }
  }

  private void number(int flags, int type, int value) {
    header(flags, type, 4);
    out.writeInt(value);
  }

  private void header(int flags, int type, int length) {
    int all = flags | (type < 64 && attributes.isPartial(type) ? AttributeType.PARTIAL : 0);
    if (wide) {
      out.writeByte(all).writeByte(type).writeInt(length);
    } else if (length > 255) {
      out.writeByte(all | AttributeType.EXTENDED_LENGTH).writeByte(type).writeShort(length);
    } else {
      out.writeByte(all).writeByte(type).writeByte(length);
    }
  }

  private void aggregator(Aggregator aggregator, boolean fourByte) {
    long as = aggregator.as();
    if (fourByte) {
      out.writeInt((int) as);
    } else {
      out.writeShort(as > 0xffff ? Open.AS_TRANS : (int) as);
    }
    out.writeInt(aggregator.speaker().v4Bits());
  }
}
