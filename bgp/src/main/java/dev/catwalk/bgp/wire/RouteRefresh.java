package dev.catwalk.bgp.wire;

/**
 * ROUTE-REFRESH, RFC 2918 §3.
 *
 * @param subtype 0..255: the reserved octet of RFC 2918, to which RFC 7313 gave meanings; 0 asks for
 *     all routes of the family again
 */
public record RouteRefresh(AfiSafi family, int subtype) implements Message {
  public RouteRefresh {
    assert subtype >= 0 && subtype <= 255 : subtype;
  }

  /** Asks the peer to send all its routes of {@code family} again. */
  public static RouteRefresh of(AfiSafi family) {
    return new RouteRefresh(family, 0);
  }
}
