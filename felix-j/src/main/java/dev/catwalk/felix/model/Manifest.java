package dev.catwalk.felix.model;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * An object as a user applied it, under {@code manifests/KIND/NAMESPACE/NAME}. Its text is kept as
 * it came: what it means is for the room that reads it.
 *
 * @param namespace empty for what belongs to the cluster
 * @param generation 1 for the first text under this key, one more for each that differs
 */
public record Manifest(String kind, String namespace, String name, long generation, String text) {

  /** Where the store holds it. */
  public String key() {
    return Keys.manifest(kind, namespace, name);
  }

  public byte[] encode() {
    ObjectNode json = Json.value();
    json.put("kind", kind);
    json.put("namespace", namespace);
    json.put("name", name);
    json.put("generation", generation);
    json.put("text", text);
    return Json.bytes(json);
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IllegalArgumentException naming the member
   */
  public static Manifest decode(byte[] bytes) {
    JsonObject json = Json.read(bytes);
    return new Manifest(
        json.text("kind"),
        json.text("namespace"),
        json.text("name"),
        json.number("generation"),
        json.text("text"));
  }
}
