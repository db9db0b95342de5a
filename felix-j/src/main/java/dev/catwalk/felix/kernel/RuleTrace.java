package dev.catwalk.felix.kernel;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What shows at little cost whether somebody has written rules or sets: as long as it is equal, what
 * was read is still so. With nf_tables no change of rules escapes it; a table of ip_tables or a set
 * may be changed so that its size is as before, which only reading all of it shows.
 *
 * @param rules the generation of nf_tables; or for each table of ip_tables how many entries and
 *     bytes it has
 * @param sets how many members each set of ours has
 */
record RuleTrace(List<Integer> rules, SortedMap<String, Long> sets) {
  RuleTrace {
    rules = List.copyOf(rules);
    sets = Collections.unmodifiableSortedMap(new TreeMap<>(sets));
  }
}
