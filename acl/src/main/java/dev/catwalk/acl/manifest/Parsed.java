package dev.catwalk.acl.manifest;

import java.util.List;

/**
 * What a file holds. With any problem, nothing of the file is to be applied.
 *
 * @param objects those without a problem, in the file's order
 */
public record Parsed(List<ManifestObject> objects, List<Problem> problems) {
  public Parsed {
    objects = List.copyOf(objects);
    problems = List.copyOf(problems);
  }
}
