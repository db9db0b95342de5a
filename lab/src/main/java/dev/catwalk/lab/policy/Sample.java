package dev.catwalk.lab.policy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Some of many cases, so that each file and each tag has its share: again and again the stratum that
 * has fewest picked cases (of those a file's, then the rarest) gives its next one. The states of one run are
 * picked together. The same cases, number and seed give the same sample.
 */
public final class Sample {
  private static final String FILE = "file ";

  private Sample() {}

  /**
   * Picks.
   *
   * @param wanted how many cases; one less or two may come out, where runs of several do not fit
   * @return in the order of {@code cases}
   */
  public static List<PolicyCase> pick(List<PolicyCase> cases, int wanted, long seed) {
    Map<String, List<PolicyCase>> units = new LinkedHashMap<>();
    cases.forEach(c ->
        units.computeIfAbsent(c.file() + " " + c.unit(), k -> new ArrayList<>()).add(c));
    List<List<PolicyCase>> shuffled = new ArrayList<>(units.values());
    Collections.shuffle(shuffled, new Random(seed));
    SortedMap<String, List<List<PolicyCase>>> strata = new TreeMap<>();
    for (List<PolicyCase> unit : shuffled) {
      strataOf(unit)
          .forEach(s -> strata.computeIfAbsent(s, k -> new ArrayList<>()).add(unit));
    }
    SortedMap<String, Integer> picked = new TreeMap<>();
    TreeSet<String> ids = new TreeSet<>();
    while (!strata.isEmpty()) {
      Map.Entry<String, List<List<PolicyCase>>> next = strata.entrySet().stream()
          .min(Comparator.comparing((Map.Entry<String, List<List<PolicyCase>>> e) ->
                  picked.getOrDefault(e.getKey(), 0))
              .thenComparing(e -> !e.getKey().startsWith(FILE))
              .thenComparing(e -> e.getValue().size()))
          .orElseThrow();
      List<PolicyCase> unit = next.getValue().removeFirst();
      if (next.getValue().isEmpty()) {
        strata.remove(next.getKey());
      }
      if (!ids.contains(key(unit.getFirst())) && ids.size() + unit.size() <= wanted) {
        unit.forEach(c -> ids.add(key(c)));
        strataOf(unit).forEach(s -> picked.merge(s, 1, Integer::sum));
      }
    }
    return cases.stream().filter(c -> ids.contains(key(c))).toList();
  }

  private static String key(PolicyCase one) {
    return one.file() + " " + one.id();
  }

  private static TreeSet<String> strataOf(List<PolicyCase> unit) {
    TreeSet<String> strata = new TreeSet<>();
    for (PolicyCase one : unit) {
      strata.add(FILE + one.file());
      one.tags().forEach(t -> strata.add("tag " + t));
      if (one.step().isPresent()) {
        strata.add("sequence");
      }
    }
    return strata;
  }
}
