package dev.catwalk.ipam.model;

import dev.catwalk.net.addr.Family;

/**
 * Whom an address is kept for while no pod has it: it survives its pod, and goes where the next one
 * of the same name is made.
 *
 * @param namespace of the pods, 1 to {@value Allocation#MAX_NAMESPACE} characters
 * @param name 1 to {@value Allocation#MAX_POD} characters
 */
public record StickyName(String namespace, String name, Family family)
    implements Comparable<StickyName> {

  /**
   * @throws IllegalArgumentException with a sentence fit for a user
   */
  public StickyName {
    Names.check("namespace", namespace, Allocation.MAX_NAMESPACE);
    Names.check("sticky name", name, Allocation.MAX_POD);
  }

  @Override
  public int compareTo(StickyName other) {
    int byNamespace = namespace.compareTo(other.namespace);
    int byName = name.compareTo(other.name);
    return byNamespace != 0 ? byNamespace : byName != 0 ? byName : family.compareTo(other.family);
  }

  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
