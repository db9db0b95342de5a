package dev.catwalk.felix.cni;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What container runtimes that use the CNI project's library keep of each interface that they asked
 * for: a file each, below {@code /var/lib/cni/results}.
 */
public final class RuntimeRecord {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String KIND = "cniCacheV1";
  private static final String PLUGIN = "catwalk";

  private RuntimeRecord() {}

  /**
   * The ADD that such a file tells of; nothing if it was not for this plugin, or cannot be read.
   *
   * @param text the file
   */
  public static Optional<CniRequest.Add> parse(String text) {
    try {
      JsonNode file = JSON.readTree(text);
      if (file == null || !file.path("kind").asText().equals(KIND)) {
        return Optional.empty();
      }
      byte[] config = Base64.getDecoder().decode(file.path("config").asText());
      Optional<JsonNode> plugin = plugin(JSON.readTree(new String(config, StandardCharsets.UTF_8)));
      if (plugin.isEmpty()) {
        return Optional.empty();
      }
      TreeMap<String, String> environment = new TreeMap<>();
      environment.put("CNI_COMMAND", "ADD");
      environment.put("CNI_CONTAINERID", file.path("containerId").asText());
      environment.put("CNI_IFNAME", file.path("ifName").asText());
      environment.put("CNI_NETNS", netns(file));
      environment.put("CNI_ARGS", arguments(file.path("cniArgs")));
      return CniRequest.parse(environment, plugin.get().toString()) instanceof CniRequest.Add add
          ? Optional.of(add)
          : Optional.empty();
    } catch (JsonProcessingException | IllegalArgumentException | CniException e) {
      return Optional.empty();
    }
  }

  /** Of a list of plugins ours, with what the list says of all. */
  private static Optional<JsonNode> plugin(JsonNode config) {
    if (config.path("type").asText().equals(PLUGIN)) {
      return Optional.of(config);
    }
    for (JsonNode one : config.path("plugins")) {
      if (one.path("type").asText().equals(PLUGIN) && one instanceof ObjectNode plugin) {
        plugin.set("name", config.path("name"));
        plugin.set("cniVersion", config.path("cniVersion"));
        return Optional.of(plugin);
      }
    }
    return Optional.empty();
  }

  private static String netns(JsonNode file) {
    String own = file.path("netns").asText("");
    if (!own.isEmpty()) {
      return own;
    }
    for (JsonNode link : file.path("result").path("interfaces")) {
      if (!link.path("sandbox").asText("").isEmpty()) {
        return link.path("sandbox").asText();
      }
    }
    return "";
  }

  private static String arguments(JsonNode pairs) {
    List<String> all = new ArrayList<>();
    for (JsonNode pair : pairs) {
      all.add(pair.path(0).asText() + "=" + pair.path(1).asText());
    }
    return String.join(";", all);
  }
}
