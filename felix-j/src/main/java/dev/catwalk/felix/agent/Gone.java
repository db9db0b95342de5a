package dev.catwalk.felix.agent;

import dev.catwalk.felix.kernel.KernelService;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Pods of this node's records that went without a DEL: their network namespaces and links are gone
 * with a reboot or a runtime's death. The runtime cleans up by DEL or GC; until then nobody else gets
 * their addresses, and the kernel is asked for nothing on their behalf.
 */
final class Gone {
  private static final int NAMED = 5;

  private Gone() {}

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
