package dev.catwalk.bgp.exabgp;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** ExaBGP's own cases, outside the repository. */
final class ExaBgpCases {
  static final ObjectMapper MAPPER = new ObjectMapper();

  private ExaBgpCases() {}

  static Path folder() {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(root.resolve(".ci")) && root.getParent() != null) {
      root = root.getParent();
    }
    return root.resolve("../shared/data/exabgp").normalize();
  }

  /** The cases of one of its files; the test is left out where they are not. */
  static JsonNode read(String file) throws IOException {
    Path path = folder().resolve(file);
    assumeTrue(Files.isReadable(path), "no ExaBGP cases at " + path);
    JsonNode all = MAPPER.readTree(path.toFile());
    return all.has("cases") ? all.get("cases") : all;
  }
}
