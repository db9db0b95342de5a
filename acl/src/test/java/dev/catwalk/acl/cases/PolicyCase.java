package dev.catwalk.acl.cases;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A case of {@code ../shared/data/netpol}: a cluster's state and what must pass in it. */
record PolicyCase(String id, PolicyState state, List<Expectation> expectations) {

  /**
   * For pods whose address in the data is none (seven recipes give one as "10.65.3.:") or is
   * another live pod's (one case of cyclonus): no packet could tell them apart.
   */
  private static final Prefix STAND_INS = Prefix.parse("198.18.0.0/15");

  /** One packet and whether it must pass; none from a pod to itself. */
  record Expectation(
      String from,
      String to,
      IpAddress source,
      IpAddress destination,
      Protocol protocol,
      int port,
      boolean allowed) {}

  /** The data's folder, next to the repository; it may be missing. */
  static Path folder() {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(root.resolve(".ci")) && root.getParent() != null) {
      root = root.getParent();
    }
    return root.resolve("../shared/data/netpol").normalize();
  }

  static List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(folder())) {
      return all.filter(p -> p.getFileName().toString().matches("k8s-.*\\.json"))
          .sorted()
          .toList();
    }
  }

  static List<PolicyCase> read(Path file) throws IOException {
    List<PolicyCase> cases = new ArrayList<>();
    for (JsonNode one : new ObjectMapper().readTree(file.toFile())) {
      cases.add(of(one));
    }
    return cases;
  }

  private static PolicyCase of(JsonNode one) {
    String id = one.get("id").asText();
    List<Namespace> namespaces = new ArrayList<>();
    one.get("namespaces")
        .properties()
        .forEach(e -> namespaces.add(new Namespace(e.getKey(), labels(e.getValue()))));
    List<Workload> workloads = new ArrayList<>();
    SortedMap<String, IpAddress> addresses = new TreeMap<>();
    for (JsonNode pod : one.get("pods")) {
      Optional<IpAddress> own = IpAddress.tryParse(pod.get("ip").asText());
      IpAddress address =
          own.isEmpty() || taken(own.get(), workloads) ? STAND_INS.at(addresses.size()) : own.get();
      workloads.add(workload(pod, address));
      addresses.put(pod.get("ns").asText() + "/" + pod.get("name").asText(), address);
    }
    for (JsonNode external : one.path("externals")) {
      addresses.put(
          "ext:" + external.get("name").asText(),
          IpAddress.parse(external.get("ip").asText()));
    }
    List<Policy> policies = new ArrayList<>();
    for (JsonNode text : one.get("policies")) {
      Parsed parsed = Manifests.parse(id, text.asText());
      if (!parsed.problems().isEmpty()) {
        throw new AssertionError(parsed.problems());
      }
      for (ManifestObject object : parsed.objects()) {
        policies.add(((ManifestObject.OfPolicy) object).value());
      }
    }
    List<Expectation> expectations = new ArrayList<>();
    if (Stream.of("implementation-defined")
        .noneMatch(tag -> one.get("tags").toString().contains('"' + tag + '"'))) {
      probes(one, addresses, expectations);
      matrix(one, addresses, expectations);
    }
    return new PolicyCase(id, PolicyState.of(namespaces, workloads, policies), expectations);
  }

  private static boolean taken(IpAddress address, List<Workload> workloads) {
    return workloads.stream().anyMatch(w -> !w.finished() && w.addresses().contains(address));
  }

  private static Workload workload(JsonNode pod, IpAddress address) {
    List<NamedPort> ports = new ArrayList<>();
    for (JsonNode port : pod.path("ports")) {
      if (port.has("name") && port.path("declared").asBoolean(true)) {
        ports.add(new NamedPort(
            port.get("name").asText(),
            Protocol.valueOf(port.get("protocol").asText()),
            port.get("port").asInt()));
      }
    }
    String phase = pod.path("phase").asText("Running");
    return new Workload(
        new WorkloadKey(pod.get("ns").asText(), pod.get("name").asText()),
        labels(pod.get("labels")),
        List.of(address),
        ports,
        pod.path("hostNetwork").asBoolean(false),
        phase.equals("Succeeded") || phase.equals("Failed"),
        null);
  }

  private static void probes(
      JsonNode one, SortedMap<String, IpAddress> addresses, List<Expectation> out) {
    for (JsonNode probe : one.get("probes")) {
      String from = probe.get("from").asText();
      String to = probe.get("to").asText();
      if (!from.equals(to)) {
        out.add(new Expectation(
            from,
            to,
            addresses.get(from),
            addresses.get(to),
            Protocol.valueOf(probe.get("protocol").asText()),
            probe.get("port").asInt(),
            probe.get("expected").asText().equals("allow")));
      }
    }
  }

  private static void matrix(
      JsonNode one, SortedMap<String, IpAddress> addresses, List<Expectation> out) {
    for (JsonNode table : one.path("matrix")) {
      JsonNode order = table.get("order");
      for (int i = 0; i < order.size(); i++) {
        String row = table.get("rows").get(i).asText();
        for (int j = 0; j < order.size(); j++) {
          String from = order.get(i).asText();
          String to = order.get(j).asText();
          if (i != j && row.charAt(j) != '-') {
            out.add(new Expectation(
                from,
                to,
                addresses.get(from),
                addresses.get(to),
                Protocol.valueOf(table.get("protocol").asText()),
                table.get("port").asInt(),
                row.charAt(j) == '.'));
          }
        }
      }
    }
  }

  private static SortedMap<String, String> labels(JsonNode node) {
    SortedMap<String, String> labels = new TreeMap<>();
    node.properties().forEach(e -> labels.put(e.getKey(), e.getValue().asText()));
    return labels;
  }
}
