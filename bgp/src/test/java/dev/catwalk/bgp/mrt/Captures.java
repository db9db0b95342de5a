package dev.catwalk.bgp.mrt;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Outside files, which are not part of the repository. */
public final class Captures {
  private Captures() {}

  /** {@code ../shared/data} beside the repository. */
  public static Path data() {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(root.resolve(".ci")) && root.getParent() != null) {
      root = root.getParent();
    }
    return root.resolve("../shared/data").normalize();
  }

  /** The files below it; the test is left out where there are none. */
  public static List<Path> below(String folder) throws IOException {
    Path path = data().resolve(folder);
    assumeTrue(Files.isDirectory(path), "no files at " + path);
    try (Stream<Path> files = Files.walk(path)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }
}
