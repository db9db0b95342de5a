package dev.catwalk.felix.cni;

import com.fasterxml.jackson.databind.JsonNode;
import dev.catwalk.felix.cni.CniException.Code;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.MacAddress;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a container runtime asks, checked: every text in it has a form that is safe to use. */
public sealed interface CniRequest {

  /** The versions of the specification that we speak, oldest first. */
  List<String> VERSIONS = List.of("0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0");

  /** The {@code cniVersion} of the request and so of the answer. */
  String cniVersion();

  /** Which versions we speak. */
  record Version(String cniVersion) implements CniRequest {}

  /**
   * Make an interface.
   *
   * @param network the network's name
   * @param netns absolute path of the container's network namespace
   * @param pod {@code name} is the container's id where the runtime names no pod
   * @param addresses those that the pod shall have, at most one of each family; empty: any
   * @param mac that of the pod's side, if the runtime asks for one
   */
  record Add(
      String cniVersion,
      String network,
      Attachment attachment,
      String netns,
      PodName pod,
      SortedMap<String, String> labels,
      List<IpAddress> addresses,
      Optional<MacAddress> mac,
      SortedMap<String, String> annotations)
      implements CniRequest {
    public Add {
      labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
      annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
      addresses = List.copyOf(addresses);
    }
  }

  /** Remove it; what is not there any more is no error. */
  record Del(String cniVersion, Attachment attachment) implements CniRequest {}

  /**
   * Is it as ADD left it? Since 0.4.0.
   *
   * @param prevResult what ADD answered, as the runtime kept it
   */
  record Check(String cniVersion, Attachment attachment, String netns, JsonNode prevResult)
      implements CniRequest {}

  /** Release what this network has on this node and is not valid any more. Since 1.1.0. */
  record Gc(String cniVersion, String network, SortedSet<Attachment> valid) implements CniRequest {
    public Gc {
      valid = Collections.unmodifiableSortedSet(new TreeSet<>(valid));
    }
  }

  /** Can ADD be served now? Since 1.1.0. */
  record Status(String cniVersion) implements CniRequest {}

  /** An interface of a container: what the specification identifies by both. */
  record Attachment(String containerId, String ifName) implements Comparable<Attachment> {
    private static final Comparator<Attachment> ORDER =
        Comparator.comparing(Attachment::containerId).thenComparing(Attachment::ifName);

    @Override
    public int compareTo(Attachment other) {
      return ORDER.compare(this, other);
    }
  }

  /** Kubernetes' name of a pod. */
  record PodName(String namespace, String name) {
    @Override
    public String toString() {
      return namespace + "/" + name;
    }
  }

  /**
   * Reads a request. VERSION looks at no variable but CNI_COMMAND: runtimes set the others to
   * anything then.
   *
   * @param environment the variables that the runtime gave the plugin; others than CNI_* are not
   *     looked at
   * @param stdin the network configuration
   * @throws CniException naming the variable or field
   */
  static CniRequest parse(SortedMap<String, String> environment, String stdin) throws CniException {
    CniEnvironment env = new CniEnvironment(environment);
    String command = env.required("CNI_COMMAND");
    CniConfiguration configuration = CniConfiguration.parse(stdin);
    String version = version(configuration, command);
    return switch (command) {
      case "VERSION" -> new Version(version);
      case "ADD" -> add(version, env, configuration);
      case "DEL" -> {
        configuration.network();
        yield new Del(version, env.attachment());
      }
      case "CHECK" -> check(since("0.4.0", version, command), env, configuration);
      case "GC" ->
        new Gc(
            since("1.1.0", version, command),
            configuration.network(),
            configuration.validAttachments());
      case "STATUS" -> {
        configuration.network();
        yield new Status(since("1.1.0", version, command));
      }
      default ->
        throw new CniException(
            Code.INVALID_ENVIRONMENT,
            "CNI_COMMAND '" + CniEnvironment.shown(command) + "' is unknown",
            "known: ADD, DEL, CHECK, GC, STATUS, VERSION");
    };
  }

  private static Add add(String version, CniEnvironment env, CniConfiguration configuration)
      throws CniException {
    String network = configuration.network();
    Attachment attachment = env.attachment();
    SortedMap<String, String> arguments = env.arguments();
    PodName pod = new PodName(
        arguments.getOrDefault("K8S_POD_NAMESPACE", "default"),
        arguments.getOrDefault("K8S_POD_NAME", attachment.containerId()));
    CniEnvironment.checkName("CNI_ARGS: K8S_POD_NAMESPACE", pod.namespace());
    CniEnvironment.checkName("CNI_ARGS: K8S_POD_NAME", pod.name());
    TreeMap<String, String> labels = new TreeMap<>(configuration.labels());
    CniEnvironment.addLabels(arguments.getOrDefault("LABELS", ""), labels);
    List<IpAddress> addresses = FixedAddresses.parse("field 'ips'", configuration.ips());
    if (addresses.isEmpty() && !arguments.getOrDefault("IP", "").isEmpty()) {
      addresses = FixedAddresses.parse(
          "CNI_ARGS: IP", List.of(arguments.getOrDefault("IP", "").split(",", -1)));
    }
    if (addresses.isEmpty()) {
      addresses = FixedAddresses.annotated(configuration.annotations());
    }
    return new Add(
        version,
        network,
        attachment,
        env.netns(),
        pod,
        labels,
        addresses,
        configuration.mac(),
        configuration.annotations());
  }

  private static Check check(String version, CniEnvironment env, CniConfiguration configuration)
      throws CniException {
    configuration.network();
    Attachment attachment = env.attachment();
    JsonNode previous = configuration
        .prevResult()
        .orElseThrow(() -> new CniException(
            Code.INVALID_CONFIGURATION,
            "field 'prevResult' is missing",
            "CHECK compares with what ADD answered"));
    return new Check(version, attachment, env.netns(), previous);
  }

  /** VERSION is asked without a known version, to learn which there are. */
  private static String version(CniConfiguration configuration, String command)
      throws CniException {
    String version = configuration.cniVersion();
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

  private static String since(String first, String version, String command) throws CniException {
    if (VERSIONS.indexOf(version) < VERSIONS.indexOf(first)) {
      throw new CniException(
          Code.INCOMPATIBLE_VERSION,
          "field 'cniVersion': " + command + " is not in " + version,
          command + " is there since " + first);
    }
    return version;
  }
}
