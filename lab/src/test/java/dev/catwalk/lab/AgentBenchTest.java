package dev.catwalk.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.lab.check.Measurement;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.shell.Teardown;
import dev.catwalk.lab.shell.TestSites;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** That everything is measured; what comes of it is for a quiet machine. */
class AgentBenchTest {
  private Site site;

  @AfterEach
  void remove() throws LabException {
    if (site != null) {
      Teardown.remove(site);
    }
  }

  @Test
  void measuresAllAndLeavesNothing() throws Exception {
    site = TestSites.make("bench");
    List<Measurement> found = Bench.measure(
        site,
        new Progress(new PrintStream(OutputStream.nullOutputStream())),
        AgentBench.of(new AgentBench.Size(1, 0, 2, 16)));
    assertEquals(11, found.size(), found::toString);
    assertEquals(4, found.stream().filter(m -> m.aim().isPresent()).count());
    assertTrue(found.stream().allMatch(m -> m.value() > 0), found::toString);
    assertEquals(List.of(), Teardown.leftovers(site));
  }
}
