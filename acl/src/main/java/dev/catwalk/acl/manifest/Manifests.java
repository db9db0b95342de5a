package dev.catwalk.acl.manifest;

import dev.catwalk.acl.model.Namespace;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads manifests. */
public final class Manifests {
  /** Characters of one text. */
  public static final int MAX_TEXT = 4 * 1024 * 1024;
  /** How deep lists and mappings may be nested. */
  public static final int MAX_DEPTH = 64;
  /** Values in one text, each as often as aliases repeat it. */
  public static final int MAX_VALUES = 500_000;
  /** Objects in one text. */
  public static final int MAX_OBJECTS = 20_000;
  /** Problems that are told of one text. */
  public static final int MAX_PROBLEMS = 100;

  private static final String CORE = "v1";
  private static final String NETWORKING = "networking.k8s.io/v1";
  private static final String CALICO = "projectcalico.org/v3";

  private final List<Problem> problems = new ArrayList<>();
  private final List<ManifestObject> objects = new ArrayList<>();
  private final SortedMap<String, Integer> linesByName = new TreeMap<>();

  private Manifests() {}

  /**
   * Reads all objects of a text: YAML documents, JSON, and {@code List}s of objects.
   *
   * @param fileName for the problems
   */
  public static Parsed parse(String fileName, String text) {
    Manifests manifests = new Manifests();
    try {
      for (Yaml document : YamlReader.read(text)) {
        manifests.object(new Located(fileName, "", document, manifests.problems));
      }
    } catch (YamlReader.Refused e) {
      manifests.problems.add(new Problem(fileName, e.line(), "", e.what(), ""));
    }
    List<Problem> told = manifests.problems;
    return new Parsed(manifests.objects, told.subList(0, Math.min(told.size(), MAX_PROBLEMS)));
  }

  private void object(Located object) {
    if (problems.size() >= MAX_PROBLEMS) {
      return;
    }
    if (!(object.yaml() instanceof Yaml.Fields)) {
      object.problem(
          "is " + object.yaml().word() + ", want an object", "apiVersion, kind, metadata");
      return;
    }
    Optional<Located> kindField = object.field("kind");
    if (kindField.isEmpty()) {
      object.missing("kind", "Namespace, Pod, NetworkPolicy or List");
      return;
    }
    String kind = kindField.flatMap(Located::text).orElse("");
    switch (kind) {
      case "" -> {}
      case "List" -> list(object);
      case "Namespace", "Pod", "NetworkPolicy", "IPPool", "IPReservation", "IPAMConfiguration" ->
        supported(object, kind);
      default ->
        kindField
            .get()
            .problem(
                "kind " + kind + " is not supported yet",
                "Namespace, Pod, NetworkPolicy, IPPool, IPReservation, IPAMConfiguration and List are");
    }
  }

  private void list(Located object) {
    object.only("apiVersion", "kind", "metadata", "items");
    apiVersion(object, "List", CORE);
    for (Located item : object.items("items")) {
      if (item.field("kind")
          .flatMap(k ->
              k.yaml() instanceof Yaml.Scalar s ? Optional.of(s.text()) : Optional.<String>empty())
          .filter("List"::equals)
          .isPresent()) {
        item.problem("a List is in a List", "put its items here");
      } else {
        object(item);
      }
    }
  }

  private void supported(Located object, String kind) {
    int before = problems.size();
    apiVersion(
        object,
        kind,
        kind.startsWith("IP") ? CALICO : kind.equals("NetworkPolicy") ? NETWORKING : CORE);
    Metadata metadata = Metadata.of(object, !kind.equals("Namespace") && !kind.startsWith("IP"));
    String json = Json.of(withNamespace(object.yaml(), metadata));
    ManifestObject read = switch (kind) {
      case "Namespace" -> {
        object.only("apiVersion", "kind", "metadata", "spec", "status");
        yield new ManifestObject.OfNamespace(
            new Namespace(metadata.name(), metadata.labels()), json);
      }
      case "Pod" -> new ManifestObject.OfPod(PodReader.read(object, metadata), json);
      case "IPPool", "IPReservation", "IPAMConfiguration" ->
        new ManifestObject.OfAddresses(
            kind, metadata.name(), AddressReader.read(object, kind), json);
      default -> new ManifestObject.OfPolicy(NetworkPolicyReader.read(object, metadata), json);
    };
    String name = kind + " " + metadata.namespace() + "/" + metadata.name();
    Integer earlier = linesByName.putIfAbsent(name, object.line());
    if (earlier != null) {
      object.problem(name + " is here twice", "the other one begins at line " + earlier);
    }
    if (objects.size() >= MAX_OBJECTS) {
      object.problem("more than " + MAX_OBJECTS + " objects", "split the file");
    }
    if (problems.size() == before) {
      objects.add(read);
    }
  }

  private static void apiVersion(Located object, String kind, String wanted) {
    Optional<Located> field = object.field("apiVersion");
    if (field.isEmpty()) {
      object.missing("apiVersion", kind + " is of " + wanted);
    } else if (!field.flatMap(Located::text).orElse(wanted).equals(wanted)) {
      field.get().problem("is not known for " + kind, "want " + wanted);
    }
  }

  /** The object with {@code metadata.namespace} written out where it was left to the default. */
  private static Yaml withNamespace(Yaml yaml, Metadata metadata) {
    if (metadata.namespace().isEmpty()
        || !(yaml instanceof Yaml.Fields(int line, List<Yaml.Entry> all))) {
      return yaml;
    }
    List<Yaml.Entry> entries = new ArrayList<>();
    for (Yaml.Entry entry : all) {
      if (entry.key().equals("metadata")
          && entry.value() instanceof Yaml.Fields(int at, List<Yaml.Entry> fields)) {
        List<Yaml.Entry> named = new ArrayList<>(fields);
        named.removeIf(e -> e.key().equals("namespace"));
        Yaml value = new Yaml.Scalar(at, Yaml.Type.TEXT, metadata.namespace());
        named.add(new Yaml.Entry(at, "namespace", value));
        entries.add(new Yaml.Entry(entry.line(), "metadata", new Yaml.Fields(at, named)));
      } else {
        entries.add(entry);
      }
    }
    return new Yaml.Fields(line, entries);
  }
}
