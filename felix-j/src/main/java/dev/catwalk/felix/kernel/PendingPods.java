package dev.catwalk.felix.kernel;

import dev.catwalk.felix.calc.DesiredKernel;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What CNI has done with pods' interfaces that the kernel has not yet been reconciled with, by
 * host-side name: true for wired, false for unwired. A pod stays in here until a desired state that
 * knows of it has been written, not only wished for: the loop may still be at an older one, which
 * would take the new link for a stale one. Thread-safe.
 */
final class PendingPods {
  private final TreeMap<String, Boolean> pods = new TreeMap<>();

  /** Before the link is made: whoever sees the link finds it here. */
  synchronized void wired(String hostName) {
    pods.put(hostName, true);
  }

  synchronized void unwired(String hostName) {
    pods.put(hostName, false);
  }

  synchronized void forget(String hostName) {
    pods.remove(hostName);
  }

  /** The kernel has been reconciled with {@code desired}, and never will be with an older state. */
  synchronized void settled(DesiredKernel desired) {
    pods.entrySet().removeIf(p -> p.getValue() == desired.podLinks().contains(p.getKey()));
  }

  synchronized SortedMap<String, Boolean> now() {
    return Collections.unmodifiableSortedMap(new TreeMap<>(pods));
  }
}
