package dev.catwalk.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.lab.check.Measurement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IpamBenchTest {
  @Test
  void everythingIsMeasuredAndNothingIsLeft(@TempDir Path dir) throws Exception {
    List<Measurement> all = IpamBench.of(dir, 640, 20_000, 50);
    assertEquals(8, all.size(), all::toString);
    assertTrue(all.stream().allMatch(m -> m.value() > 0), all::toString);
    try (Stream<Path> left = Files.list(dir)) {
      assertEquals(0, left.count());
    }
  }
}
