package dev.catwalk.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.lab.check.Measurement;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.Site;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class JmhBenchTest {
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final Progress progress =
      new Progress(new PrintStream(said, true, StandardCharsets.UTF_8));

  @Test
  void whatIsNamedIsMeasured() throws Exception {
    List<Measurement> found = JmhBench.of("ecodeAnd", 1_000, true).on(Site.user(), progress);
    assertEquals(
        List.of("jmh decodeAndInsert"), found.stream().map(Measurement::what).toList());
    assertTrue(found.getFirst().value() > 0, found::toString);
    assertTrue(said.toString(StandardCharsets.UTF_8).contains("1,000 prefixes"));
  }

  @Test
  void aNameThatIsNoneIsRefused() {
    LabException refused = assertThrows(
        LabException.class, () -> JmhBench.of("nothing", 1, true).on(Site.user(), progress));
    assertTrue(refused.getMessage().contains("decodeAndInsert"), refused::getMessage);
  }
}
