package dev.catwalk.felix.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.net.addr.IpAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** Values as JSON: members in the order in which they were put, the format version first. */
final class Json {
  static final int VERSION = 1;

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Json() {}

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** An object that begins with the format version. */
  static ObjectNode value() {
    return object().put("v", VERSION);
  }

  static void addresses(ObjectNode json, String member, List<IpAddress> addresses) {
    ArrayNode array = json.putArray(member);
    addresses.forEach(a -> array.add(a.toString()));
  }

  static void map(ObjectNode json, String member, SortedMap<String, String> map) {
    ObjectNode object = json.putObject(member);
    for (Map.Entry<String, String> entry : map.entrySet()) {
      object.put(entry.getKey(), entry.getValue());
    }
  }

  static byte[] bytes(ObjectNode json) {
    return json.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** An object of this format; members that are not known are passed over. */
  static JsonObject read(byte[] bytes) {
    JsonNode node;
    try {
      node = MAPPER.readTree(new String(bytes, StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
    }
    JsonObject json = new JsonObject(node);
    if (json.number("v") != VERSION) {
      throw new IllegalArgumentException(
          "format version " + json.number("v") + ", this program knows " + VERSION);
    }
    return json;
  }
}
