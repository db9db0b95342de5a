package dev.catwalk.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.catwalk.lab.check.Measurement;
import dev.catwalk.lab.shell.CniBurst;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.shell.Teardown;
import dev.catwalk.lab.shell.TestSites;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** That both plugins are measured; what comes of it is for a quiet machine. */
class CniBenchTest {
  private Site site;

  @AfterEach
  void remove() throws LabException {
    if (site != null) {
      Teardown.remove(site);
    }
  }

  @Test
  void measuresBothPluginsAndLeavesNothing() throws Exception {
    assumeTrue(CniBurst.hasBridge(), "needs Debian's containernetworking-plugins");
    site = TestSites.make("cnibench");
    List<Measurement> found = Bench.measure(
        site,
        new Progress(new PrintStream(OutputStream.nullOutputStream())),
        CniBench.of(new CniBench.Size(1, 8)));
    assertEquals(17, found.size(), found::toString);
    assertEquals(4, found.stream().filter(m -> m.aim().isPresent()).count());
    assertTrue(found.stream().allMatch(m -> m.value() > 0), found::toString);
    assertEquals(List.of(), Teardown.leftovers(site));
  }
}
