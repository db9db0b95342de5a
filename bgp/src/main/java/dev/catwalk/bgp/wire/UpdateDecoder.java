package dev.catwalk.bgp.wire;

import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One UPDATE: its sections, then its attributes, then what RFC 7606 makes of both. */
final class UpdateDecoder {
  private static final int LEAST_UNREACH = 3;

  private final ByteBuf in;
  private final DecodeContext context;
  private final Problems problems = new Problems();
  private int attributesAt;

  /** Up to here attributes are whole; what follows up to the section's end is not. */
  private int attributesEnd;

  private int attributeCount;
  private @Nullable MpReach reach;
  private boolean hasUnreach;
  private @Nullable AfiSafi unreachEndOfRib;
  private Nlri unreach = Nlri.none(Family.IPV4);

  /** {@code body}: at least four octets. */
  UpdateDecoder(ByteBuf body, DecodeContext context) {
    this.in = body;
    this.context = context;
  }

  Update decode() throws WireException {
    int withdrawnAt = in.readerIndex() + 2;
    int end = in.writerIndex();
    int withdrawnEnd = withdrawnAt + in.getUnsignedShort(withdrawnAt - 2);
    if (withdrawnEnd + 2 > end) {
      throw new WireException(
          Fault.MALFORMED_ATTRIBUTE_LIST, "Withdrawn Routes Length exceeds the message");
    }
    attributesAt = withdrawnEnd + 2;
    int sectionEnd = attributesAt + in.getUnsignedShort(withdrawnEnd);
    if (sectionEnd > end) {
      throw new WireException(
          Fault.MALFORMED_ATTRIBUTE_LIST, "Total Path Attribute Length exceeds the message");
    }
    Nlri withdrawn = classic(withdrawnAt, withdrawnEnd, "withdrawn");
    Nlri announced = classic(sectionEnd, end, "announced");
    scan(sectionEnd);
    if (withdrawn.isEmpty() && announced.isEmpty()) {
      AfiSafi endOfRib = endOfRib(sectionEnd);
      if (endOfRib != null) {
        return Update.endOfRib(endOfRib);
      }
    }
    return assemble(withdrawn, announced);
  }

  private Nlri classic(int from, int to, String which) throws WireException {
    boolean pathIds = context.hasPathIds(AfiSafi.IPV4_UNICAST);
    Nlri prefixes = NlriCodec.decode(in, from, to, Family.IPV4, pathIds);
    if (prefixes == null) {
      throw new WireException(
          Fault.INVALID_NETWORK_FIELD, "a prefix among those " + which + " is malformed");
    }
    return prefixes;
  }

  /** RFC 4724 §2: nothing at all, or an MP_UNREACH_NLRI without prefixes alone. */
  private @Nullable AfiSafi endOfRib(int sectionEnd) {
    if (attributesAt == sectionEnd) {
      return AfiSafi.IPV4_UNICAST;
    }
    return attributeCount == 1 && attributesEnd == sectionEnd ? unreachEndOfRib : null;
  }

  /** Walks over the attributes' headers and reads the two that carry prefixes. */
  private void scan(int sectionEnd) throws WireException {
    int at = attributesAt;
    while (at < sectionEnd) {
      int header = AttributeDecoder.headerLength(in, at, sectionEnd);
      int length = header == 0 ? 0 : AttributeDecoder.valueLength(in, at, header);
      int type = sectionEnd - at < 2 ? 0 : in.getUnsignedByte(at + 1);
      if (header == 0 || length > sectionEnd - at - header) {
        if (type == AttributeType.MP_REACH_NLRI || type == AttributeType.MP_UNREACH_NLRI) {
          String what = "attribute " + type + " exceeds the attributes' length";
          throw MpReach.malformed(in, at, sectionEnd, what);
        }
        problems.withdraw(
            Fault.MALFORMED_ATTRIBUTE_LIST, type, "an attribute exceeds the attributes' length");
        break;
      }
      int valueAt = at + header;
      if (type == AttributeType.MP_REACH_NLRI) {
        if (reach != null) {
          throw twice(type);
        }
        reach = MpReach.decode(in, at, valueAt, valueAt + length, context);
      } else if (type == AttributeType.MP_UNREACH_NLRI) {
        if (hasUnreach) {
          throw twice(type);
        }
        unreach(at, valueAt, valueAt + length);
      }
      attributeCount++;
      at = valueAt + length;
    }
    attributesEnd = at;
  }

  /** RFC 7606 §3 g. */
  private static WireException twice(int type) {
    return new WireException(
        Fault.MALFORMED_ATTRIBUTE_LIST, "attribute " + type + " appears twice");
  }

  private void unreach(int start, int valueAt, int end) throws WireException {
    hasUnreach = true;
    if (end - valueAt < LEAST_UNREACH) {
      String what = "MP_UNREACH_NLRI has " + (end - valueAt) + " octets";
      throw MpReach.malformed(in, start, end, what);
    }
    AfiSafi family = new AfiSafi(in.getUnsignedShort(valueAt), in.getUnsignedByte(valueAt + 2));
    Family addresses = context.negotiated(family);
    if (addresses == null) {
      problems.ignorePrefix(Fault.OPTIONAL_ATTRIBUTE_ERROR, family + " is not negotiated");
      return;
    }
    boolean pathIds = context.hasPathIds(family);
    Nlri prefixes = NlriCodec.decode(in, valueAt + LEAST_UNREACH, end, addresses, pathIds);
    if (prefixes == null) {
      String what = "MP_UNREACH_NLRI of " + family + " has a malformed prefix";
      throw MpReach.malformed(in, start, end, what);
    }
    unreach = prefixes;
    unreachEndOfRib = prefixes.isEmpty() ? family : null;
  }

  private Update assemble(Nlri withdrawn, Nlri announced) throws WireException {
    Nlri reached = reach == null ? Nlri.none(Family.IPV4) : reach.prefixes();
    List<Update.Reach> announcements = new ArrayList<>(1);
    PathAttributes attributes = attributes(!announced.isEmpty());
    if (problems.withdrawal() == null) {
      MpReach mp = reach;
      if (mp != null && mp.nextHop() != null && attributes != null) {
        IpAddress hop = mp.nextHop();
        announce(
            hop.equals(attributes.nextHop())
                ? attributes
                : attributes.with().nextHop(hop).build(),
            reached,
            announcements);
      }
      if (attributes != null && context.negotiated(AfiSafi.IPV4_UNICAST) != null) {
        announce(attributes, announced, announcements);
      }
      reached = Nlri.none(Family.IPV4);
      announced = reached;
    }
    List<Nlri> gone = new ArrayList<>(1);
    for (Nlri nlri : List.of(withdrawn, unreach, announced, reached)) {
      if (!nlri.isEmpty()) {
        gone.add(nlri);
      }
    }
    return new Update(gone, announcements, problems.list(), null);
  }

  private void announce(PathAttributes attributes, Nlri prefixes, List<Update.Reach> to) {
    Nlri usable = NlriCodec.areUnicast(prefixes) ? prefixes : unicastOf(prefixes);
    if (!usable.isEmpty()) {
      to.add(new Update.Reach(attributes, usable));
    }
  }

  private Nlri unicastOf(Nlri prefixes) {
    Nlri.Builder usable = new Nlri.Builder(prefixes.family());
    int first = -1;
    for (int i = 0; i < prefixes.size(); i++) {
      if (NlriCodec.isUnicast(prefixes, i)) {
        usable.add(prefixes.pathId(i), prefixes.high(i), prefixes.low(i), prefixes.length(i));
      } else if (first < 0) {
        first = i;
      }
    }
    problems.ignorePrefix(
        Fault.INVALID_NETWORK_FIELD,
        (prefixes.size() - usable.size())
            + " prefixes are no unicast destination, the first is "
            + prefixes.get(first));
    return usable.build();
  }

  /**
   * The attributes for what the message announces; with the classic next hop where there are classic
   * prefixes, else with that of MP_REACH_NLRI.
   *
   * @return null if nothing is announced or all of it must be withdrawn
   */
  private @Nullable PathAttributes attributes(boolean classic) throws WireException {
    MpReach mp = reach;
    if (mp != null && mp.nextHop() == null) {
      problems.ignorePrefix(Fault.OPTIONAL_ATTRIBUTE_ERROR, mp.family() + " is not negotiated");
    } else if (mp != null && !NlriCodec.isHost(mp.hop())) {
      problems.withdraw(
          Fault.INVALID_NEXT_HOP, AttributeType.MP_REACH_NLRI, mp.hop() + " cannot be a next hop");
    }
    boolean cacheable = problems.isEmpty()
        && !hasUnreach
        && classic == (mp == null)
        && context.cache().key(in, attributesAt, attributesEnd, mp);
    if (cacheable) {
      PathAttributes known = context.cache().find();
      if (known != null) {
        return known;
      }
    }
    AttributeDecoder decoder = new AttributeDecoder(in, context, problems);
    decoder.read(attributesAt, attributesEnd);
    Problem withdrawal = problems.withdrawal();
    boolean nothing = mp == null || mp.nextHop() != null && mp.prefixes().isEmpty();
    if (!classic && nothing && withdrawal != null) { // RFC 7606 §5.2: there is nothing to withdraw
      throw new WireException(
          withdrawal.fault(), data(withdrawal), withdrawal.what() + ", and no prefix with it");
    }
    if (!classic && mp == null) {
      return null;
    }
    PathAttributes attributes = decoder.finish(classic, mp == null ? null : mp.nextHop());
    if (attributes != null) {
      attributes.packed(); // here rather than on the thread that has the tables
    }
    if (cacheable && problems.isEmpty() && attributes != null) {
      context.cache().put(attributes);
    }
    return attributes;
  }

  /** RFC 4271 §6.3: the erroneous attribute as it came, where its error asks for it. */
  private Octets data(Problem problem) {
    return switch (problem.fault()) {
      case ATTRIBUTE_FLAGS_ERROR,
          ATTRIBUTE_LENGTH_ERROR,
          INVALID_ORIGIN,
          INVALID_NEXT_HOP,
          OPTIONAL_ATTRIBUTE_ERROR -> attribute(problem.attribute());
      default -> Octets.EMPTY;
    };
  }

  /** The first of that type, which is whole. */
  private Octets attribute(int type) {
    int at = attributesAt;
    while (at < attributesEnd) {
      int header = AttributeDecoder.headerLength(in, at, attributesEnd);
      int end = at + header + AttributeDecoder.valueLength(in, at, header);
      if (in.getUnsignedByte(at + 1) == type) {
        return Octets.copy(in, at, end);
      }
      at = end;
    }
    return Octets.EMPTY;
  }
}
