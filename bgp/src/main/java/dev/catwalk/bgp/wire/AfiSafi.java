package dev.catwalk.bgp.wire;

import dev.catwalk.net.addr.Family;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * Address family and subsequent address family, RFC 4760. Order: by AFI, then SAFI.
 *
 * @param afi 0..65535
 * @param safi 0..255
 */
public record AfiSafi(int afi, int safi) implements Comparable<AfiSafi> {
  public static final AfiSafi IPV4_UNICAST = new AfiSafi(1, 1);
  public static final AfiSafi IPV6_UNICAST = new AfiSafi(2, 1);

  private static final Comparator<AfiSafi> ORDER =
      Comparator.comparingInt(AfiSafi::afi).thenComparingInt(AfiSafi::safi);

  public AfiSafi {
    assert afi >= 0 && afi <= 0xffff && safi >= 0 && safi <= 0xff : afi + "/" + safi;
  }

  /** The unicast family of {@code family}'s addresses. */
  public static AfiSafi unicast(Family family) {
    return switch (family) {
      case IPV4 -> IPV4_UNICAST;
      case IPV6 -> IPV6_UNICAST;
    };
  }

  /** Whose prefixes it carries; null for a family that this speaker does not decode. */
  public @Nullable Family family() {
    if (equals(IPV4_UNICAST)) {
      return Family.IPV4;
    }
    return equals(IPV6_UNICAST) ? Family.IPV6 : null;
  }

  @Override
  public int compareTo(AfiSafi other) {
    return ORDER.compare(this, other);
  }

  /** {@code ipv4-unicast}, {@code ipv6-unicast}, or the two numbers. */
  @Override
  public String toString() {
    Family family = family();
    return family == null
        ? "afi " + afi + " safi " + safi
        : family == Family.IPV4 ? "ipv4-unicast" : "ipv6-unicast";
  }
}
