package dev.catwalk.felix.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/** One answer as a table, JSON or YAML. The members are the same in each but the table. */
final class Render {
  private static final DumpSettings YAML =
      DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).build();

  private Render() {}

  /**
   * Writes {@code value}.
   *
   * @param table what stands for it in a table
   */
  static Answer as(String format, JsonNode value, String table) {
    return switch (format) {
      case "table" -> Answer.ok(table);
      case "json" -> Answer.ok(json(value));
      case "yaml" -> Answer.ok(new Dump(YAML).dumpToString(plain(value)));
      default ->
        new Answer(
            Answer.USAGE, "", "catwalk: '" + format + "' is no format: want table, json or yaml");
    };
  }

  private static String json(JsonNode value) {
    try {
      return Answer.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e); // a tree can always be written
    }
  }

  private static Object plain(JsonNode value) {
    return switch (value.getNodeType()) {
      case OBJECT -> {
        Map<String, Object> map = new LinkedHashMap<>();
        value.properties().forEach(e -> map.put(e.getKey(), plain(e.getValue())));
        yield map;
      }
      case ARRAY -> {
        List<Object> list = new ArrayList<>();
        value.forEach(e -> list.add(plain(e)));
        yield list;
      }
      case BOOLEAN -> value.booleanValue();
      case NUMBER -> value.numberValue();
      case NULL, MISSING, BINARY, POJO, STRING -> value.asText("");
    };
  }

  /**
   * Rows of an array, aligned. A column is {@code TITLE=path.of.members}; lists are joined by
   * commas, what is missing is a dash.
   */
  static String table(JsonNode rows, String... columns) {
    List<List<String>> cells = new ArrayList<>();
    List<String> titles = new ArrayList<>();
    for (String column : columns) {
      titles.add(column.substring(0, column.indexOf('=')));
    }
    cells.add(titles);
    for (JsonNode row : rows) {
      List<String> line = new ArrayList<>();
      for (String column : columns) {
        JsonNode at = row;
        for (String step : column.substring(column.indexOf('=') + 1).split("\\.")) {
          at = at.path(step);
        }
        line.add(cell(at));
      }
      cells.add(line);
    }
    return aligned(cells);
  }

  static String cell(JsonNode value) {
    if (value instanceof ArrayNode array) {
      List<String> texts = new ArrayList<>();
      array.forEach(v -> texts.add(cell(v)));
      return texts.isEmpty() ? "-" : String.join(",", texts);
    }
    String text = value.asText("");
    return text.isEmpty() ? "-" : text;
  }

  private static String aligned(List<List<String>> cells) {
    int columns = cells.getFirst().size();
    int[] width = new int[columns];
    for (List<String> row : cells) {
      for (int i = 0; i < columns; i++) {
        width[i] = Math.max(width[i], row.get(i).length());
      }
    }
    StringBuilder out = new StringBuilder();
    for (List<String> row : cells) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        line.append(row.get(i)).repeat(" ", width[i] - row.get(i).length() + 2);
      }
      out.append(line.toString().stripTrailing()).append('\n');
    }
    return out.toString();
  }
}
