package dev.catwalk.bgp.wire;

/**
 * What the bytes for a peer depend on.
 *
 * @param fourByteAs both sides have the four-octet AS capability (RFC 6793)
 * @param messageLimit largest message in octets, header included: 4096 (RFC 4271 §4.1) or 65535
 */
public record EncodeContext(boolean fourByteAs, int messageLimit) {
  public EncodeContext {
    assert messageLimit == Wire.MESSAGE_LIMIT || messageLimit == Wire.EXTENDED_MESSAGE_LIMIT;
  }

  /** For OPEN, KEEPALIVE and NOTIFICATION, whose bytes depend on nothing. */
  public static EncodeContext beforeOpen() {
    return new EncodeContext(false, Wire.MESSAGE_LIMIT);
  }

  /** What these two OPENs make of the messages to {@code theirs}. */
  public static EncodeContext between(Open ours, Open theirs) {
    return new EncodeContext(ours.hasFourByteAs() && theirs.hasFourByteAs(), Wire.MESSAGE_LIMIT);
  }
}
