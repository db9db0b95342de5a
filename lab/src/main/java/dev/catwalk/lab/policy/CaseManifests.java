package dev.catwalk.lab.policy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.acl.manifest.ManifestObject;
import dev.catwalk.acl.manifest.Manifests;
import dev.catwalk.acl.manifest.Parsed;
import dev.catwalk.lab.policy.PolicyCase.Pod;
import dev.catwalk.lab.policy.PolicyCase.Port;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/** A case's objects as an orchestrator would have them. */
public final class CaseManifests {
  private static final ObjectMapper JSON = new ObjectMapper();

  private CaseManifests() {}

  /**
   * All of them.
   *
   * @param nodes of pods, by their full names
   * @return by {@code KIND/NAMESPACE/NAME}
   * @throws IllegalArgumentException naming the case and what is wrong with its policy
   */
  public static SortedMap<String, String> of(PolicyCase one, SortedMap<String, String> nodes) {
    SortedMap<String, String> all = new TreeMap<>();
    one.namespaces().forEach((name, labels) -> {
      ObjectNode json = object("Namespace", "", name, labels);
      all.put("Namespace//" + name, json.toString());
    });
    for (Pod pod : one.pods()) {
      all.put("Pod/" + pod.fullName(), pod(pod, Objects.requireNonNull(nodes.get(pod.fullName()))));
    }
    for (String text : one.policies()) {
      Parsed parsed = Manifests.parse(one.id(), text);
      if (!parsed.problems().isEmpty()) {
        throw new IllegalArgumentException(parsed.problems().getFirst().toString());
      }
      for (ManifestObject object : parsed.objects()) {
        all.put(object.kind() + "/" + object.namespace() + "/" + object.name(), object.json());
      }
    }
    return all;
  }

  private static ObjectNode object(
      String kind, String namespace, String name, SortedMap<String, String> labels) {
    ObjectNode json = JSON.createObjectNode().put("apiVersion", "v1").put("kind", kind);
    ObjectNode metadata = json.putObject("metadata").put("name", name);
    if (!namespace.isEmpty()) {
      metadata.put("namespace", namespace);
    }
    ObjectNode all = metadata.putObject("labels");
    labels.forEach(all::put);
    return json;
  }

  private static String pod(Pod pod, String node) {
    ObjectNode json = object("Pod", pod.namespace(), pod.name(), pod.labels());
    ObjectNode spec = json.putObject("spec").put("nodeName", node);
    if (pod.hostNetwork()) {
      spec.put("hostNetwork", true);
    }
    ArrayNode ports =
        spec.putArray("containers").addObject().put("name", "main").putArray("ports");
    for (Port port : pod.ports()) {
      ObjectNode one = ports.addObject();
      port.name().ifPresent(name -> one.put("name", name));
      one.put("containerPort", port.number()).put("protocol", port.protocol());
    }
    pod.phase().ifPresent(phase -> json.putObject("status").put("phase", phase));
    return json.toString();
  }
}
