package dev.catwalk.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.catwalk.lab.shell.Agents;
import dev.catwalk.lab.shell.Containers;
import dev.catwalk.lab.shell.Exec;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.shell.Teardown;
import dev.catwalk.lab.shell.TestSites;
import dev.catwalk.lab.topology.Families;
import dev.catwalk.lab.topology.Options;
import dev.catwalk.lab.topology.Plan.Pod;
import dev.catwalk.net.addr.Prefix;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole of {@code lab up --family 6} and {@code dual} with other addresses than the user's. */
class FamiliesTest {
  private static final int RELEASED_WITHIN_MS = 20_000;

  @ParameterizedTest
  @EnumSource(names = {"SIX", "DUAL"})
  void everyExpectationHoldsAndAddressesComeAndGoTogether(Families families) throws Exception {
    List<Prefix> pools = new ArrayList<>();
    if (families == Families.DUAL) {
      pools.add(Prefix.parse("10.88.64.0/18"));
    }
    pools.add(Prefix.parse("2001:db8:77::/80"));
    Options options = new Options(Optional.of(2), pools, 11, families);
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    Progress progress = new Progress(new PrintStream(printed, true, StandardCharsets.UTF_8));
    Site site = TestSites.make("family" + families);
    try {
      boolean held = Up.run(site, "first-light", options, progress);
      assertTrue(held, () -> printed.toString(StandardCharsets.UTF_8));
      addressesComeAndGoTogether(Network.standing(site));
    } finally {
      Teardown.remove(site);
    }
    assertEquals(List.of(), Teardown.leftovers(site));
  }

  private static void addressesComeAndGoTogether(Network network) throws LabException {
    Site site = network.site();
    for (Pod pod : network.plan().pods()) {
      assertEquals(network.addresses(pod), Containers.attach(site, pod));
      Containers.detach(site, pod);
    }
    String first = network.plan().nodes().getFirst().name();
    assertTrue(
        Exec.await(RELEASED_WITHIN_MS, () -> {
          int allocated = 0;
          for (JsonNode block : Agents.json(site, first, "ipam show").path("blocks")) {
            allocated += block.path("allocated").asInt();
          }
          return allocated == 0;
        }),
        "every address is given back");
  }
}
