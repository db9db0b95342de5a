package dev.catwalk.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.lab.RestartBench.Kind;
import dev.catwalk.lab.check.Measurement;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.shell.Teardown;
import dev.catwalk.lab.shell.TestSites;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The short form of {@code lab bench restart}: next to nothing is lost, and nothing forbidden comes.
 * The bench itself judges by none at all; here the machine has the build's other work to do too, and
 * without what is tested a seventh of all packets was lost.
 */
@Alone
class RestartBenchTest {
  private static final int ROUNDS = 2;
  private static final int RATE = 2_400;
  private static final int MOST_LOST = 20; // of more than 17,000 a kind

  private Site site;

  @AfterEach
  void remove() throws LabException {
    if (site != null) {
      Teardown.remove(site);
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void nobodyNotices(Kind kind) throws Exception {
    site = TestSites.make("restart");
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    Progress progress = new Progress(new PrintStream(printed, true, StandardCharsets.UTF_8));
    List<Measurement> found = Bench.measure(
        site, progress, RestartBench.of(new RestartBench.Size(ROUNDS, List.of(kind), RATE)));
    String said = printed.toString(StandardCharsets.UTF_8);
    for (Measurement one : found) {
      if (one.aim().isEmpty() && !one.what().contains("forbidden")) {
        assertTrue(one.value() > 0, one.toString()); // something was sent
      }
      if (one.what().endsWith(": lost")) {
        assertTrue(one.value() <= MOST_LOST, () -> one + "\n" + said);
      } else if (!one.what().contains("changes of routes")) {
        assertFalse(one.missed(), () -> one + "\n" + said);
      }
    }
    assertEquals(List.of(), Teardown.leftovers(site));
  }
}
