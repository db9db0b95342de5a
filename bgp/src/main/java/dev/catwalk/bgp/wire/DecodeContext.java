package dev.catwalk.bgp.wire;

import java.util.List;

/**
 * What the meaning of a peer's bytes depends on. Holds a cache: used by one thread.
 *
 * @param fourByteAs both sides have the four-octet AS capability (RFC 6793)
 * @param ibgp the peer is in our own AS
 * @param families those negotiated; others are ignored with a problem
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
}
