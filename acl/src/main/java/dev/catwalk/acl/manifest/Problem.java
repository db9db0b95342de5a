package dev.catwalk.acl.manifest;

/**
 * What is wrong with a manifest, and where.
 *
 * @param line from 1
 * @param field the path to it, such as {@code spec.ingress[0].ports[1].port}; empty for a document
 * @param hint what would be right; may be empty
 */
public record Problem(String file, int line, String field, String what, String hint) {
  @Override
  public String toString() {
    return file + ":" + line + ": " + (field.isEmpty() ? "" : field + ": ") + what
        + (hint.isEmpty() ? "" : " (" + hint + ")");
  }
}
