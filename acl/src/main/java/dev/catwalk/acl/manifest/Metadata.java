package dev.catwalk.acl.manifest;

import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The {@code metadata} of an object; name and namespace are empty texts where they are wrong. */
record Metadata(String name, String namespace, SortedMap<String, String> labels) {
  private static final String[] FIELDS = {
    "name",
    "namespace",
    "labels",
    "annotations",
    "generateName",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "finalizers",
    "ownerReferences",
    "managedFields",
    "selfLink"
  };

  /**
   * Reads it.
   *
   * @param namespaced whether the kind lives in namespaces; a missing one is {@code default}
   */
  static Metadata of(Located object, boolean namespaced) {
    Optional<Located> found = object.field("metadata");
    if (found.isEmpty()) {
      object.missing("metadata.name", "every object has a name");
      return new Metadata("", "", new TreeMap<>());
    }
    Located metadata = found.get();
    metadata.only(FIELDS);
    Optional<Located> name = metadata.field("name");
    if (name.isEmpty()) {
      metadata.missing("name", "every object has a name");
    }
    Optional<Located> namespace = metadata.field("namespace");
    if (!namespaced && namespace.isPresent()) {
      namespace.get().problem("this kind is in no namespace", "remove it");
    }
    return new Metadata(
        name.flatMap(n -> namespaced ? Syntax.dnsSubdomain(n) : Syntax.dnsLabel(n))
            .orElse(""),
        namespaced ? namespace.map(n -> Syntax.dnsLabel(n).orElse("")).orElse("default") : "",
        metadata.field("labels").map(Metadata::labels).orElse(new TreeMap<>()));
  }

  /** Labels, or the same of a selector. */
  static SortedMap<String, String> labels(Located at) {
    SortedMap<String, String> labels = new TreeMap<>();
    for (Yaml.Entry entry : at.entries()) {
      Located value = at.at(entry);
      Optional<String> text = Syntax.labelValue(value);
      if (Syntax.labelKey(value, entry.key()) && text.isPresent()) {
        labels.put(entry.key(), text.get());
      }
    }
    return labels;
  }
}
