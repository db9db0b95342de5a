package dev.catwalk.acl.model;

/** Which workload: its namespace and name, in this order. Its text is {@code namespace/name}. */
public record WorkloadKey(String namespace, String name) implements Comparable<WorkloadKey> {
  /** In so many words: half of the time of a plan went into it as a composed comparator. */
  @Override
  public int compareTo(WorkloadKey other) {
    int byNamespace = namespace.compareTo(other.namespace);
    return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
