package dev.catwalk.lab.check;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * A number that a benchmark found.
 *
 * @param aim what it shall not be above, where something was aimed at
 */
public record Measurement(String what, double value, String unit, OptionalDouble aim) {
  public static Measurement of(String what, double value, String unit) {
    return new Measurement(what, value, unit, OptionalDouble.empty());
  }

  public Measurement aim(double atMost) {
    return new Measurement(what, value, unit, OptionalDouble.of(atMost));
  }

  public boolean missed() {
    return aim.isPresent() && value > aim.getAsDouble();
  }

  /**
   * The nearest-rank percentile.
   *
   * @param values at least one
   * @param percent above 0, at most 100
   */
  public static double percentile(List<Long> values, double percent) {
    List<Long> sorted = values.stream().sorted().toList();
    return sorted.get((int) Math.ceil(percent / 100 * sorted.size()) - 1);
  }

  /** A row each. */
  public static String text(List<Measurement> all) {
    Table table = new Table("WHAT", "VALUE", "AIM", "");
    for (Measurement m : all) {
      table.row(
          m.what,
          Double.isInfinite(m.value) ? "not reached" : number(m.value) + " " + m.unit,
          m.aim.isPresent() ? "at most " + number(m.aim.getAsDouble()) : "",
          m.aim.isEmpty() ? "" : m.missed() ? "missed" : "met");
    }
    return table.text();
  }

  /** With the members what, value, unit, aim and met; the last two only where there is an aim. */
  public static ArrayNode json(List<Measurement> all) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    for (Measurement m : all) {
      ObjectNode one =
          array.addObject().put("what", m.what).put("value", m.value).put("unit", m.unit);
      if (m.aim.isPresent()) {
        one.put("aim", m.aim.getAsDouble()).put("met", !m.missed());
      }
    }
    return array;
  }

  /** Three digits that count. */
  private static String number(double value) {
    double size = Math.abs(value);
    int decimals = size >= 100 || value == Math.rint(value) ? 0 : size >= 10 ? 1 : 2;
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }
}
