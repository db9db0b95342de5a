package dev.catwalk.felix.agent;

import dev.catwalk.felix.alloc.LocalAddresses;
import dev.catwalk.felix.calc.FoundPod;
import dev.catwalk.felix.calc.PodMark;
import dev.catwalk.felix.calc.PodWiring;
import dev.catwalk.felix.cni.CniRequest.Add;
import dev.catwalk.felix.model.Endpoint;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.MacAddress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node whose disk was emptied while its pods went on. What it had recorded of them is written anew,
 * from what is written on their links and from what the container runtime keeps, before anything is
 * handed out; a pod that neither tells of loses its network, for nobody knows which policies concern
 * it.
 */
final class LostDisk {
  private static final Logger log = LoggerFactory.getLogger(LostDisk.class);

  private LostDisk() {}

  /** Records the pods that the kernel has, where this node has no record at all. */
  static void restore(
      List<FoundPod> found, SortedMap<Handle, Add> runtime, String node, Records records)
      throws IOException {
    for (FoundPod pod : found) {
      Optional<LocalEndpoint> known = marked(pod, node).or(() -> ofRuntime(pod, runtime, node));
      if (known.isEmpty()) {
        log.error(
            "a pod of an earlier life is not known and loses its network: delete it link={}"
                + " addresses={}",
            pod.link(),
            pod.addresses());
        continue;
      }
      records.put(LocalEndpoint.recordName(known.get().handle()), known.get().encode());
      log.warn(
          "a pod's record was lost and is written anew pod={} container={} addresses={}",
          known.get().endpoint().namespace() + "/" + known.get().endpoint().pod(),
          known.get().handle(),
          pod.addresses());
    }
  }

  private static Optional<LocalEndpoint> marked(FoundPod pod, String node) {
    Optional<PodMark> mark = PodMark.parse(pod.mark());
    if (mark.isEmpty() || !linkOf(mark.get().containerId(), mark.get().ifName(), pod)) {
      return Optional.empty();
    }
    PodMark m = mark.get();
    try {
      Endpoint endpoint = new Endpoint(
          node,
          m.containerId(),
          m.ifName(),
          m.namespace(),
          m.pod(),
          m.labels(),
          sorted(pod),
          pod.link(),
          "",
          List.of());
      Optional<MacAddress> mac =
          m.mac().isEmpty() ? Optional.empty() : Optional.of(MacAddress.parse(m.mac()));
      return Optional.of(new LocalEndpoint(endpoint, m.netns(), m.network(), mac));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // somebody else wrote there
    }
  }

  private static Optional<LocalEndpoint> ofRuntime(
      FoundPod pod, SortedMap<Handle, Add> runtime, String node) {
    for (Map.Entry<Handle, Add> one : runtime.entrySet()) {
      if (linkOf(one.getKey().containerId(), one.getKey().ifname(), pod)) {
        return Optional.of(Attachments.endpoint(node, one.getValue(), sorted(pod)));
      }
    }
    return Optional.empty();
  }

  private static boolean linkOf(String containerId, String ifName, FoundPod pod) {
    return PodWiring.hostName(containerId, ifName).equals(pod.link());
  }

  private static List<IpAddress> sorted(FoundPod pod) {
    return pod.addresses().stream().sorted().toList();
  }

  /** Earlier lives that this very kernel has pods of: their blocks are this machine's. */
  static SortedSet<Long> earlierLives(List<FoundPod> found, NodeEpoch now) {
    TreeSet<Long> lives = new TreeSet<>();
    for (FoundPod pod : found) {
      PodMark.epoch(pod.mark()).ifPresent(text -> lives.add(NodeEpoch.parseEpoch(text)));
    }
    lives.remove(now.epoch());
    return lives;
  }

  /** What pods have and the node's own record of addresses does not say. */
  static List<Allocation> unheld(List<LocalEndpoint> kept, LocalAddresses addresses) {
    List<Allocation> unheld = new ArrayList<>();
    for (LocalEndpoint pod : kept) {
      List<IpAddress> held =
          addresses.heldBy(pod.handle()).stream().map(Allocation::ip).toList();
      for (IpAddress ip : pod.endpoint().addresses()) {
        if (!held.contains(ip)) {
          unheld.add(new Allocation(
              ip,
              pod.handle(),
              pod.endpoint().namespace(),
              pod.endpoint().pod(),
              System.currentTimeMillis()));
        }
      }
    }
    return unheld;
  }
}
