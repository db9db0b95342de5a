package dev.catwalk.bgp.wire;

import java.util.Arrays;

/** CLUSTER_LIST, RFC 4456 §8: at least one cluster id, the last reflector's first. */
public final class ClusterList implements Attribute {
  private final int[] ids;

  private ClusterList(int[] ids) {
    assert ids.length > 0;
    this.ids = ids;
  }

  public static ClusterList of(int... ids) {
    return new ClusterList(ids.clone());
  }

  @Override
  public int type() {
    return AttributeType.CLUSTER_LIST;
  }

  public int size() {
    return ids.length;
  }

  public int at(int index) {
    return ids[index];
  }

  public boolean contains(int clusterId) {
    for (int id : ids) {
      if (id == clusterId) {
        return true;
      }
    }
    return false;
  }

  /** With {@code clusterId} in front, as a reflector does. */
  public ClusterList prepend(int clusterId) {
    int[] next = new int[ids.length + 1];
    next[0] = clusterId;
    System.arraycopy(ids, 0, next, 1, ids.length);
    return new ClusterList(next);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ClusterList c && Arrays.equals(ids, c.ids);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(ids);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(text.isEmpty() ? "" : " ").append(dev.catwalk.net.addr.IpAddress.v4(id));
    }
    return text.toString();
  }
}
