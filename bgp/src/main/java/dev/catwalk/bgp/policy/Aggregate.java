package dev.catwalk.bgp.policy;

import dev.catwalk.bgp.wire.Communities;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.Prefix;

/**
 * A prefix that is told as our own as long as there is a route to a part of it (RFC 4271 §9.2.2.2).
 *
 * @param summaryOnly whether it is told in place of those parts
 */
public record Aggregate(Prefix prefix, boolean summaryOnly) {
  /** So many at most, since each change of a route is held against all of them. */
  public static final int MOST = 256;

  /** Whether a prefix is a part of it. */
  boolean covers(Prefix part) {
    return part.length() > prefix.length() && prefix.contains(part.address());
  }

  /**
   * Whether the route counts. One that must not leave us, our AS or our confederation does not: the
   * aggregate would.
   */
  public boolean contributes(Prefix part, PathAttributes attributes) {
    return covers(part) && !isBound(attributes);
  }

  static boolean isBound(PathAttributes attributes) {
    Communities communities = attributes.communities().orElse(null);
    return communities != null
        && (communities.contains(Communities.NO_EXPORT)
            || communities.contains(Communities.NO_ADVERTISE)
            || communities.contains(Communities.NO_EXPORT_SUBCONFED));
  }
}
