package dev.catwalk.lab.topology;

import java.util.Map;
import java.util.SortedMap;

/** The Namespace and Pod objects that an orchestrator would have: where the agents learn labels. */
public final class PodManifests {
  private PodManifests() {}

  public static String render(Plan plan) {
    StringBuilder out = new StringBuilder();
    for (Map.Entry<String, SortedMap<String, String>> namespace :
        plan.topology().namespaces().entrySet()) {
      out.append("---\napiVersion: v1\nkind: Namespace\nmetadata:\n");
      out.append("  name: ").append(namespace.getKey()).append('\n');
      labels(out, namespace.getValue());
    }
    for (Plan.Pod pod : plan.pods()) {
      out.append("---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: ").append(pod.name());
      out.append("\n  namespace: ").append(pod.namespace()).append('\n');
      labels(out, pod.labels());
      out.append("spec:\n  nodeName: ").append(pod.node());
      out.append("\n  containers:\n    - name: main\n      ports:\n        - containerPort: ");
      out.append(pod.port()).append('\n');
    }
    return out.toString();
  }

  private static void labels(StringBuilder out, SortedMap<String, String> labels) {
    if (labels.isEmpty()) {
      return;
    }
    out.append("  labels:\n");
    labels.forEach(
        (k, v) -> out.append("    ").append(k).append(": \"").append(v).append("\"\n"));
  }
}
