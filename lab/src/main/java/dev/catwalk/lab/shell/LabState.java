package dev.catwalk.lab.shell;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.lab.topology.Families;
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
    String topology,
    Options options,
    Map<String, List<IpAddress>> addresses,
    List<String> manifests) {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static Path file(Site site) {
    return site.state().resolve("lab.json");
  }

  public void write(Site site) throws LabException {
    ObjectNode json = JSON.createObjectNode().put("topology", topology).put("seed", options.seed());
    options.nodes().ifPresent(n -> json.put("nodes", n));
    json.put("family", options.families().toString());
    ArrayNode pools = json.putArray("pools");
    options.pools().forEach(p -> pools.add(p.toString()));
    ObjectNode pods = json.putObject("addresses");
    addresses.forEach((pod, given) -> {
      ArrayNode all = pods.putArray(pod);
      given.forEach(a -> all.add(a.toString()));
    });
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
      Map<String, List<IpAddress>> addresses = new TreeMap<>();
      for (Map.Entry<String, JsonNode> pod : json.path("addresses").properties()) {
        List<IpAddress> given = new ArrayList<>();
        pod.getValue().forEach(a -> given.add(IpAddress.parse(a.asText())));
        addresses.put(pod.getKey(), given);
      }
      List<String> manifests = new ArrayList<>();
      json.path("manifests").forEach(m -> manifests.add(m.asText()));
      List<Prefix> pools = new ArrayList<>();
      json.path("pools").forEach(p -> pools.add(Prefix.parse(p.asText())));
      Options options = new Options(
          json.has("nodes") ? Optional.of(json.path("nodes").asInt()) : Optional.empty(),
          pools,
          json.path("seed").asLong(),
          Families.named(json.path("family").asText()));
      return Optional.of(
          new LabState(json.path("topology").asText(), options, addresses, manifests));
    } catch (IOException | IllegalArgumentException e) {
      throw new LabException(
          file(site) + " cannot be read (" + e.getMessage() + "): './catwalk lab down' clears it",
          e);
    }
  }
}
