package dev.catwalk.bgp.wire;

import dev.catwalk.net.addr.IpAddress;

/**
 * AGGREGATOR, RFC 4271 §5.1.7.
 *
 * @param as 1..2^32-1
 * @param speaker the aggregating speaker, an IPv4 address
 */
public record Aggregator(long as, IpAddress speaker) implements Attribute {
  public Aggregator {
    assert as > 0 && as <= 0xffff_ffffL && speaker.isV4() : as + " " + speaker;
  }

  @Override
  public int type() {
    return AttributeType.AGGREGATOR;
  }
}
