package dev.catwalk.ipam.model;

import dev.catwalk.net.addr.IpAddress;

/**
 * One address in use.
 *
 * @param namespace and {@code pod}: whom a reader of {@code ipam show} will know; empty where the
 *     runtime does not say
 * @param sinceMs when the owner handed it out, its clock, milliseconds since 1970
 */
public record Allocation(IpAddress ip, Handle handle, String namespace, String pod, long sinceMs) {
  public static final int MAX_NAMESPACE = 63;
  public static final int MAX_POD = 253;

  /**
   * @throws IllegalArgumentException with a sentence fit for a user
   */
  public Allocation {
    Names.checkIfAny("namespace", namespace, MAX_NAMESPACE);
    Names.checkIfAny("pod name", pod, MAX_POD);
  }

  /** {@code namespace/pod}, or the handle where the pod is not known. */
  public String owner() {
    return pod.isEmpty() ? handle.toString() : namespace + "/" + pod;
  }
}
