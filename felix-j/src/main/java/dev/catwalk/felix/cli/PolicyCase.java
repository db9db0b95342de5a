package dev.catwalk.felix.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.catwalk.acl.manifest.ManifestObject;
import dev.catwalk.acl.manifest.Manifests;
import dev.catwalk.acl.manifest.Parsed;
import dev.catwalk.acl.model.NamedPort;
import dev.catwalk.acl.model.Namespace;
import dev.catwalk.acl.model.Policy;
import dev.catwalk.acl.model.PolicyState;
import dev.catwalk.acl.model.Protocol;
import dev.catwalk.acl.model.Workload;
import dev.catwalk.acl.model.WorkloadKey;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A case of a file of policy cases: the state of a cluster, and packets with what must become of
 * them.
 *
 * @param scored false where the case says that the outcome is the implementation's own
 * @param standIns pods whose address in the file is none, or another live pod's: they got another
 *     one, since no packet could tell them apart
 */
record PolicyCase(
    String id,
    PolicyState state,
    List<Probe> probes,
    List<Probe> matrix,
    boolean scored,
    List<String> standIns) {

  private static final Prefix STAND_INS = Prefix.parse("198.18.0.0/15");

  /**
   * A packet.
   *
   * @param protocol as the file writes it
   * @param number of the protocol
   * @param port 0 where there is none
   * @param expected {@code allow} or {@code deny}; null where nothing is said
   */
  record Probe(
      String from,
      String to,
      IpAddress source,
      IpAddress destination,
      String protocol,
      int number,
      int port,
      @Nullable String expected) {}

  /**
   * Reads one element of a file.
   *
   * @throws IllegalArgumentException naming the member
   */
  static PolicyCase read(JsonNode json) {
    String id = text(json, "id");
    try {
      return new Reader(json).read(id);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("case " + id + ": " + e.getMessage(), e);
    }
  }

  private static String text(JsonNode json, String member) {
    JsonNode value = json.path(member);
    if (!value.isTextual()) {
      throw new IllegalArgumentException("the member '" + member + "' is missing or no text");
    }
    return value.asText();
  }

  private static int number(JsonNode json, String member) {
    JsonNode value = json.path(member);
    if (!value.canConvertToInt() || value.asInt() < 0 || value.asInt() > 65535) {
      throw new IllegalArgumentException("the member '" + member + "' is no number to 65535");
    }
    return value.asInt();
  }

  /** Reads one case. */
  private static final class Reader {
    private final JsonNode json;
    private final SortedMap<String, IpAddress> addresses = new TreeMap<>();
    private final SortedMap<String, Namespace> namespaces = new TreeMap<>();
    private final SortedMap<WorkloadKey, Workload> workloads = new TreeMap<>();
    private final SortedMap<String, List<IpAddress>> nodes = new TreeMap<>();
    private final List<String> standIns = new ArrayList<>();

    Reader(JsonNode json) {
      this.json = json;
    }

    PolicyCase read(String id) {
      if (!json.path("family").asText("k8s").equals("k8s")) {
        throw new IllegalArgumentException(
            "the family " + json.path("family").asText() + " is not supported yet, k8s is");
      }
      json.path("namespaces")
          .properties()
          .forEach(
              e -> namespaces.put(e.getKey(), new Namespace(e.getKey(), labels(e.getValue()))));
      json.path("pods").forEach(this::pod);
      for (JsonNode node : json.path("nodes")) {
        IpAddress address = IpAddress.parse(text(node, "ip"));
        addresses.put("node:" + text(node, "name"), address);
        nodes.put(text(node, "name"), List.of(address));
      }
      for (JsonNode external : json.path("externals")) {
        addresses.put("ext:" + text(external, "name"), IpAddress.parse(text(external, "ip")));
      }
      PolicyState policies = PolicyState.of(List.of(), List.of(), policies());
      return new PolicyCase(
          id,
          new PolicyState(namespaces, workloads, policies.policies(), nodes),
          probes(),
          matrix(),
          !json.path("tags").toString().contains("\"implementation-defined\""),
          standIns);
    }

    private void pod(JsonNode pod) {
      WorkloadKey key = new WorkloadKey(text(pod, "ns"), text(pod, "name"));
      List<NamedPort> ports = new ArrayList<>();
      for (JsonNode port : pod.path("ports")) {
        if (port.path("name").isTextual() && port.path("declared").asBoolean(true)) {
          ports.add(new NamedPort(
              text(port, "name"), Protocol.valueOf(text(port, "protocol")), number(port, "port")));
        }
      }
      String phase = pod.path("phase").asText("");
      boolean finished = phase.equals("Succeeded") || phase.equals("Failed");
      IpAddress address = address(key, pod, finished);
      addresses.put(key.toString(), address);
      workloads.put(
          key,
          new Workload(
              key,
              labels(pod.path("labels")),
              List.of(address),
              ports,
              pod.path("hostNetwork").asBoolean(false),
              finished,
              pod.path("node").isTextual() ? text(pod, "node") : null));
    }

    private IpAddress address(WorkloadKey key, JsonNode pod, boolean finished) {
      Optional<IpAddress> own = IpAddress.tryParse(text(pod, "ip"));
      if (own.isPresent()
          && (finished
              || workloads.values().stream()
                  .noneMatch(w -> !w.finished() && w.addresses().contains(own.get())))) {
        return own.get();
      }
      IpAddress other = STAND_INS.at(addresses.size());
      standIns.add(key + " has " + other + " instead of '" + text(pod, "ip") + "'");
      return other;
    }

    private List<Policy> policies() {
      List<Policy> policies = new ArrayList<>();
      for (JsonNode text : json.path("policies")) {
        Parsed parsed = Manifests.parse("policies", text.asText());
        if (!parsed.problems().isEmpty()) {
          throw new IllegalArgumentException(parsed.problems().getFirst().toString());
        }
        for (ManifestObject object : parsed.objects()) {
          switch (object) {
            case ManifestObject.OfPolicy(Policy policy, String ignored) -> policies.add(policy);
            case ManifestObject.OfNamespace other -> throw notPolicy(other);
            case ManifestObject.OfPod other -> throw notPolicy(other);
            case ManifestObject.OfAddresses other -> throw notPolicy(other);
          }
        }
      }
      return policies;
    }

    private static IllegalArgumentException notPolicy(ManifestObject object) {
      return new IllegalArgumentException("policies: a " + object.kind() + " is no policy");
    }

    private List<Probe> probes() {
      List<Probe> probes = new ArrayList<>();
      for (JsonNode probe : json.path("probes")) {
        JsonNode expected = probe.path("expected");
        probes.add(probe(
            text(probe, "from"),
            text(probe, "to"),
            probe,
            expected.isTextual() ? expected.asText() : null));
      }
      return probes;
    }

    private List<Probe> matrix() {
      List<Probe> probes = new ArrayList<>();
      for (JsonNode table : json.path("matrix")) {
        JsonNode order = table.path("order");
        for (int i = 0; i < order.size(); i++) {
          String row = table.path("rows").path(i).asText();
          if (row.length() != order.size()) {
            throw new IllegalArgumentException("matrix: row " + i + " is not as long as order");
          }
          for (int j = 0; j < order.size(); j++) {
            if (row.charAt(j) != '-') {
              String expected = row.charAt(j) == '.' ? "allow" : "deny";
              probes.add(probe(order.get(i).asText(), order.get(j).asText(), table, expected));
            }
          }
        }
      }
      return probes;
    }

    private Probe probe(String from, String to, JsonNode of, @Nullable String expected) {
      String protocol = of.path("protocol").asText();
      return new Probe(
          from,
          to,
          place(from),
          place(to),
          protocol,
          protocolNumber(protocol),
          of.has("port") ? number(of, "port") : 0,
          expected);
    }

    private IpAddress place(String name) {
      return Objects.requireNonNullElseGet(addresses.get(name), () -> {
        throw new IllegalArgumentException("nothing is called '" + name + "'");
      });
    }

    private static int protocolNumber(String protocol) {
      return switch (protocol) {
        case "TCP" -> 6;
        case "UDP" -> 17;
        case "SCTP" -> 132;
        case "ICMP" -> 1;
        case "ICMPv6" -> 58;
        default -> {
          if (!protocol.matches("[0-9]{1,3}")) {
            throw new IllegalArgumentException("'" + protocol + "' is no protocol");
          }
          yield Integer.parseInt(protocol);
        }
      };
    }

    private static SortedMap<String, String> labels(JsonNode json) {
      SortedMap<String, String> labels = new TreeMap<>();
      json.properties().forEach(e -> labels.put(e.getKey(), e.getValue().asText()));
      return labels;
    }
  }
}
