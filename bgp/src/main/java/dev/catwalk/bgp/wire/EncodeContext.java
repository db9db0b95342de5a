package dev.catwalk.bgp.wire;

import dev.catwalk.net.addr.Family;
import java.util.List;

/**
 * What the bytes for a peer depend on.
 *
 * @param fourByteAs both sides have the four-octet AS capability (RFC 6793)
 * @param messageLimit largest message in octets, header included: 4096 (RFC 4271 §4.1) or 65535
 * @param addPath families whose prefixes go with path identifiers (RFC 7911)
 */
public record EncodeContext(boolean fourByteAs, int messageLimit, List<AfiSafi> addPath) {
  public EncodeContext {
    assert messageLimit == Wire.MESSAGE_LIMIT || messageLimit == Wire.EXTENDED_MESSAGE_LIMIT;
    addPath = List.copyOf(addPath);
  }

  /** Whether prefixes of a family go with path identifiers. */
  boolean hasPathIds(Family family) {
    return !addPath.isEmpty() && addPath.contains(AfiSafi.unicast(family));
  }

  /** Without path identifiers. */
  public EncodeContext(boolean fourByteAs, int messageLimit) {
    this(fourByteAs, messageLimit, List.of());
  }

  /** For OPEN, KEEPALIVE and NOTIFICATION, whose bytes depend on nothing. */
  public static EncodeContext beforeOpen() {
    return new EncodeContext(false, Wire.MESSAGE_LIMIT);
  }

  /** What these two OPENs make of the messages to {@code theirs}. */
  public static EncodeContext between(Open ours, Open theirs) {
    return new EncodeContext(
        ours.hasFourByteAs() && theirs.hasFourByteAs(),
        Open.messageLimit(ours, theirs),
        Open.addPath(ours, theirs));
  }
}
