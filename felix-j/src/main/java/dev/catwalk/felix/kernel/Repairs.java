package dev.catwalk.felix.kernel;

/**
 * How much of what somebody else had changed was put right since the start.
 *
 * @param routes added, replaced or removed
 * @param links of pods, set up again, or removed because nobody wants them
 * @param sysctls set again
 * @param rules chains, and jumps from built-in chains to them, written anew or removed
 * @param sets made, filled, emptied or removed
 */
public record Repairs(long routes, long links, long sysctls, long rules, long sets) {

  static final Repairs NONE = new Repairs(0, 0, 0, 0, 0);

  public long total() {
    return routes + links + sysctls + rules + sets;
  }
}
