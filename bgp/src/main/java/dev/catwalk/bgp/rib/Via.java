package dev.catwalk.bgp.rib;

import dev.catwalk.net.addr.IpAddress;
import java.util.Comparator;

/**
 * A neighbour that packets are handed to.
 *
 * @param link the interface that it is at, by name, where its address alone does not say; else empty
 */
public record Via(IpAddress address, String link) {
  static final Comparator<Via> ORDER = Comparator.comparing(Via::address).thenComparing(Via::link);

  /** The next hop of a route that was told over that interface: only link-local ones need it. */
  public static Via of(IpAddress address, String link) {
    return new Via(address, address.isLinkLocal() && !address.isV4() ? link : "");
  }

  @Override
  public String toString() {
    return link.isEmpty() ? address.toString() : address + "%" + link;
  }
}
