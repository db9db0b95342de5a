package dev.catwalk.felix.kernel;

import dev.catwalk.felix.calc.DesiredKernel;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What CNI has done with pods' interfaces that the kernel has not yet been reconciled with, by
 * host-side name. A pod stays in here until a desired state that knows of it has been written, not
 * only wished for: the loop may still be at an older one, which would take the new link for a stale
 * one. Thread-safe.
 */
final class PendingPods {
  /** What is under way. */
  enum Doing {
    /** Its link and routes are being made: they are nobody else's to make, miss or remove. */
    WIRING,
    /** They are made: a state that does not know them yet leaves them. */
    WIRED,
    /** They are removed, or will be: a state that still knows them does not make them again. */
    UNWIRED
  }

  private final TreeMap<String, Doing> pods = new TreeMap<>();

  /** Before the link is made: whoever sees the link finds it here. */
  synchronized void wiring(String hostName) {
    pods.put(hostName, Doing.WIRING);
  }

  synchronized void wired(String hostName) {
    pods.put(hostName, Doing.WIRED);
  }

  synchronized void unwired(String hostName) {
    pods.put(hostName, Doing.UNWIRED);
  }

  synchronized void forget(String hostName) {
    pods.remove(hostName);
  }

  /** The kernel has been reconciled with {@code desired}, and never will be with an older state. */
  synchronized void settled(DesiredKernel desired) {
    pods.entrySet().removeIf(p -> {
      boolean known = desired.podLinks().contains(p.getKey());
      return switch (p.getValue()) {
        case WIRING -> false;
        case WIRED -> known;
        case UNWIRED -> !known;
      };
    });
  }

  synchronized SortedMap<String, Doing> now() {
    return Collections.unmodifiableSortedMap(new TreeMap<>(pods));
  }
}
