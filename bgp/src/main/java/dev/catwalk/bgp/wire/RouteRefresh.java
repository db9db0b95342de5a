package dev.catwalk.bgp.wire;

/**
 * ROUTE-REFRESH, RFC 2918 §3.
 *
 * @param subtype 0..255: the reserved octet of RFC 2918, to which RFC 7313 gave meanings; 0 asks for
 *     all routes of the family again
 */
public record RouteRefresh(AfiSafi family, int subtype) implements Message {
  /** Asks for all routes of the family. */
  public static final int REQUEST = 0;

  /** BoRR, RFC 7313 §3.2: all routes of the family follow. */
  public static final int BEGIN = 1;

  /** EoRR, RFC 7313 §3.2: what was not told since {@link #BEGIN} is no more. */
  public static final int END = 2;

  public RouteRefresh {
    assert subtype >= 0 && subtype <= 255 : subtype;
  }

  /** Asks the peer to send all its routes of {@code family} again. */
  public static RouteRefresh of(AfiSafi family) {
    return new RouteRefresh(family, REQUEST);
  }
}
