package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;

/**
 * How we originate a prefix: with ORIGIN IGP, an empty AS_PATH and ourselves as next hop.
 *
 * @param med for peers that compare several ways to us, 0..2^32-1; lower is preferred
 */
public record Origination(long med) {
  public static final Origination PLAIN = new Origination(0);

  public Origination {
    assert med >= 0 && med <= 0xffff_ffffL : med;
  }

  PathAttributes attributes(Family family) {
    IpAddress self = family == Family.IPV4 ? IpAddress.v4(0) : IpAddress.v6(0, 0);
    PathAttributes.Builder out = PathAttributes.builder(Origin.IGP, AsPath.EMPTY, self);
    if (med > 0) {
      out.med(med);
    }
    return out.build();
  }
}
