package dev.catwalk.acl.model;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** A namespace and its labels, among them always {@link #NAME_LABEL} with its name. */
public record Namespace(String name, SortedMap<String, String> labels) {
  /** The label that the Kubernetes API server sets on every namespace. */
  public static final String NAME_LABEL = "kubernetes.io/metadata.name";

  public Namespace {
    SortedMap<String, String> all = new TreeMap<>(labels);
    all.put(NAME_LABEL, name);
    labels = Collections.unmodifiableSortedMap(all);
  }
}
