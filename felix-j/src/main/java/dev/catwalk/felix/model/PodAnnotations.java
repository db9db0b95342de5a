package dev.catwalk.felix.model;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** The annotations in the manifest of a pod, or of a namespace. */
public final class PodAnnotations {
  private static final LoadSettings SETTINGS = LoadSettings.builder()
      .setMaxAliasesForCollections(0)
      .setCodePointLimit(1 << 20)
      .build();

  private static final String MEMBER = "annotations";

  private PodAnnotations() {}

  /** Those of {@code metadata.annotations} that are texts; none where there is no such manifest. */
  public static SortedMap<String, String> of(ClusterState cluster, String namespace, String pod) {
    Manifest manifest = cluster.manifests().get(Keys.manifest("Pod", namespace, pod));
    return manifest == null ? Collections.emptySortedMap() : of(manifest.text());
  }

  /** The same of a namespace. */
  public static SortedMap<String, String> ofNamespace(ClusterState cluster, String namespace) {
    Manifest manifest = cluster.manifests().get(Keys.manifest("Namespace", "", namespace));
    return manifest == null ? Collections.emptySortedMap() : of(manifest.text());
  }

  private static SortedMap<String, String> of(String text) {
    // To read YAML takes longer than all else that a pod's start asks of a manifest. Only an escape
    // can spell the word in another way.
    if (!text.contains(MEMBER) && text.indexOf('\\') < 0) {
      return Collections.emptySortedMap();
    }
    TreeMap<String, String> annotations = new TreeMap<>();
    try {
      Object root = new Load(SETTINGS).loadFromString(text);
      if (root instanceof Map<?, ?> pod
          && pod.get("metadata") instanceof Map<?, ?> metadata
          && metadata.get(MEMBER) instanceof Map<?, ?> given) {
        given.forEach((key, value) -> {
          if (key instanceof String name && value instanceof String word) {
            annotations.put(name, word);
          }
        });
      }
    } catch (YamlEngineException e) {
      annotations.clear(); // apply has refused it already; another program's version may not have
    }
    return annotations;
  }
}
