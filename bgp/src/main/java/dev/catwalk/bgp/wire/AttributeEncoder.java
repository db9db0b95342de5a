package dev.catwalk.bgp.wire;

import dev.catwalk.net.addr.IpAddress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

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
  private final ByteBuf out = Unpooled.buffer(128);

  private AttributeEncoder(PathAttributes attributes, EncodeContext context) {
    this.attributes = attributes;
    this.four = context.fourByteAs();
  }

  /** In a new buffer on the heap, which needs no release. */
  static ByteBuf encode(PathAttributes attributes, EncodeContext context) {
    AttributeEncoder encoder = new AttributeEncoder(attributes, context);
    encoder.all();
    return encoder.out;
  }

  private void all() {
    boolean as4 = !four;
    for (Attribute attribute : attributes.list()) {
      if (as4 && attribute.type() > AttributeType.AS4_PATH) {
        as4 = false;
        forTwoByteSpeakers();
      }
      if (!(attribute instanceof Attribute.NextHop(IpAddress address) && !address.isV4())) {
        one(attribute);
      }
    }
    if (as4) {
      forTwoByteSpeakers();
    }
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

  private void one(Attribute attribute) {
    switch (attribute) {
      case Origin origin -> {
        header(WELL_KNOWN, origin.type(), 1);
        out.writeByte(origin.code());
      }
      case AsPath path -> {
        header(WELL_KNOWN, path.type(), AsPathCodec.size(path, four));
        AsPathCodec.encode(path, four, out);
      }
      case Attribute.NextHop hop -> number(WELL_KNOWN, hop.type(), hop.address().v4Bits());
      case Attribute.Med med -> number(OPTIONAL, med.type(), (int) med.value());
      case Attribute.LocalPref pref -> number(WELL_KNOWN, pref.type(), (int) pref.value());
      case Attribute.AtomicAggregate empty -> header(WELL_KNOWN, empty.type(), 0);
      case Aggregator aggregator -> {
        header(OPTIONAL_TRANSITIVE, aggregator.type(), four ? 8 : 6);
        aggregator(aggregator, four);
      }
      case Communities communities -> {
        header(OPTIONAL_TRANSITIVE, communities.type(), 4 * communities.size());
        for (int i = 0; i < communities.size(); i++) {
          out.writeInt(communities.at(i));
        }
      }
      case Attribute.OriginatorId originator ->
        number(OPTIONAL, originator.type(), originator.bgpId());
      case ClusterList clusters -> {
        header(OPTIONAL, clusters.type(), 4 * clusters.size());
        for (int i = 0; i < clusters.size(); i++) {
          out.writeInt(clusters.at(i));
        }
      }
      case ExtendedCommunities communities -> {
        header(OPTIONAL_TRANSITIVE, communities.type(), 8 * communities.size());
        for (int i = 0; i < communities.size(); i++) {
          out.writeLong(communities.at(i));
        }
      }
      case LargeCommunities communities -> {
        header(
            OPTIONAL_TRANSITIVE, communities.type(), 12 * communities.values().size());
        for (LargeCommunities.Large large : communities.values()) {
          out.writeInt(large.administrator()).writeInt(large.data1()).writeInt(large.data2());
        }
      }
      case Attribute.Unrecognised unknown -> {
        header(
            unknown.type() == AttributeType.ONLY_TO_CUSTOMER // we do understand it
                ? unknown.flags()
                : unknown.flags() | AttributeType.PARTIAL,
            unknown.type(),
            unknown.value().length());
        unknown.value().write(out);
      }
    }
  }

  private void number(int flags, int type, int value) {
    header(flags, type, 4);
    out.writeInt(value);
  }

  private void header(int flags, int type, int length) {
    int all = flags | (type < 64 && attributes.isPartial(type) ? AttributeType.PARTIAL : 0);
    if (length > 255) {
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
