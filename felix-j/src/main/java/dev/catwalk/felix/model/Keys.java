package dev.catwalk.felix.model;

import java.util.List;

/** The keys under which the store holds what is not ipam's. No part of a key has a slash in it. */
public final class Keys {
  public static final String NODES = "nodes/";
  public static final String ENDPOINTS = "endpoints/";
  public static final String MANIFESTS = "manifests/";
  public static final String ENFORCED = "enforced/";

  private Keys() {}

  public static String node(String name) {
    return NODES + part(name);
  }

  public static String endpoint(String node, String containerId, String ifname) {
    return ENDPOINTS + part(node) + "/" + part(containerId) + "/" + part(ifname);
  }

  /** What that node says it enforces. */
  public static String enforced(String node) {
    return ENFORCED + part(node);
  }

  /**
   * @param namespace empty for what belongs to the cluster
   */
  public static String manifest(String kind, String namespace, String name) {
    return MANIFESTS + part(kind) + "/" + (namespace.isEmpty() ? "" : part(namespace)) + "/"
        + part(name);
  }

  static List<String> parts(String key) {
    return List.of(key.split("/", -1));
  }

  private static String part(String part) {
    if (part.isEmpty() || part.indexOf('/') >= 0) {
      throw new IllegalArgumentException(
          "'" + part + "' cannot be part of a key: it must have characters, and none may be '/'");
    }
    return part;
  }
}
