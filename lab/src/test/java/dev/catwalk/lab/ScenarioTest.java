package dev.catwalk.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.shell.Teardown;
import dev.catwalk.lab.shell.TestSites;
import dev.catwalk.lab.topology.Options;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every scenario, but for {@code calico-mesh}: host-gw, overlay and controllers are built on a mesh
 * too. {@code -Dcatwalk.scenarios=all} runs that as well.
 */
class ScenarioTest {
  private Site site;

  static List<Scenario> scenarios() {
    boolean all = System.getProperty("catwalk.scenarios", "").equals("all");
    return Arrays.stream(Scenario.values())
        .filter(s -> all || s != Scenario.CALICO_MESH)
        .toList();
  }

  @AfterEach
  void remove() throws LabException {
    if (site != null) {
      Teardown.remove(site);
    }
  }

  @ParameterizedTest
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  @MethodSource("scenarios")
  void holdsAndLeavesNothing(Scenario scenario) throws Exception {
    site = TestSites.make("scenario");
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    assertTrue(
        scenario.run(site, Options.NONE, false, new Progress(out)),
        () -> printed.toString(StandardCharsets.UTF_8));
    assertEquals(List.of(), Teardown.leftovers(site));
  }
}
