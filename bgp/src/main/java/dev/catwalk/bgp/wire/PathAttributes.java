package dev.catwalk.bgp.wire;

import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The validated attributes of a route, next hop included. Immutable; equality is by content. Tables
 * keep them {@link #packed}.
 */
public final class PathAttributes {
  private final Origin origin;
  private final AsPath asPath;
  private final IpAddress nextHop;
  private final long med; // -1: absent
  private final long localPref; // -1: absent
  private final boolean atomicAggregate;
  private final @Nullable Aggregator aggregator;
  private final @Nullable Communities communities;
  private final @Nullable ExtendedCommunities extendedCommunities;
  private final @Nullable LargeCommunities largeCommunities;
  private final boolean hasOriginatorId;
  private final int originatorId;
  private final @Nullable ClusterList clusterList;
  private final List<Attribute.Unrecognised> unrecognised;
  private final long partial; // bit t: attribute t came with Partial set
  private int hash; // 0: not asked for yet
  private @Nullable PackedAttributes packed; // likewise

  private PathAttributes(Builder b) {
    this.origin = b.origin;
    this.asPath = b.asPath;
    this.nextHop = b.nextHop;
    this.med = b.med;
    this.localPref = b.localPref;
    this.atomicAggregate = b.atomicAggregate;
    this.aggregator = b.aggregator;
    this.communities = b.communities;
    this.extendedCommunities = b.extendedCommunities;
    this.largeCommunities = b.largeCommunities;
    this.hasOriginatorId = b.hasOriginatorId;
    this.originatorId = b.originatorId;
    this.clusterList = b.clusterList;
    this.unrecognised = List.copyOf(b.unrecognised);
    this.partial = b.partial;
  }

  private int hash() {
    int all = 31 * asPath.hashCode() + origin.code();
    all = 31 * all + Long.hashCode(nextHop.low() + 31 * nextHop.high());
    all = 31 * all + Long.hashCode(med) + 7 * Long.hashCode(localPref);
    all = 31 * all + Objects.hashCode(communities);
    all = 31 * all + Objects.hashCode(largeCommunities);
    all = 31 * all + Objects.hashCode(extendedCommunities);
    all = 31 * all + Objects.hashCode(aggregator);
    all = 31 * all + Objects.hashCode(clusterList) + originatorId;
    return 31 * all + unrecognised.hashCode() + Long.hashCode(partial) + (atomicAggregate ? 1 : 0);
  }

  /** The three that every route has; the rest is absent until set. */
  public static Builder builder(Origin origin, AsPath asPath, IpAddress nextHop) {
    return new Builder(origin, asPath, nextHop);
  }

  /** A builder that starts as this. */
  public Builder with() {
    return new Builder(this);
  }

  public Origin origin() {
    return origin;
  }

  public AsPath asPath() {
    return asPath;
  }

  /** Of NEXT_HOP for IPv4 routes, of MP_REACH_NLRI for IPv6 ones (the global address). */
  public IpAddress nextHop() {
    return nextHop;
  }

  public OptionalLong med() {
    return med < 0 ? OptionalLong.empty() : OptionalLong.of(med);
  }

  public OptionalLong localPref() {
    return localPref < 0 ? OptionalLong.empty() : OptionalLong.of(localPref);
  }

  public boolean atomicAggregate() {
    return atomicAggregate;
  }

  public Optional<Aggregator> aggregator() {
    return Optional.ofNullable(aggregator);
  }

  public Optional<Communities> communities() {
    return Optional.ofNullable(communities);
  }

  public Optional<ExtendedCommunities> extendedCommunities() {
    return Optional.ofNullable(extendedCommunities);
  }

  public Optional<LargeCommunities> largeCommunities() {
    return Optional.ofNullable(largeCommunities);
  }

  /** A BGP Identifier. */
  public OptionalInt originatorId() {
    return hasOriginatorId ? OptionalInt.of(originatorId) : OptionalInt.empty();
  }

  public Optional<ClusterList> clusterList() {
    return Optional.ofNullable(clusterList);
  }

  /** Optional transitive ones to pass on, by type code; {@link #onlyToCustomer} is among them. */
  public List<Attribute.Unrecognised> unrecognised() {
    return unrecognised;
  }

  /** RFC 9234 §5: the AS that says so. */
  public OptionalLong onlyToCustomer() {
    for (Attribute.Unrecognised attribute : unrecognised) {
      if (attribute.type() == AttributeType.ONLY_TO_CUSTOMER) {
        return OptionalLong.of(attribute.value().unsignedInt(0));
      }
    }
    return OptionalLong.empty();
  }

  /**
   * Whether some speaker on the way passed attribute {@code type} (below 64) on without
   * understanding it: once set, Partial stays set (RFC 4271 §5).
   */
  boolean isPartial(int type) {
    return (partial & 1L << type) != 0;
  }

  long partials() {
    return partial;
  }

  /** In one piece; made once. From any thread. */
  public PackedAttributes packed() {
    PackedAttributes known = packed;
    if (known == null) {
      known = PackedAttributes.of(this); // two threads that do so make the same
      packed = known;
    }
    return known;
  }

  /** All of them by type code (RFC 4271 §5: "should be ordered"), the next hop included. */
  public List<Attribute> list() {
    List<Attribute> list = new ArrayList<>(8);
    list.add(origin);
    list.add(asPath);
    list.add(new Attribute.NextHop(nextHop));
    med().ifPresent(value -> list.add(new Attribute.Med(value)));
    localPref().ifPresent(value -> list.add(new Attribute.LocalPref(value)));
    if (atomicAggregate) {
      list.add(new Attribute.AtomicAggregate());
    }
    aggregator().ifPresent(list::add);
    communities().ifPresent(list::add);
    originatorId().ifPresent(id -> list.add(new Attribute.OriginatorId(id)));
    clusterList().ifPresent(list::add);
    extendedCommunities().ifPresent(list::add);
    largeCommunities().ifPresent(list::add);
    list.addAll(unrecognised);
    list.sort(Comparator.comparingInt(Attribute::type));
    return list;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || other instanceof PathAttributes p
            && origin == p.origin
            && med == p.med
            && localPref == p.localPref
            && atomicAggregate == p.atomicAggregate
            && hasOriginatorId == p.hasOriginatorId
            && originatorId == p.originatorId
            && partial == p.partial
            && nextHop.equals(p.nextHop)
            && asPath.equals(p.asPath)
            && Objects.equals(aggregator, p.aggregator)
            && Objects.equals(communities, p.communities)
            && Objects.equals(extendedCommunities, p.extendedCommunities)
            && Objects.equals(largeCommunities, p.largeCommunities)
            && Objects.equals(clusterList, p.clusterList)
            && unrecognised.equals(p.unrecognised);
  }

  @Override
  public int hashCode() {
    int known = hash;
    if (known == 0) {
      known = hash();
      hash = known;
    }
    return known;
  }

  @Override
  public String toString() {
    return list().toString();
  }

  /** Collects the attributes of a route; may be used again after {@link #build}. */
  public static final class Builder {
    private Origin origin;
    private AsPath asPath;
    private IpAddress nextHop;
    private long med = -1;
    private long localPref = -1;
    private boolean atomicAggregate;
    private @Nullable Aggregator aggregator;
    private @Nullable Communities communities;
    private @Nullable ExtendedCommunities extendedCommunities;
    private @Nullable LargeCommunities largeCommunities;
    private boolean hasOriginatorId;
    private int originatorId;
    private @Nullable ClusterList clusterList;
    private List<Attribute.Unrecognised> unrecognised = List.of();
    private long partial;

    private Builder(Origin origin, AsPath asPath, IpAddress nextHop) {
      this.origin = origin;
      this.asPath = asPath;
      this.nextHop = nextHop;
    }

    private Builder(PathAttributes from) {
      this(from.origin, from.asPath, from.nextHop);
      med = from.med;
      localPref = from.localPref;
      atomicAggregate = from.atomicAggregate;
      aggregator = from.aggregator;
      communities = from.communities;
      extendedCommunities = from.extendedCommunities;
      largeCommunities = from.largeCommunities;
      hasOriginatorId = from.hasOriginatorId;
      originatorId = from.originatorId;
      clusterList = from.clusterList;
      unrecognised = from.unrecognised;
      partial = from.partial;
    }

    public Builder origin(Origin value) {
      origin = value;
      return this;
    }

    public Builder asPath(AsPath value) {
      asPath = value;
      return this;
    }

    public Builder nextHop(IpAddress value) {
      nextHop = value;
      return this;
    }

    /** 0..2^32-1. */
    public Builder med(long value) {
      assert value >= 0 && value <= 0xffff_ffffL : value;
      med = value;
      return this;
    }

    public Builder withoutMed() {
      med = -1;
      return this;
    }

    /** 0..2^32-1. */
    public Builder localPref(long value) {
      assert value >= 0 && value <= 0xffff_ffffL : value;
      localPref = value;
      return this;
    }

    public Builder withoutLocalPref() {
      localPref = -1;
      return this;
    }

    public Builder atomicAggregate(boolean value) {
      atomicAggregate = value;
      return this;
    }

    public Builder aggregator(@Nullable Aggregator value) {
      aggregator = value;
      return this;
    }

    public Builder communities(@Nullable Communities value) {
      communities = value;
      return this;
    }

    public Builder extendedCommunities(@Nullable ExtendedCommunities value) {
      extendedCommunities = value;
      return this;
    }

    public Builder largeCommunities(@Nullable LargeCommunities value) {
      largeCommunities = value;
      return this;
    }

    public Builder originatorId(int bgpId) {
      hasOriginatorId = true;
      originatorId = bgpId;
      return this;
    }

    public Builder clusterList(@Nullable ClusterList value) {
      clusterList = value;
      return this;
    }

    /** Removes ORIGINATOR_ID and CLUSTER_LIST: they do not leave the AS (RFC 4456 §8). */
    public Builder withoutReflection() {
      hasOriginatorId = false;
      originatorId = 0;
      clusterList = null;
      return this;
    }

    /** Of one type each; sorted by type here. */
    public Builder unrecognised(List<Attribute.Unrecognised> values) {
      unrecognised = values.size() < 2
          ? List.copyOf(values)
          : values.stream()
              .sorted(Comparator.comparingInt(Attribute.Unrecognised::type))
              .toList();
      return this;
    }

    /** RFC 9234 §5; 1..2^32-1. Only where there is none as yet. */
    public Builder onlyToCustomer(long as) {
      List<Attribute.Unrecognised> more = new ArrayList<>(unrecognised);
      more.add(new Attribute.Unrecognised(
          AttributeType.OPTIONAL | AttributeType.TRANSITIVE,
          AttributeType.ONLY_TO_CUSTOMER,
          Octets.of((byte) (as >> 24), (byte) (as >> 16), (byte) (as >> 8), (byte) as)));
      return unrecognised(more);
    }

    /** Remembers Partial for attribute {@code type} if it is among {@code flags}. */
    Builder partial(int type, int flags) {
      if ((flags & AttributeType.PARTIAL) != 0) {
        partial |= 1L << type;
      }
      return this;
    }

    Builder partials(long bits) {
      partial = bits;
      return this;
    }

    public PathAttributes build() {
      return new PathAttributes(this);
    }
  }
}
