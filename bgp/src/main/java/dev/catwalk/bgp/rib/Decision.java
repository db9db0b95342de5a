package dev.catwalk.bgp.rib;

import java.util.Arrays;
import java.util.List;

/** Chooses among the paths of one prefix: {@link Rung} after rung, then who is used beside it. */
final class Decision {
  private static final List<Rung> LADDER = List.of(Rung.values());
  private static final int BELOW_MERIT = LADDER.indexOf(Rung.LOWEST_MED_PER_NEIGHBOUR_AS);
  private static final int DEFINITE = LADDER.indexOf(Rung.LOWEST_BGP_ID);

  private final int maximum;
  private final boolean relaxAsPath;

  /**
   * @param maximum how many equally good paths are used at once
   * @param relaxAsPath whether another AS_PATH of the same length is as good
   */
  Decision(int maximum, boolean relaxAsPath) {
    assert maximum >= 1 : maximum;
    this.maximum = maximum;
    this.relaxAsPath = relaxAsPath;
  }

  /**
   * Puts the best of the first {@code count} candidates in front, behind it those that are used
   * beside it, and marks every other than the best with the rung where it fell.
   *
   * @return how many are used: at least 1
   */
  int decide(Candidate[] candidates, int count) {
    return decide(candidates, count, 0);
  }

  /** As {@link #decide}, among candidates of the same {@link Merit}. */
  int decideEquals(Candidate[] candidates, int count) {
    return decide(candidates, count, BELOW_MERIT);
  }

  private int decide(Candidate[] candidates, int count, int first) {
    int equal = count;
    for (int i = first; i < DEFINITE && equal > 1; i++) {
      equal = LADDER.get(i).climb(candidates, equal);
    }
    int left = equal;
    for (int i = DEFINITE; i < LADDER.size() && left > 1; i++) {
      left = LADDER.get(i).climb(candidates, left);
    }
    assert left == 1 : "two paths from one address";
    if (maximum == 1 || equal == 1) {
      return 1;
    }
    Arrays.sort(candidates, 1, equal, Decision::byTieBreak);
    Candidate best = candidates[0];
    int used = 1;
    for (int i = 1; i < equal && used < maximum; i++) {
      Candidate next = candidates[i];
      if (relaxAsPath || next.attributes().asPath().equals(best.attributes().asPath())) {
        System.arraycopy(candidates, used, candidates, used + 1, i - used);
        candidates[used++] = next;
      }
    }
    return used;
  }

  /** Only among equals: the last rungs compare two at a time without contradiction. */
  private static int byTieBreak(Candidate a, Candidate b) {
    for (int i = DEFINITE; i < LADDER.size(); i++) {
      int order = LADDER.get(i).compare(a, b);
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }
}
