package dev.catwalk.felix.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A JSON object whose members must be what they are read as. */
final class JsonObject {
  private final JsonNode node;

  JsonObject(@Nullable JsonNode node) {
    if (node == null || !node.isObject()) {
      throw new IllegalArgumentException("not a JSON object");
    }
    this.node = node;
  }

  String text(String member) {
    return text(member, node.path(member));
  }

  long number(String member) {
    JsonNode value = node.path(member);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw new IllegalArgumentException("member " + member + " is not a whole number");
    }
    return value.longValue();
  }

  List<IpAddress> addresses(String member) {
    List<IpAddress> all = new ArrayList<>();
    for (JsonNode element : array(member)) {
      all.add(IpAddress.parse(text(member, element)));
    }
    return all;
  }

  SortedMap<String, String> map(String member) {
    JsonNode object = node.path(member);
    if (!object.isObject()) {
      throw new IllegalArgumentException("member " + member + " is not an object");
    }
    SortedMap<String, String> map = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : object.properties()) {
      map.put(entry.getKey(), text(member + "." + entry.getKey(), entry.getValue()));
    }
    return map;
  }

  List<JsonObject> objects(String member) {
    List<JsonObject> all = new ArrayList<>();
    for (JsonNode element : array(member)) {
      all.add(new JsonObject(element));
    }
    return all;
  }

  private JsonNode array(String member) {
    JsonNode value = node.path(member);
    if (!value.isArray()) {
      throw new IllegalArgumentException("member " + member + " is not a list");
    }
    return value;
  }

  private static String text(String member, JsonNode value) {
    if (!value.isTextual()) {
      throw new IllegalArgumentException("member " + member + " is not a text");
    }
    return value.textValue();
  }
}
