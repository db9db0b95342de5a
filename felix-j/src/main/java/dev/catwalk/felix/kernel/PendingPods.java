package dev.catwalk.felix.kernel;

import dev.catwalk.felix.calc.DesiredKernel;
import dev.catwalk.felix.kernel.NetlinkSocket.OverflowException;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What CNI has done with pods' interfaces that the kernel has not yet been reconciled with, by
 * host-side name. A pod stays in here until a desired state that knows of it has been written, not
 * only wished for: the loop may still be at an older one, which would take the new link for a stale
 * one. As long, the routes of its addresses are held: one place in the kernel may be a pod's, a
 * block's and another node's by turns, and only who makes the pod's interface writes there.
 * Thread-safe.
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

  private record Pod(Doing doing, SortedSet<Prefix> places) {}

  private final TreeMap<String, Pod> pods = new TreeMap<>();

  /** Who holds a place, by host-side name. */
  private final TreeMap<Prefix, String> holders = new TreeMap<>();

  /** Held by who writes routes that may be pods'. Taken before this object's own lock. */
  private final ReentrantLock writing = new ReentrantLock();

  /**
   * Before the link is made: whoever sees the link finds it here. Waits for {@link #apart}: when this
   * returns nobody else writes routes of these addresses any more.
   */
  void wiring(String hostName, Collection<IpAddress> addresses) {
    TreeSet<Prefix> places = new TreeSet<>();
    addresses.forEach(a -> places.add(a.asPrefix()));
    writing.lock();
    try {
      put(hostName, new Pod(Doing.WIRING, places));
    } finally {
      writing.unlock();
    }
  }

  private synchronized void put(String hostName, Pod pod) {
    forget(hostName);
    pods.put(hostName, pod);
    pod.places().forEach(p -> holders.put(p, hostName));
  }

  synchronized void wired(String hostName) {
    Pod before = pods.get(hostName);
    put(hostName, new Pod(Doing.WIRED, before == null ? new TreeSet<>() : before.places()));
  }

  synchronized void unwired(String hostName) {
    put(hostName, new Pod(Doing.UNWIRED, new TreeSet<>()));
  }

  /** Does what no pod's interface is begun meanwhile. For a moment: an ADD waits for it. */
  <T> T apart(KernelThread.Opening<T> work) throws KernelException, OverflowException {
    writing.lock();
    try {
      return work.open();
    } finally {
      writing.unlock();
    }
  }

  /**
   * Whether a route is not to be written by others than who makes a pod's interface.
   *
   * @param link where it is to lead, by name; that of a pod that is wired may be mended
   */
  synchronized boolean isHeld(Prefix place, String link) {
    String holder = holders.get(place);
    Pod pod = holder == null ? null : pods.get(holder);
    return pod != null && !(pod.doing() == Doing.WIRED && link.equals(holder));
  }

  synchronized void forget(String hostName) {
    Pod pod = pods.remove(hostName);
    if (pod != null) {
      pod.places().forEach(p -> holders.remove(p, hostName));
    }
  }

  /** The kernel has been reconciled with {@code desired}, and never will be with an older state. */
  synchronized void settled(DesiredKernel desired) {
    List<String> done = pods.entrySet().stream()
        .filter(p -> {
          boolean known = desired.podLinks().contains(p.getKey());
          return switch (p.getValue().doing()) {
            case WIRING -> false;
            case WIRED -> known;
            case UNWIRED -> !known;
          };
        })
        .map(Map.Entry::getKey)
        .toList();
    done.forEach(this::forget);
  }

  synchronized SortedMap<String, Doing> now() {
    TreeMap<String, Doing> now = new TreeMap<>();
    pods.forEach((name, pod) -> now.put(name, pod.doing()));
    return Collections.unmodifiableSortedMap(now);
  }
}
