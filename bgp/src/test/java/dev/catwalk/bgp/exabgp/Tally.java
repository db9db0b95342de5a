package dev.catwalk.bgp.exabgp;

import java.util.TreeMap;

/** Counts cases by family: passed, failed, and those to which nothing is expected. Prints all. */
final class Tally {
  private final String what;
  private final TreeMap<String, int[]> families = new TreeMap<>();

  Tally(String what) {
    this.what = what;
  }

  private int[] of(String family) {
    return families.computeIfAbsent(family, f -> new int[3]);
  }

  void count(String family, boolean passed) {
    of(family)[passed ? 0 : 1]++;
  }

  void unknown(String family) {
    of(family)[2]++;
  }

  /** Of those that were compared. */
  int total() {
    return families.values().stream().mapToInt(counts -> counts[0] + counts[1]).sum();
  }

  void print() {
    families.forEach((family, counts) -> System.out.printf(
        "exabgp %s %s: passed %d, failed %d, no expectation %d%n",
        what, family, counts[0], counts[1], counts[2]));
  }
}
