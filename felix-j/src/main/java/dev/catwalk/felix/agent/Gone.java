package dev.catwalk.felix.agent;

import dev.catwalk.felix.kernel.KernelService;
import dev.catwalk.ipam.model.Handle;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pods of this node's records that went without a DEL: their network namespaces and links are gone
 * with a reboot or a runtime's death, or while the agent runs. The runtime cleans up by DEL or GC; until then nobody else gets
 * their addresses, and the kernel is asked for nothing on their behalf.
 */
final class Gone {
  private static final Logger log = LoggerFactory.getLogger(Gone.class);
  private static final int NAMED = 5;

  /** While the kernel lacks something, nanoseconds between two looks. */
  private static final long LOOK_AGAIN_NANOS = 1_000_000_000L;

  private long lookAt = System.nanoTime();

  /** Marks those that went while this agent runs: looks at those whose links the kernel misses. */
  void look(Map<Handle, LocalEndpoint> pods, KernelService kernel) {
    long now = System.nanoTime();
    List<String> errors = now - lookAt < 0 ? List.of() : kernel.status().lastErrors();
    if (errors.isEmpty()) {
      return;
    }
    lookAt = now + LOOK_AGAIN_NANOS;
    pods.replaceAll((handle, pod) -> {
      String link = pod.endpoint().hostInterface();
      boolean missed = errors.stream().anyMatch(e -> e.contains(link));
      if (pod.gone() || !missed || !KernelService.isGone(pod.wiring(), false)) {
        return pod;
      }
      log.warn(
          "a pod went without a DEL pod={} container={}",
          pod.endpoint().namespace() + "/" + pod.endpoint().pod(),
          handle);
      return pod.asGone();
    });
  }

  /** @param otherKernel whether no namespace of the time of ADD can be there any more */
  static List<LocalEndpoint> marked(List<LocalEndpoint> kept, boolean otherKernel) {
    return kept.stream()
        .map(e -> KernelService.isGone(e.wiring(), otherKernel) ? e.asGone() : e)
        .toList();
  }

  /** What is said of them. */
  static Optional<Problem> problem(Collection<LocalEndpoint> pods) {
    List<String> names = pods.stream()
        .filter(LocalEndpoint::gone)
        .map(e -> e.endpoint().namespace() + "/" + e.endpoint().pod())
        .toList();
    if (names.isEmpty()) {
      return Optional.empty();
    }
    String some = String.join(", ", names.subList(0, Math.min(NAMED, names.size())));
    String more = names.size() > NAMED ? " and " + (names.size() - NAMED) + " more" : "";
    return Optional.of(new Problem(
        "gone without a DEL, their addresses are held: " + some + more,
        "nothing where the container runtime runs: its DEL or GC gives the addresses back"));
  }
}
