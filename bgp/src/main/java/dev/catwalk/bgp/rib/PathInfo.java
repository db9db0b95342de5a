package dev.catwalk.bgp.rib;

import dev.catwalk.bgp.wire.PathAttributes;

/**
 * A path with what became of it.
 *
 * @param pathId the peer's for it (RFC 7911); 0 where its prefixes come without
 * @param best whether it is the one that is told to others
 * @param used whether traffic goes there: the best one and, with multipath, its equals
 * @param why for people: why it won, is used beside the best, lost or was refused
 */
public record PathInfo(
    Source source, int pathId, PathAttributes attributes, boolean best, boolean used, String why) {
  private static final String REFUSED = "refused: ";

  static String refused(Refusal reason) {
    return REFUSED + reason.text();
  }

  /** Whether it takes no part in the decision. */
  public boolean isRefused() {
    return why.startsWith(REFUSED);
  }
}
