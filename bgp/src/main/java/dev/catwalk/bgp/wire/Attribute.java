package dev.catwalk.bgp.wire;

import dev.catwalk.net.addr.IpAddress;

/**
 * A path attribute. Those that are one number or one address are defined here; {@link
 * PathAttributes} is the set of a route.
 */
public sealed interface Attribute
    permits Origin,
        AsPath,
        Attribute.NextHop,
        Attribute.Med,
        Attribute.LocalPref,
        Attribute.AtomicAggregate,
        Aggregator,
        Communities,
        Attribute.OriginatorId,
        ClusterList,
        ExtendedCommunities,
        LargeCommunities,
        Attribute.Unrecognised {

  /** Attribute type code, 0..255. */
  int type();

  /** RFC 4271 §5.1.3 for IPv4, the next hop field of MP_REACH_NLRI (RFC 4760 §3) for IPv6. */
  record NextHop(IpAddress address) implements Attribute {
    @Override
    public int type() {
      return AttributeType.NEXT_HOP;
    }
  }

  /** MULTI_EXIT_DISC, RFC 4271 §5.1.4: 0..2^32-1. */
  record Med(long value) implements Attribute {
    public Med {
      assert value >= 0 && value <= 0xffff_ffffL : value;
    }

    @Override
    public int type() {
      return AttributeType.MED;
    }
  }

  /** LOCAL_PREF, RFC 4271 §5.1.5: 0..2^32-1. */
  record LocalPref(long value) implements Attribute {
    public LocalPref {
      assert value >= 0 && value <= 0xffff_ffffL : value;
    }

    @Override
    public int type() {
      return AttributeType.LOCAL_PREF;
    }
  }

  /** RFC 4271 §5.1.6. */
  record AtomicAggregate() implements Attribute {
    @Override
    public int type() {
      return AttributeType.ATOMIC_AGGREGATE;
    }
  }

  /** ORIGINATOR_ID, RFC 4456 §8: a BGP Identifier. */
  record OriginatorId(int bgpId) implements Attribute {
    @Override
    public int type() {
      return AttributeType.ORIGINATOR_ID;
    }
  }

  /**
   * An optional transitive attribute that this speaker passes on without understanding it; the
   * encoder sets Partial (RFC 4271 §5).
   *
   * @param flags as received, without Extended Length
   */
  record Unrecognised(int flags, int type, Octets value) implements Attribute {
    public Unrecognised {
      assert type >= 0 && type <= 255 : type;
      assert (flags & ~(AttributeType.OPTIONAL | AttributeType.TRANSITIVE | AttributeType.PARTIAL))
              == 0
          : flags;
    }
  }
}
