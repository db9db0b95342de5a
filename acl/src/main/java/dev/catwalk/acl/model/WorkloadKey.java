package dev.catwalk.acl.model;

import java.util.Comparator;

/** Which workload: its namespace and name, in this order. Its text is {@code namespace/name}. */
public record WorkloadKey(String namespace, String name) implements Comparable<WorkloadKey> {
  private static final Comparator<WorkloadKey> ORDER =
      Comparator.comparing(WorkloadKey::namespace).thenComparing(WorkloadKey::name);

  @Override
  public int compareTo(WorkloadKey other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
