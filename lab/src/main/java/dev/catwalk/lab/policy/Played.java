package dev.catwalk.lab.policy;

import dev.catwalk.lab.policy.PolicyCase.Probe;

/**
 * What became of a probe.
 *
 * @param seen {@code allow}, {@code deny}, or how else it failed
 * @param scored whether the case's expectation counts
 * @param attempts 1 or more; more than one where no answer had come
 */
public record Played(String id, Probe probe, String seen, boolean scored, int attempts) {
  private static final String ALLOW = "allow";
  private static final String DENY = "deny";

  /** @param answer {@code ok MICROSECONDS}, {@code timeout} or another failure */
  public static Played of(PolicyCase one, Probe probe, String answer, int attempts) {
    String seen = answer.startsWith("ok ") ? ALLOW : answer.equals("timeout") ? DENY : answer;
    return new Played(one.id(), probe, seen, one.scores(probe), attempts);
  }

  /** Whether it is as it should be, or nobody says how it should be. */
  public boolean agrees() {
    return !scored || seen.equals(probe.expected().orElse(seen));
  }

  /**
   * Whether a longer wait could still change it: of what should have passed as often as one likes,
   * once where nobody says what it should. What passed and must not have stays a disagreement
   * whatever a second packet does.
   */
  public boolean mayBeLate() {
    return !seen.equals(ALLOW) && probe.expected().map(ALLOW::equals).orElse(attempts == 1);
  }

  /** Whether its answer came, but not at once. */
  public boolean late() {
    return seen.equals(ALLOW) && attempts > 1;
  }

  @Override
  public String toString() {
    return id + " " + probe + " " + seen
        + probe.expected().map(e -> ", expected " + e).orElse("");
  }
}
