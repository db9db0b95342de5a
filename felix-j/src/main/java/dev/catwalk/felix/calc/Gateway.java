package dev.catwalk.felix.calc;

import dev.catwalk.net.addr.IpAddress;
import java.util.Comparator;

/**
 * A neighbour that forwards packets; it may be of another family than these (RFC 8950).
 *
 * @param link the interface that it is at, by name, where its address is a link-local one or no
 *     subnet there has it; else empty: the kernel finds it
 */
public record Gateway(IpAddress address, String link) implements Comparable<Gateway> {
  private static final Comparator<Gateway> ORDER =
      Comparator.comparing(Gateway::address).thenComparing(Gateway::link);

  /** One that the kernel finds by itself. */
  public static Gateway of(IpAddress address) {
    return new Gateway(address, "");
  }

  /** Whether its address means something at one interface alone. */
  public boolean isLinkLocal() {
    return address.isLinkLocal() && !address.isV4();
  }

  /** The next hop of a route that was told over that interface. */
  public static Gateway of(IpAddress address, String link) {
    return new Gateway(address, address.isLinkLocal() && !address.isV4() ? link : "");
  }

  @Override
  public int compareTo(Gateway other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return link.isEmpty() ? address.toString() : address + "%" + link;
  }
}
