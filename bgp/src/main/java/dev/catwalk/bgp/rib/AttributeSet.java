package dev.catwalk.bgp.rib;

import dev.catwalk.bgp.wire.Communities;
import dev.catwalk.bgp.wire.PathAttributes;
import org.jspecify.annotations.Nullable;

/**
 * Attributes that many paths share: one object for each distinct value in an {@link
 * AttributePool}, with what the decision process asks of them worked out once.
 */
final class AttributeSet {
  /** RFC 4271 §9.1.1 leaves the default to us; it is everybody's. */
  private static final long DEFAULT_LOCAL_PREF = 100;

  final PathAttributes attributes;
  final int number;
  final long localPref;
  final long med;
  final long neighbourAs;
  final int asPathLength;
  final int clusterListLength;
  final boolean isLongLivedStale;
  final boolean hasOriginatorId;
  final int originatorId;

  /** How many paths and announcements hold it; the pool forgets it at 0. */
  int uses;

  /** By the number of the group; kept by {@link AttributePool}. */
  @Nullable
  Exported[] exported = {};

  /** What a group made of this set, of that source and verdict; null: not to be told. */
  record Exported(
      ExportGroup group, Source from, int verdict, @Nullable AttributeSet result) {}

  AttributeSet(PathAttributes attributes, int number) {
    this.attributes = attributes;
    this.number = number;
    this.localPref = attributes.localPref().orElse(DEFAULT_LOCAL_PREF);
    this.med = attributes.med().orElse(0); // absent is best, RFC 4271 §9.1.2.2 c
    this.neighbourAs = attributes.asPath().neighbourAs();
    this.asPathLength = attributes.asPath().length();
    this.clusterListLength = attributes.clusterList().map(c -> c.size()).orElse(0);
    this.isLongLivedStale =
        attributes.communities().filter(c -> c.contains(Communities.LLGR_STALE)).isPresent();
    this.hasOriginatorId = attributes.originatorId().isPresent();
    this.originatorId = attributes.originatorId().orElse(0);
  }

  @Nullable
  Exported exported(int group) {
    return group < exported.length ? exported[group] : null;
  }
}
