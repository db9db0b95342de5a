package dev.catwalk.lab.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.catwalk.lab.policy.PolicyCase.Host;
import dev.catwalk.lab.policy.PolicyCase.Pod;
import dev.catwalk.lab.policy.PolicyCase.Port;
import dev.catwalk.lab.policy.PolicyCase.Probe;
import dev.catwalk.lab.policy.PolicyCase.Step;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads a file of policy cases: a JSON list. */
public final class CaseFile {
  private static final Set<String> PROTOCOLS = Set.of("TCP", "UDP", "SCTP");

  private CaseFile() {}

  /**
   * Reads all cases of a text.
   *
   * @param file its name, for messages
   * @throws IllegalArgumentException naming file, case and member
   */
  public static List<PolicyCase> parse(String file, String text) {
    JsonNode all;
    try {
      all = new ObjectMapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(file + " is no JSON: " + e.getMessage(), e);
    }
    if (!all.isArray()) {
      throw new IllegalArgumentException(file + ": want a list of cases");
    }
    List<PolicyCase> cases = new ArrayList<>();
    for (JsonNode one : all) {
      String id = one.path("id").asText("number " + (cases.size() + 1));
      try {
        cases.add(read(file, one));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(file + ": case " + id + ": " + e.getMessage(), e);
      }
    }
    return cases;
  }

  private static PolicyCase read(String file, JsonNode json) {
    String family = json.path("family").asText("k8s");
    if (!family.equals("k8s")) {
      throw new IllegalArgumentException("the family " + family + " is not supported yet, k8s is");
    }
    SortedMap<String, SortedMap<String, String>> namespaces = new TreeMap<>();
    json.path("namespaces")
        .properties()
        .forEach(e -> namespaces.put(e.getKey(), labels(e.getValue())));
    TreeSet<String> tags = new TreeSet<>();
    json.path("tags").forEach(t -> tags.add(t.asText()));
    List<Pod> pods = new ArrayList<>();
    json.path("pods").forEach(p -> pods.add(pod(p)));
    List<String> policies = new ArrayList<>();
    json.path("policies").forEach(p -> policies.add(p.asText()));
    List<Probe> probes = new ArrayList<>();
    json.path("probes").forEach(p -> probes.add(probe(p)));
    JsonNode sequence = json.path("sequence");
    return new PolicyCase(
        text(json, "id"),
        file,
        tags,
        sequence.isObject()
            ? Optional.of(new Step(
                text(sequence, "id"),
                sequence.path("step").asInt(),
                sequence.path("of").asInt()))
            : Optional.empty(),
        namespaces,
        pods,
        hosts(json.path("nodes")),
        hosts(json.path("externals")),
        policies,
        probes);
  }

  private static Pod pod(JsonNode json) {
    List<Port> ports = new ArrayList<>();
    for (JsonNode port : json.path("ports")) {
      if (port.path("declared").asBoolean(true)) {
        ports.add(new Port(optional(port, "name"), text(port, "protocol"), port(port)));
      }
    }
    return new Pod(
        text(json, "ns"),
        text(json, "name"),
        text(json, "ip"),
        labels(json.path("labels")),
        ports,
        optional(json, "node"),
        json.path("hostNetwork").asBoolean(false),
        optional(json, "phase"));
  }

  private static Probe probe(JsonNode json) {
    String protocol = text(json, "protocol");
    if (!PROTOCOLS.contains(protocol)) {
      throw new IllegalArgumentException(
          "the protocol " + protocol + " is not supported yet: TCP, UDP and SCTP are");
    }
    return new Probe(
        text(json, "from"), text(json, "to"), protocol, port(json), optional(json, "expected"));
  }

  private static List<Host> hosts(JsonNode json) {
    List<Host> hosts = new ArrayList<>();
    json.forEach(h -> hosts.add(new Host(text(h, "name"), IpAddress.parse(text(h, "ip")))));
    return hosts;
  }

  private static String text(JsonNode json, String member) {
    return optional(json, member)
        .orElseThrow(() ->
            new IllegalArgumentException("the member '" + member + "' is missing or no text"));
  }

  private static Optional<String> optional(JsonNode json, String member) {
    JsonNode value = json.path(member);
    return value.isTextual() ? Optional.of(value.asText()) : Optional.empty();
  }

  private static int port(JsonNode json) {
    JsonNode value = json.path("port");
    if (!value.canConvertToInt() || value.asInt() < 1 || value.asInt() > 65535) {
      throw new IllegalArgumentException("the member 'port' is no number from 1 to 65535");
    }
    return value.asInt();
  }

  private static SortedMap<String, String> labels(JsonNode json) {
    SortedMap<String, String> labels = new TreeMap<>();
    json.properties().forEach(e -> labels.put(e.getKey(), e.getValue().asText()));
    return labels;
  }
}
