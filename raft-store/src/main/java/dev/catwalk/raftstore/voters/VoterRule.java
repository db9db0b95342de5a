package dev.catwalk.raftstore.voters;

import java.util.List;

/**
 * What voters are wanted.
 *
 * @param count how many: 3 or 5
 * @param spread keys of labels, the widest first: voters are to have different values of the first;
 *     where they have the same, of the first and the second, and so on. At most {@link #MAX_KEYS}
 * @param replaceAfterMs a voter that has not answered for so long is gone for good, at least {@link
 *     #LEAST_MS}
 */
public record VoterRule(int count, List<String> spread, long replaceAfterMs) {
  public static final int MAX_KEYS = 8;
  public static final long LEAST_MS = 1000;

  /** Where the configuration says nothing else. */
  public static final VoterRule DEFAULT = new VoterRule(3, List.of("zone", "rack"), 600_000);

  private static final long GIVE_UP_MS = 15_000;

  public VoterRule {
    assert count == 3 || count == 5 : count;
    assert spread.size() <= MAX_KEYS : spread;
    assert replaceAfterMs >= LEAST_MS : replaceAfterMs;
    spread = List.copyOf(spread);
  }

  /** A node that has answered for so long without a break may be chosen: one that comes and goes is not. */
  public long steadyMs() {
    return replaceAfterMs / 10;
  }

  /** A node that was chosen and has not answered for so long since is given up. */
  public long giveUpMs() {
    return Math.max(replaceAfterMs / 2, GIVE_UP_MS);
  }
}
