package dev.catwalk.bgp.wire;

import dev.catwalk.net.addr.Family;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the meaning of a peer's bytes depends on. Holds a cache: used by one thread.
 *
 * @param fourByteAs both sides have the four-octet AS capability (RFC 6793)
 * @param ibgp the peer is in our own AS
 * @param families those negotiated; routes of others are ignored
 * @param messageLimit largest message in octets, header included: 4096 (RFC 4271 §4.1) or 65535
 * @param addPath families whose prefixes come with path identifiers (RFC 7911)
 * @param extendedNextHop IPv4 prefixes may have IPv6 next hops (RFC 8950)
 */
public record DecodeContext(
    boolean fourByteAs,
    boolean ibgp,
    List<AfiSafi> families,
    int messageLimit,
    List<AfiSafi> addPath,
    boolean extendedNextHop,
    AttributeCache cache) {
  public DecodeContext {
    families = List.copyOf(families);
    addPath = List.copyOf(addPath);
    assert messageLimit == Wire.MESSAGE_LIMIT || messageLimit == Wire.EXTENDED_MESSAGE_LIMIT;
  }

  /** Without path identifiers and with next hops of the prefixes' own family. */
  public DecodeContext(
      boolean fourByteAs,
      boolean ibgp,
      List<AfiSafi> families,
      int messageLimit,
      AttributeCache cache) {
    this(fourByteAs, ibgp, families, messageLimit, List.of(), false, cache);
  }

  /** Before the OPENs are exchanged: nothing is negotiated. */
  public static DecodeContext beforeOpen() {
    return new DecodeContext(false, false, List.of(), Wire.MESSAGE_LIMIT, new AttributeCache());
  }

  /** What these two OPENs make of the messages from {@code theirs}. */
  public static DecodeContext between(Open ours, Open theirs) {
    List<AfiSafi> offered = theirs.families();
    return new DecodeContext(
        ours.hasFourByteAs() && theirs.hasFourByteAs(),
        ours.as() == theirs.as(),
        ours.families().stream().filter(offered::contains).toList(),
        ours.last(Capability.ExtendedMessage.class)
                == null // RFC 8654 §4: theirs says what they take
            ? Wire.MESSAGE_LIMIT
            : Wire.EXTENDED_MESSAGE_LIMIT,
        Open.addPath(theirs, ours),
        hasIpv4OverIpv6(ours) && hasIpv4OverIpv6(theirs),
        new AttributeCache());
  }

  private static boolean hasIpv4OverIpv6(Open open) {
    Capability.ExtendedNextHop hop = open.last(Capability.ExtendedNextHop.class);
    return hop != null && hop.hasIpv4OverIpv6();
  }

  /** Whether prefixes of a family come with path identifiers. */
  boolean hasPathIds(AfiSafi family) {
    return !addPath.isEmpty() && addPath.contains(family);
  }

  /** The addresses of a family that is negotiated and known; else null. */
  @Nullable
  Family negotiated(AfiSafi family) {
    return families.contains(family) ? family.family() : null;
  }
}
