package dev.catwalk.lab.shell;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.catwalk.lab.shell.Exec.Result;
import dev.catwalk.lab.topology.Plan.Pod;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Pods as a container runtime makes them: a namespace, the CNI plugin, then the program. */
public final class Containers {
  private static final ObjectMapper JSON = new ObjectMapper();
  static final String NETWORK = """
      {"cniVersion":"1.0.0","name":"catwalk","type":"catwalk"}\
      """;

  private Containers() {}

  /** Makes the pod and starts its server; returns the addresses that it was given. */
  public static List<IpAddress> start(Site site, Pod pod) throws LabException {
    String netns = site.podNetns(pod.name());
    Exec.must(List.of("ip", "netns", "add", netns));
    Exec.must(List.of("ip", "-n", netns, "link", "set", "dev", "lo", "up"));
    List<IpAddress> addresses = attach(site, pod);
    List<String> server = new ArrayList<>(
        List.of(Tools.cwprobe(site).toString(), "serve", Integer.toString(pod.port())));
    pod.otherPorts().forEach(port -> server.add(port.toString()));
    site.start(
        site.root(pod.node()).resolve("pods").resolve(pod.name() + ".log"),
        Map.of(),
        site.in(netns, server));
    return addresses;
  }

  /** CNI ADD; asked again for the same pod it gives the same. */
  public static List<IpAddress> attach(Site site, Pod pod) throws LabException {
    Result result = cni(site, pod, "ADD");
    try {
      JsonNode answer = JSON.readTree(result.out());
      List<IpAddress> addresses = new ArrayList<>();
      for (JsonNode ip : answer.path("ips")) {
        addresses.add(Prefix.parse(ip.path("address").asText()).address());
      }
      if (result.status() != 0 || addresses.isEmpty()) {
        throw new LabException("CNI ADD of " + pod.fullName() + " on " + pod.node()
            + " failed with status " + result.status() + ": "
            + (answer.has("msg") ? answer.path("msg").asText() : result.out().strip())
            + (answer.has("details") ? " (" + answer.path("details").asText() + ")" : "")
            + result.err());
      }
      addresses.sort(null);
      return addresses;
    } catch (IOException e) {
      throw new LabException("CNI ADD of " + pod.fullName() + " answered no JSON: " + result, e);
    }
  }

  /** CNI DEL. */
  public static void detach(Site site, Pod pod) throws LabException {
    Result result = cni(site, pod, "DEL");
    if (result.status() != 0) {
      throw new LabException("CNI DEL of " + pod.fullName() + " failed: " + result);
    }
  }

  private static Result cni(Site site, Pod pod, String command) throws LabException {
    Map<String, String> environment = environment(site, pod, command);
    return Exec.run(environment, NETWORK, List.of(Tools.cni(site).toString()));
  }

  /** What a runtime adds to the plugin's environment. */
  static Map<String, String> environment(Site site, Pod pod, String command) throws LabException {
    Path plugin = Tools.cni(site);
    return new TreeMap<>(Map.of(
        "CNI_COMMAND",
        command,
        "CNI_CONTAINERID",
        pod.containerId(),
        "CNI_NETNS",
        "/var/run/netns/" + site.podNetns(pod.name()),
        "CNI_IFNAME",
        "eth0",
        "CNI_PATH",
        plugin.resolveSibling("").toString(),
        "CNI_ARGS",
        "IgnoreUnknown=1;K8S_POD_NAMESPACE=" + pod.namespace() + ";K8S_POD_NAME=" + pod.name()
            + pod.fixed().map(address -> ";IP=" + address).orElse(""),
        "CATWALK_SOCKET",
        site.socket(pod.node()).toString()));
  }

  /** Whether an address answers a ping of the pod within a second. */
  public static boolean reaches(Site site, Pod from, IpAddress to) throws LabException {
    List<String> ping =
        site.in(site.podNetns(from.name()), "ping", "-c", "1", "-W", "1", to.toString());
    return Exec.run(Map.of(), "", ping).status() == 0;
  }

  /** Whether the server in the pod has its port. */
  public static boolean serves(Site site, Pod pod) throws LabException {
    String line = "tcp 127.0.0.1 " + pod.port() + "\n";
    return Exec.must(
            line,
            site.in(site.podNetns(pod.name()), Tools.cwprobe(site).toString(), "probe", "200"))
        .startsWith("ok ");
  }
}
