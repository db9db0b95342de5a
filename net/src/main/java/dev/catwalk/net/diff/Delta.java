package dev.catwalk.net.diff;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;

/**
 * The difference between a desired and an actual state, in key order. Whoever applies it adds and
 * replaces first and removes last, so that nothing is without its successor for a moment.
 *
 * @param missing desired, not there
 * @param changed desired, there under the same key with another value: to be replaced in place
 * @param stale there, not desired
 */
public record Delta<T>(List<T> missing, List<Change<T>> changed, List<T> stale) {

  /** What is there under a key, and what shall be. */
  public record Change<T>(T actual, T desired) {}

  public Delta {
    missing = List.copyOf(missing);
    changed = List.copyOf(changed);
    stale = List.copyOf(stale);
  }

  /** Of values that are their own keys: nothing is ever changed, only missing or stale. */
  public static <T> Delta<T> between(SortedSet<T> desired, SortedSet<T> actual) {
    List<T> missing = new ArrayList<>();
    List<T> stale = new ArrayList<>();
    for (T value : desired) {
      if (!actual.contains(value)) {
        missing.add(value);
      }
    }
    for (T value : actual) {
      if (!desired.contains(value)) {
        stale.add(value);
      }
    }
    return new Delta<>(missing, List.of(), stale);
  }

  /** Of keyed values, compared by {@code equals}. */
  public static <K, T> Delta<T> between(SortedMap<K, T> desired, SortedMap<K, T> actual) {
    List<T> missing = new ArrayList<>();
    List<Change<T>> changed = new ArrayList<>();
    List<T> stale = new ArrayList<>();
    for (Map.Entry<K, T> wanted : desired.entrySet()) {
      T there = actual.get(wanted.getKey());
      if (there == null) {
        missing.add(wanted.getValue());
      } else if (!Objects.equals(there, wanted.getValue())) {
        changed.add(new Change<>(there, wanted.getValue()));
      }
    }
    for (Map.Entry<K, T> there : actual.entrySet()) {
      if (!desired.containsKey(there.getKey())) {
        stale.add(there.getValue());
      }
    }
    return new Delta<>(missing, changed, stale);
  }

  public boolean isEmpty() {
    return missing.isEmpty() && changed.isEmpty() && stale.isEmpty();
  }
}
