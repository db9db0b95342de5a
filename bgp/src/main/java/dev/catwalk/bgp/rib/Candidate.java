package dev.catwalk.bgp.rib;

import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.IpAddress;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** A path on the ladder. Made anew for prefixes with more than one path only. */
final class Candidate {
  final int path;
  final int pathId;
  final Source source;
  final int set;
  final long localPref;
  final long med;
  final long neighbourAs;
  final int asPathLength;
  final int clusterListLength;
  final Origin origin;
  final boolean isLongLivedStale;
  final int bgpId;
  private final AttributePool pool;
  private final ToLongFunction<IpAddress> igpCosts;
  private long igpCost = -1;

  @Nullable
  Rung lostAt;

  /**
   * @param set its attributes
   * @param igpCosts how far next hops are, 0 or more
   */
  Candidate(
      int path,
      int pathId,
      Source source,
      int set,
      AttributePool pool,
      ToLongFunction<IpAddress> igpCosts) {
    this.path = path;
    this.pathId = pathId;
    this.source = source;
    this.set = set;
    this.pool = pool;
    this.igpCosts = igpCosts;
    localPref = pool.localPref(set);
    med = pool.med(set);
    neighbourAs = pool.neighbourAs(set);
    asPathLength = pool.asPathLength(set);
    clusterListLength = pool.clusterListLength(set);
    origin = pool.origin(set);
    isLongLivedStale = pool.isLongLivedStale(set);
    bgpId = pool.bgpId(set, source);
  }

  /** Asked of few. */
  long igpCost() {
    if (igpCost < 0) {
      igpCost = igpCosts.applyAsLong(pool.nextHop(set));
    }
    return igpCost;
  }

  PathAttributes attributes() {
    return pool.attributes(set);
  }
}
