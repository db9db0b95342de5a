package dev.catwalk.lab.shell;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.catwalk.lab.policy.Placement.PlacedPod;
import dev.catwalk.lab.shell.Exec.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Pods with given addresses: a namespace each, the CNI plugin, and a server of all ports. Several
 * threads may attach and detach, each other pods.
 */
public final class CasePods {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String NETWORK = """
      {"cniVersion":"1.0.0","name":"catwalk","type":"catwalk"}""";

  private final Site site;
  private final SortedMap<String, Running> running = new ConcurrentSkipListMap<>();
  private final AtomicInteger made = new AtomicInteger();

  private record Running(PlacedPod pod, String containerId, String netns, long server) {}

  public CasePods(Site site) {
    this.site = site;
  }

  /** By full name: those that are there. */
  public SortedMap<String, PlacedPod> pods() {
    TreeMap<String, PlacedPod> pods = new TreeMap<>();
    running.forEach((name, r) -> pods.put(name, r.pod()));
    return pods;
  }

  /** Where a pod's processes run. */
  public String netns(PlacedPod pod) {
    return site.podNetns(pod.pod().namespace() + "-" + pod.pod().name());
  }

  /**
   * CNI ADD with the pod's address.
   *
   * @param ports that its server answers at, {@code PROTOCOL/PORT}
   */
  public void attach(PlacedPod pod, SortedSet<String> ports) throws LabException {
    String netns = netns(pod);
    String containerId = "case-" + made.incrementAndGet();
    Exec.must(List.of("ip", "netns", "add", netns));
    Exec.must(List.of("ip", "-n", netns, "link", "set", "dev", "lo", "up"));
    Result result = cni("ADD", pod, containerId, netns);
    try {
      JsonNode answer = JSON.readTree(result.out());
      boolean given =
          answer.path("ips").toString().contains("\"" + pod.address().asPrefix() + "\"");
      if (result.status() != 0 || !given) {
        throw new LabException("CNI ADD of " + pod.pod().fullName() + " with " + pod.address()
            + " on " + pod.node() + " answered: " + result.out().strip() + result.err());
      }
    } catch (IOException e) {
      throw new LabException("CNI ADD answered no JSON: " + result, e);
    }
    long server = Flows.serve(site, netns, ports);
    running.put(pod.pod().fullName(), new Running(pod, containerId, netns, server));
  }

  /** CNI DEL. */
  public void detach(String fullName) throws LabException {
    Running gone = running.remove(fullName);
    if (gone == null) {
      return;
    }
    ProcessHandle.of(gone.server()).ifPresent(ProcessHandle::destroyForcibly);
    Result result = cni("DEL", gone.pod(), gone.containerId(), gone.netns());
    if (result.status() != 0) {
      throw new LabException("CNI DEL of " + fullName + " failed: " + result);
    }
    Exec.must(List.of("ip", "netns", "delete", gone.netns()));
  }

  private Result cni(String command, PlacedPod pod, String containerId, String netns)
      throws LabException {
    Path plugin = Tools.cni(site);
    Map<String, String> environment = new TreeMap<>(Map.of(
        "CNI_COMMAND",
        command,
        "CNI_CONTAINERID",
        containerId,
        "CNI_NETNS",
        "/var/run/netns/" + netns,
        "CNI_IFNAME",
        "eth0",
        "CNI_PATH",
        plugin.resolveSibling("").toString(),
        "CNI_ARGS",
        "IgnoreUnknown=1;K8S_POD_NAMESPACE=" + pod.pod().namespace() + ";K8S_POD_NAME="
            + pod.pod().name() + ";IP=" + pod.address(),
        "CATWALK_SOCKET",
        site.socket(pod.node()).toString()));
    return Exec.run(environment, NETWORK, List.of(plugin.toString()));
  }
}
