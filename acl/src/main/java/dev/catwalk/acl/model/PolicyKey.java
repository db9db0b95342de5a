package dev.catwalk.acl.model;

import java.util.Comparator;

/** Which policy. Its text is {@code kind namespace/name}. */
public record PolicyKey(String kind, String namespace, String name)
    implements Comparable<PolicyKey> {
  private static final Comparator<PolicyKey> ORDER = Comparator.comparing(PolicyKey::kind)
      .thenComparing(PolicyKey::namespace)
      .thenComparing(PolicyKey::name);

  @Override
  public int compareTo(PolicyKey other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return kind + " " + namespace + "/" + name;
  }
}
