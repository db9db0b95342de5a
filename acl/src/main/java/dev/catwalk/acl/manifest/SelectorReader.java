package dev.catwalk.acl.manifest;

import dev.catwalk.acl.model.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Reads a Kubernetes LabelSelector. */
final class SelectorReader {
  private SelectorReader() {}

  static Selector read(Located at) {
    at.only("matchLabels", "matchExpressions");
    List<Selector> parts = new ArrayList<>();
    at.field("matchLabels")
        .map(Metadata::labels)
        .ifPresent(labels ->
            labels.forEach((k, v) -> parts.add(new Selector.In(k, new TreeSet<>(List.of(v))))));
    for (Located expression : at.items("matchExpressions")) {
      requirement(expression).ifPresent(parts::add);
    }
    return Selector.and(parts);
  }

  private static Optional<Selector> requirement(Located at) {
    at.only("key", "operator", "values");
    Optional<Located> keyField = at.field("key");
    Optional<Located> operatorField = at.field("operator");
    if (keyField.isEmpty()) {
      at.missing("key", "the label's key");
    }
    if (operatorField.isEmpty()) {
      at.missing("operator", "In, NotIn, Exists or DoesNotExist");
    }
    Optional<String> key = keyField.flatMap(k -> k.text().filter(text -> Syntax.labelKey(k, text)));
    TreeSet<String> values = new TreeSet<>();
    at.items("values").forEach(v -> Syntax.labelValue(v).ifPresent(values::add));
    String operator = operatorField.flatMap(Located::text).orElse("");
    if (key.isEmpty() || operator.isEmpty()) {
      return Optional.empty();
    }
    boolean given = !at.items("values").isEmpty();
    return switch (operator) {
      case "In", "NotIn" -> {
        if (!given) {
          at.missing("values", operator + " wants at least one");
        }
        Selector in = new Selector.In(key.get(), values);
        yield Optional.of(operator.equals("In") ? in : new Selector.Not(in));
      }
      case "Exists", "DoesNotExist" -> {
        if (given) {
          at.field("values")
              .ifPresent(v -> v.problem(operator + " takes no values", "remove them"));
        }
        Selector has = new Selector.Has(key.get());
        yield Optional.of(operator.equals("Exists") ? has : new Selector.Not(has));
      }
      default -> {
        operatorField
            .get()
            .problem("'" + operator + "' is no operator", "In, NotIn, Exists or DoesNotExist");
        yield Optional.empty();
      }
    };
  }
}
