package dev.catwalk.bgp.rib;

import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.IpAddress;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A path on the ladder. One for paths that are equal so far is used again for others: a decision
 * leaves nothing behind.
 */
final class Candidate {
  int path = PathStore.END;
  int pathId;
  Source source = Source.LOCAL;
  int set;
  long localPref;
  long med;
  long neighbourAs;
  int asPathLength;
  int clusterListLength;
  Origin origin = Origin.IGP;
  boolean isLongLivedStale;
  int bgpId;
  private final AttributePool pool;
  private final ToLongFunction<IpAddress> igpCosts;
  private long igpCost;

  @Nullable
  Rung lostAt;

  /**
   * Nobody yet.
   *
   * @param igpCosts how far next hops are, 0 or more
   */
  Candidate(AttributePool pool, ToLongFunction<IpAddress> igpCosts) {
    this.pool = pool;
    this.igpCosts = igpCosts;
  }

  /**
   * From now on it is that path.
   *
   * @param set its attributes
   */
  Candidate become(int path, int pathId, Source source, int set) {
    this.path = path;
    this.pathId = pathId;
    this.source = source;
    this.set = set;
    localPref = pool.localPref(set);
    med = pool.med(set);
    neighbourAs = pool.neighbourAs(set);
    asPathLength = pool.asPathLength(set);
    clusterListLength = pool.clusterListLength(set);
    origin = pool.origin(set);
    isLongLivedStale = pool.isLongLivedStale(set);
    bgpId = pool.bgpId(set, source);
    igpCost = -1;
    lostAt = null;
    return this;
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
