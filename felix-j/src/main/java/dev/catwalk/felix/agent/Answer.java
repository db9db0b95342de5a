package dev.catwalk.felix.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the command line gets: text that is ready to print, and its exit status.
 *
 * @param status as docs/contracts.md has it: 0, 1 the answer is no, 2 a wrong question, 4 refused
 * @param error a line for stderr; may be empty
 */
record Answer(int status, String out, String error) {
  static final int NO = 1;
  static final int USAGE = 2;
  static final int REFUSED = 4;

  static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** A question: see {@code felix.cni.Frame}. */
  record Question(
      String verb, String format, Map<String, String> arguments, Map<String, String> files) {

    /**
     * Reads one.
     *
     * @throws IOException with a sentence about what is wrong
     */
    static Question read(byte[] bytes) throws IOException {
      JsonNode root;
      try {
        root = JSON.readTree(bytes);
      } catch (JsonProcessingException e) {
        throw new IOException("the question is not JSON: " + e.getOriginalMessage(), e);
      }
      return new Question(
          root.path("verb").asText(""),
          root.path("format").asText("table"),
          texts(root.path("arguments")),
          texts(root.path("files")));
    }

    private static Map<String, String> texts(JsonNode node) {
      Map<String, String> texts = new LinkedHashMap<>();
      node.properties().forEach(e -> texts.put(e.getKey(), e.getValue().asText()));
      return Collections.unmodifiableMap(texts);
    }

    String argument(String name) {
      return arguments.getOrDefault(name, "");
    }
  }

  static Answer ok(String out) {
    return new Answer(0, out, "");
  }

  static Answer refused(String why) {
    return new Answer(REFUSED, "", "catwalk: " + why);
  }

  byte[] encode() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("status", status).put("out", out).put("error", error);
    return root.toString().getBytes(StandardCharsets.UTF_8);
  }
}
