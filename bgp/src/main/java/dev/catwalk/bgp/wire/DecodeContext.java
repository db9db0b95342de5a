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
 */
public record DecodeContext(
    boolean fourByteAs,
    boolean ibgp,
    List<AfiSafi> families,
    int messageLimit,
    AttributeCache cache) {
  public DecodeContext {
    families = List.copyOf(families);
    assert messageLimit == Wire.MESSAGE_LIMIT || messageLimit == Wire.EXTENDED_MESSAGE_LIMIT;
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
        Wire.MESSAGE_LIMIT,
        new AttributeCache());
  }

  /** The addresses of a family that is negotiated and known; else null. */
  @Nullable
  Family negotiated(AfiSafi family) {
    return families.contains(family) ? family.family() : null;
  }
}
