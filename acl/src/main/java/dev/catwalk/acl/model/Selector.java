package dev.catwalk.acl.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A predicate over labels. Its text form is canonical: equal selectors, however they were written,
 * have equal texts, so that whatever is derived from the text is shared between policies.
 */
public sealed interface Selector {

  /** Matches every set of labels. */
  record All() implements Selector {
    @Override
    public String toString() {
      return "all()";
    }
  }

  /** The label is there, whatever its value. */
  record Has(String key) implements Selector {
    @Override
    public String toString() {
      return "has(" + key + ")";
    }
  }

  /** The label is there with one of these values. */
  record In(String key, SortedSet<String> values) implements Selector {
    public In {
      values = Collections.unmodifiableSortedSet(new TreeSet<>(values));
    }

    @Override
    public String toString() {
      return values.stream()
          .map(v -> "'" + v + "'")
          .collect(Collectors.joining(", ", key + " in {", "}"));
    }
  }

  /** True where {@code of} is not: also where its label is missing. */
  record Not(Selector of) implements Selector {
    @Override
    public String toString() {
      return "!(" + of + ")";
    }
  }

  /** Every one of at least two, in the order of their texts, none twice: made by {@link #and}. */
  record And(List<Selector> all) implements Selector {
    public And {
      all = List.copyOf(all);
      assert all.size() > 1 : all;
    }

    @Override
    public String toString() {
      return all.stream().map(Object::toString).collect(Collectors.joining(" && "));
    }
  }

  /** The conjunction in its normal form: of none it is {@link All}, of one that one. */
  static Selector and(List<Selector> parts) {
    SortedMap<String, Selector> byText = new TreeMap<>();
    for (Selector part : parts) {
      if (!(part instanceof All)) {
        byText.put(part.toString(), part);
      }
    }
    return switch (byText.size()) {
      case 0 -> new All();
      case 1 -> byText.firstEntry().getValue();
      default -> new And(new ArrayList<>(byText.values()));
    };
  }

  default boolean matches(SortedMap<String, String> labels) {
    return switch (this) {
      case All() -> true;
      case Has(String key) -> labels.containsKey(key);
      case In(String key, SortedSet<String> values) -> {
        String value = labels.get(key);
        yield value != null && values.contains(value);
      }
      case Not(Selector of) -> !of.matches(labels);
      case And(List<Selector> all) -> {
        for (Selector one : all) {
          if (!one.matches(labels)) {
            yield false;
          }
        }
        yield true;
      }
    };
  }

  /** The labels that the answer depends on. */
  default SortedSet<String> keys() {
    return switch (this) {
      case All() -> new TreeSet<>();
      case Has(String key) -> new TreeSet<>(List.of(key));
      case In(String key, SortedSet<String> ignored) -> new TreeSet<>(List.of(key));
      case Not(Selector of) -> of.keys();
      case And(List<Selector> all) -> {
        SortedSet<String> keys = new TreeSet<>();
        all.forEach(one -> keys.addAll(one.keys()));
        yield keys;
      }
    };
  }
}
