package dev.catwalk.felix.cni;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.catwalk.felix.cni.CniException.Code;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a container runtime asks, checked: every text in it has a form that is safe to use. */
public sealed interface CniRequest {

  /** The versions of the specification that we speak, oldest first. */
  List<String> VERSIONS = List.of("0.3.1", "0.4.0", "1.0.0");

  /** The {@code cniVersion} of the request and so of the answer. */
  String cniVersion();

  /** Which versions we speak. */
  record Version(String cniVersion) implements CniRequest {}

  /**
   * Make an interface.
   *
   * @param netns absolute path of the container's network namespace
   * @param pod {@code name} is the container's id where the runtime names no pod
   * @param addresses those that the pod shall have if the runtime asks for any, one of each family
   *     at most
   */
  record Add(
      String cniVersion,
      Attachment attachment,
      String netns,
      PodName pod,
      SortedMap<String, String> labels,
      List<IpAddress> addresses)
      implements CniRequest {
    public Add {
      labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
      addresses = List.copyOf(addresses);
    }
  }

  /** Remove it; what is not there any more is no error. */
  record Del(String cniVersion, Attachment attachment) implements CniRequest {}

  /** Is it as ADD left it? */
  record Check(String cniVersion, Attachment attachment, String netns) implements CniRequest {}

  /** An interface of a container: what the specification identifies by both. */
  record Attachment(String containerId, String ifName) {}

  /** Kubernetes' name of a pod. */
  record PodName(String namespace, String name) {
    @Override
    public String toString() {
      return namespace + "/" + name;
    }
  }

  /**
   * Reads a request.
   *
   * @param environment the variables that the runtime gave the plugin; others than CNI_* are not
   *     looked at
   * @param stdin the network configuration
   * @throws CniException naming the variable or field
   */
  static CniRequest parse(SortedMap<String, String> environment, String stdin) throws CniException {
    CniEnvironment env = new CniEnvironment(environment);
    String command = env.required("CNI_COMMAND");
    JsonNode configuration = configuration(stdin);
    String version = version(configuration, command);
    return switch (command) {
      case "VERSION" -> new Version(version);
      case "ADD" -> add(version, env, configuration);
      case "DEL" -> new Del(version, env.attachment());
      case "CHECK" -> new Check(version, env.attachment(), env.netns());
      default ->
        throw new CniException(
            Code.INVALID_ENVIRONMENT,
            "CNI_COMMAND '" + CniEnvironment.shown(command) + "' is unknown",
            "known: ADD, DEL, CHECK, VERSION");
    };
  }

  private static CniRequest add(String version, CniEnvironment env, JsonNode configuration)
      throws CniException {
    Attachment attachment = env.attachment();
    SortedMap<String, String> arguments = env.arguments();
    PodName pod = new PodName(
        arguments.getOrDefault("K8S_POD_NAMESPACE", "default"),
        arguments.getOrDefault("K8S_POD_NAME", attachment.containerId()));
    CniEnvironment.checkName("CNI_ARGS: K8S_POD_NAMESPACE", pod.namespace());
    CniEnvironment.checkName("CNI_ARGS: K8S_POD_NAME", pod.name());
    TreeMap<String, String> labels = new TreeMap<>();
    CniEnvironment.addLabels(arguments.getOrDefault("LABELS", ""), labels);
    List<IpAddress> addresses = new ArrayList<>();
    CniEnvironment.address("CNI_ARGS: IP", arguments.getOrDefault("IP", ""))
        .ifPresent(addresses::add);
    JsonNode asked = configuration.path("runtimeConfig").path("ips");
    if (asked.isMissingNode()) {
      asked = configuration.path("args").path("cni").path("ips");
    }
    if (!asked.isMissingNode() && !asked.isNull()) {
      addresses = addresses(asked);
    }
    for (JsonNode label : configuration.path("args").path("cni").path("labels")) {
      CniEnvironment.addLabel(label.path("key").asText(), label.path("value").asText(), labels);
    }
    return new Add(version, attachment, env.netns(), pod, labels, addresses);
  }

  private static List<IpAddress> addresses(JsonNode asked) throws CniException {
    List<IpAddress> addresses = new ArrayList<>();
    for (JsonNode one : asked) {
      Optional<IpAddress> address =
          one.isTextual() ? CniEnvironment.address("'ips'", one.textValue()) : Optional.empty();
      if (address.isEmpty()
          || addresses.stream().anyMatch(a -> a.family() == address.get().family())) {
        throw unusable(asked);
      }
      addresses.add(address.get());
    }
    if (!asked.isArray() || addresses.isEmpty()) {
      throw unusable(asked);
    }
    return addresses;
  }

  private static CniException unusable(JsonNode asked) {
    return new CniException(
        Code.UNSUPPORTED_FIELD,
        "'ips' must be a list of one address of each family at most",
        asked.toString());
  }

  private static JsonNode configuration(String stdin) throws CniException {
    JsonNode configuration;
    try {
      configuration = Json.MAPPER.readTree(stdin);
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      throw new CniException(
          Code.CANNOT_DECODE,
          "stdin is not JSON",
          at == null ? "" : "line " + at.getLineNr() + ", column " + at.getColumnNr());
    }
    if (!configuration.isObject()) {
      throw new CniException(
          Code.CANNOT_DECODE, "stdin is not a network configuration", "want a JSON object");
    }
    return configuration;
  }

  /** VERSION is asked without a known version, to learn which there are. */
  private static String version(JsonNode configuration, String command) throws CniException {
    JsonNode field = configuration.path("cniVersion");
    if (!field.isMissingNode() && !field.isTextual()) {
      throw new CniException(
          Code.INVALID_CONFIGURATION, "field 'cniVersion' is not a text", field.toString());
    }
    String version = field.asText("");
    if (VERSIONS.contains(version)) {
      return version;
    }
    if (command.equals("VERSION")) {
      return VERSIONS.getLast();
    }
    throw new CniException(
        Code.INCOMPATIBLE_VERSION,
        "field 'cniVersion': '" + CniEnvironment.shown(version) + "' is not spoken here",
        "spoken: " + String.join(", ", VERSIONS));
  }

  /** The reader of configurations: nesting is bounded by Jackson's own limit of 1000. */
  final class Json {
    static final ObjectMapper MAPPER =
        new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private Json() {}
  }
}
