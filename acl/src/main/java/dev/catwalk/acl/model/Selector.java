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
          .map(Selector::quoted)
          .collect(Collectors.joining(", ", key + " in {", "}"));
    }
  }

  /** Where in a value something is looked for. */
  enum Where {
    CONTAINS("contains"),
    STARTS("starts with"),
    ENDS("ends with");

    private final String text;

    Where(String text) {
      this.text = text;
    }
  }

  /** The label is there and its value has this part. */
  record Part(String key, Where where, String part) implements Selector {
    boolean isIn(String value) {
      return switch (where) {
        case CONTAINS -> value.contains(part);
        case STARTS -> value.startsWith(part);
        case ENDS -> value.endsWith(part);
      };
    }

    @Override
    public String toString() {
      return key + " " + where.text + " " + quoted(part);
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

  /** At least one of at least two, in the order of their texts, none twice: made by {@link #or}. */
  record Or(List<Selector> any) implements Selector {
    public Or {
      any = List.copyOf(any);
      assert any.size() > 1 : any;
    }

    @Override
    public String toString() {
      return any.stream().map(Object::toString).collect(Collectors.joining(" || ", "(", ")"));
    }
  }

  /**
   * Reads Calico's selector language; an empty text selects all.
   *
   * @throws IllegalArgumentException naming the column and what was wanted there
   */
  static Selector parse(String text) {
    return SelectorParser.parse(text);
  }

  /** No text has both kinds of quotes in it: none of the languages could write it. */
  private static String quoted(String text) {
    return text.contains("'") ? "\"" + text + "\"" : "'" + text + "'";
  }

  /** The negation in its normal form: nothing is negated twice. */
  static Selector not(Selector of) {
    return of instanceof Not(Selector inner) ? inner : new Not(of);
  }

  /** The disjunction of at least one in its normal form: of one it is that one. */
  static Selector or(List<Selector> parts) {
    SortedMap<String, Selector> byText = new TreeMap<>();
    for (Selector part : parts) {
      for (Selector one : part instanceof Or(List<Selector> any) ? any : List.of(part)) {
        byText.put(one.toString(), one);
      }
    }
    if (byText.values().stream().anyMatch(All.class::isInstance)) {
      return new All();
    }
    return byText.size() == 1
        ? byText.firstEntry().getValue()
        : new Or(new ArrayList<>(byText.values()));
  }

  /** The conjunction in its normal form: of none it is {@link All}, of one that one. */
  static Selector and(List<Selector> parts) {
    SortedMap<String, Selector> byText = new TreeMap<>();
    for (Selector part : parts) {
      for (Selector one : part instanceof And(List<Selector> all) ? all : List.of(part)) {
        if (!(one instanceof All)) {
          byText.put(one.toString(), one);
        }
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
      case Part part -> {
        String value = labels.get(part.key());
        yield value != null && part.isIn(value);
      }
      case Not(Selector of) -> !of.matches(labels);
      case Or(List<Selector> any) -> {
        for (Selector one : any) {
          if (one.matches(labels)) {
            yield true;
          }
        }
        yield false;
      }
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
      case Part part -> new TreeSet<>(List.of(part.key()));
      case Not(Selector of) -> of.keys();
      case Or(List<Selector> any) -> keys(any);
      case And(List<Selector> all) -> keys(all);
    };
  }

  private static SortedSet<String> keys(List<Selector> parts) {
    SortedSet<String> keys = new TreeSet<>();
    parts.forEach(one -> keys.addAll(one.keys()));
    return keys;
  }
}
