package dev.catwalk.lab.shell;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.lab.topology.Options;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a later command must know of a lab: enough to plan it again, the pods' addresses, and which
 * manifests were applied.
 *
 * @param topology the file's name without folder and ending
 * @param addresses of pods by their full names
 * @param manifests paths below the checkout
 */
public record LabState(
    String topology, Options options, Map<String, IpAddress> addresses, List<String> manifests) {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static Path file(Site site) {
    return site.state().resolve("lab.json");
  }

  public void write(Site site) throws LabException {
    ObjectNode json = JSON.createObjectNode().put("topology", topology).put("seed", options.seed());
    options.nodes().ifPresent(n -> json.put("nodes", n));
    options.pool().ifPresent(p -> json.put("pool", p.toString()));
    ObjectNode pods = json.putObject("addresses");
    addresses.forEach((pod, address) -> pods.put(pod, address.toString()));
    manifests.forEach(json.putArray("manifests")::add);
    site.write(file(site), json.toPrettyString() + "\n");
  }

  /** Nothing where no lab was built to that point. */
  public static Optional<LabState> read(Site site) throws LabException {
    if (!Files.exists(file(site))) {
      return Optional.empty();
    }
    try {
      JsonNode json = JSON.readTree(file(site).toFile());
      Map<String, IpAddress> addresses = new TreeMap<>();
      for (Map.Entry<String, JsonNode> pod : json.path("addresses").properties()) {
        addresses.put(pod.getKey(), IpAddress.parse(pod.getValue().asText()));
      }
      List<String> manifests = new ArrayList<>();
      json.path("manifests").forEach(m -> manifests.add(m.asText()));
      Options options = new Options(
          json.has("nodes") ? Optional.of(json.path("nodes").asInt()) : Optional.empty(),
          json.has("pool")
              ? Optional.of(Prefix.parse(json.path("pool").asText()))
              : Optional.empty(),
          json.path("seed").asLong());
      return Optional.of(
          new LabState(json.path("topology").asText(), options, addresses, manifests));
    } catch (IOException | IllegalArgumentException e) {
      throw new LabException(
          file(site) + " cannot be read (" + e.getMessage() + "): './catwalk lab down' clears it",
          e);
    }
  }
}
