package dev.catwalk.bgp.rib;

/**
 * The decision process, RFC 4271 §9.1.2.2 with RFC 4456 §9, as a ladder: each rung keeps the paths
 * it likes best, in this order, and at least one survives it. Not a comparator: MED compares within
 * a neighbour AS only, so pairwise order is not transitive and the winner would depend on the order
 * of arrival.
 */
public enum Rung {
  /** What we originate ourselves wins over all that is learned. */
  LOCAL_ROUTE("not our own route"),
  /** RFC 9494 §4.3: what its sender has left behind is the last choice. */
  NOT_LONG_LIVED_STALE("its peer has been away for long"),
  HIGHEST_LOCAL_PREF("lower LOCAL_PREF"),
  SHORTEST_AS_PATH("longer AS_PATH"),
  LOWEST_ORIGIN("higher ORIGIN"),
  LOWEST_MED_PER_NEIGHBOUR_AS("higher MED from the same neighbour AS"),
  EBGP_OVER_IBGP("learned by iBGP"),
  NEAREST_NEXT_HOP("farther next hop"),
  /** Up to here paths are equally good; the rest makes the choice definite. */
  LOWEST_BGP_ID("higher BGP identifier"),
  SHORTEST_CLUSTER_LIST("longer CLUSTER_LIST"),
  LOWEST_ADDRESS("higher peer address"),
  /** Of two paths from one peer (RFC 7911). */
  LOWEST_PATH_ID("higher path identifier");

  private final String lost;

  Rung(String lost) {
    this.lost = lost;
  }

  /** Why a path that this rung eliminated lost. */
  public String lost() {
    return lost;
  }

  /**
   * Moves the survivors of the first {@code count} candidates to the front and marks the others.
   *
   * @return how many survive: at least one
   */
  int climb(Candidate[] candidates, int count) {
    if (this == LOWEST_MED_PER_NEIGHBOUR_AS) {
      return climbMed(candidates, count);
    }
    Candidate best = candidates[0];
    for (int i = 1; i < count; i++) {
      if (compare(candidates[i], best) < 0) {
        best = candidates[i];
      }
    }
    int survivors = 0;
    for (int i = 0; i < count; i++) {
      if (compare(candidates[i], best) > 0) {
        candidates[i].lostAt = this;
      } else {
        swap(candidates, survivors++, i);
      }
    }
    return survivors;
  }

  private int climbMed(Candidate[] candidates, int count) {
    for (int i = 0; i < count; i++) {
      Candidate mine = candidates[i];
      for (int j = 0; j < count; j++) {
        Candidate other = candidates[j];
        if (other.med < mine.med && other.neighbourAs == mine.neighbourAs) {
          mine.lostAt = this;
          break;
        }
      }
    }
    int survivors = 0;
    for (int i = 0; i < count; i++) {
      if (candidates[i].lostAt != this) {
        swap(candidates, survivors++, i);
      }
    }
    return survivors;
  }

  /** Negative where this rung likes {@code a} better than {@code b}. */
  int compare(Candidate a, Candidate b) {
    return switch (this) {
      case LOCAL_ROUTE -> Boolean.compare(isLearned(a), isLearned(b));
      case NOT_LONG_LIVED_STALE -> Boolean.compare(a.isLongLivedStale, b.isLongLivedStale);
      case HIGHEST_LOCAL_PREF -> Long.compare(b.localPref, a.localPref);
      case SHORTEST_AS_PATH -> Integer.compare(a.asPathLength, b.asPathLength);
      case LOWEST_ORIGIN -> a.origin.compareTo(b.origin);
      case LOWEST_MED_PER_NEIGHBOUR_AS -> throw new AssertionError("no order of two");
      case EBGP_OVER_IBGP ->
        Boolean.compare(a.source.kind().isIbgp(), b.source.kind().isIbgp());
      case NEAREST_NEXT_HOP -> Long.compare(a.igpCost(), b.igpCost());
      case LOWEST_BGP_ID -> Integer.compareUnsigned(a.bgpId, b.bgpId);
      case SHORTEST_CLUSTER_LIST -> Integer.compare(a.clusterListLength, b.clusterListLength);
      case LOWEST_ADDRESS -> a.source.address().compareTo(b.source.address());
      case LOWEST_PATH_ID -> Integer.compareUnsigned(a.pathId, b.pathId);
    };
  }

  private static boolean isLearned(Candidate c) {
    return c.source.kind() != Source.Kind.LOCAL;
  }

  private static void swap(Candidate[] candidates, int a, int b) {
    Candidate kept = candidates[a];
    candidates[a] = candidates[b];
    candidates[b] = kept;
  }
}
