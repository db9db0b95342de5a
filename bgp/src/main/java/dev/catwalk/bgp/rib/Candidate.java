package dev.catwalk.bgp.rib;

import org.jspecify.annotations.Nullable;

/** A path on the ladder. Made anew for prefixes with more than one path only. */
final class Candidate {
  final int path;
  final int pathId;
  final Source source;
  final AttributeSet set;
  final long igpCost;

  @Nullable
  Rung lostAt;

  Candidate(int path, int pathId, Source source, AttributeSet set, long igpCost) {
    this.path = path;
    this.pathId = pathId;
    this.source = source;
    this.set = set;
    this.igpCost = igpCost;
  }
}
