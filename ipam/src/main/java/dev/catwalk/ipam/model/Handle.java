package dev.catwalk.ipam.model;

/**
 * For whom an address is held: one interface of one container, as CNI names it. The runtime repeats
 * both in every retry, so the handle is what makes ADD and DEL idempotent.
 *
 * @param containerId 1 to {@value #MAX_CONTAINER_ID} characters
 * @param ifname name inside the container, 1 to {@value #MAX_IFNAME} characters
 */
public record Handle(String containerId, String ifname) implements Comparable<Handle> {
  public static final int MAX_CONTAINER_ID = 128;
  public static final int MAX_IFNAME = 15;

  /**
   * @throws IllegalArgumentException with a sentence fit for a user
   */
  public Handle {
    Names.check("container id", containerId, MAX_CONTAINER_ID);
    Names.check("interface name", ifname, MAX_IFNAME);
  }

  @Override
  public int compareTo(Handle other) {
    int byContainer = containerId.compareTo(other.containerId);
    return byContainer != 0 ? byContainer : ifname.compareTo(other.ifname);
  }

  @Override
  public String toString() {
    return containerId + "/" + ifname;
  }
}
