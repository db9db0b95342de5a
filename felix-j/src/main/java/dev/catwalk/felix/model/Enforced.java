package dev.catwalk.felix.model;

/**
 * What a node says of itself when manifests have changed, under {@code enforced/NODE}.
 *
 * @param revision all manifests as of it are in that node's kernel
 */
public record Enforced(String node, long revision) {

  /** Where the store holds it. */
  public String key() {
    return Keys.enforced(node);
  }

  public byte[] encode() {
    return Json.bytes(Json.value().put("node", node).put("revision", revision));
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IllegalArgumentException naming the member
   */
  public static Enforced decode(byte[] bytes) {
    JsonObject json = Json.read(bytes);
    return new Enforced(json.text("node"), json.number("revision"));
  }
}
