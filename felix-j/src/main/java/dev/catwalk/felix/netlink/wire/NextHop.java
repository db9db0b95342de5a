package dev.catwalk.felix.netlink.wire;

import dev.catwalk.net.addr.IpAddress;
import java.util.Comparator;
import java.util.Optional;

/**
 * One way to a destination.
 *
 * @param gateway nothing where the destination is on the link itself
 * @param link index of the outgoing interface; 0 leaves the choice to the kernel
 * @param weight its share among its equals, 1..256
 * @param onLink whether the gateway is taken to be on the link though no subnet says so
 */
public record NextHop(Optional<IpAddress> gateway, int link, int weight, boolean onLink)
    implements Comparable<NextHop> {

  private static final Comparator<NextHop> ORDER = Comparator.comparing(
          (NextHop h) -> h.gateway.orElse(IpAddress.v4(0)))
      .thenComparingInt(NextHop::link)
      .thenComparingInt(NextHop::weight)
      .thenComparing(NextHop::onLink);

  public NextHop {
    if (weight < 1 || weight > 256) {
      throw new IllegalArgumentException("a next hop's weight is within 1..256, not " + weight);
    }
  }

  /** Through a neighbour that the kernel finds by itself. */
  public static NextHop via(IpAddress gateway) {
    return new NextHop(Optional.of(gateway), 0, 1, false);
  }

  /**
   * Through a neighbour at that interface.
   *
   * @param link its index; 0 leaves it to the kernel, which cannot find a link-local address
   */
  public static NextHop via(IpAddress gateway, int link) {
    return new NextHop(Optional.of(gateway), link, 1, false);
  }

  /** Whether the gateway's address means something at one interface alone. */
  public boolean isLinkLocal() {
    return gateway.filter(g -> g.isLinkLocal() && !g.isV4()).isPresent();
  }

  /** Straight out of an interface. */
  public static NextHop device(int link) {
    return new NextHop(Optional.empty(), link, 1, false);
  }

  @Override
  public int compareTo(NextHop other) {
    return ORDER.compare(this, other);
  }
}
