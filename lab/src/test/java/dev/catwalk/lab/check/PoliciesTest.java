package dev.catwalk.lab.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.lab.check.Probe.Protocol;
import dev.catwalk.lab.topology.Options;
import dev.catwalk.lab.topology.Plan;
import dev.catwalk.lab.topology.Planner;
import dev.catwalk.lab.topology.PodManifests;
import dev.catwalk.lab.topology.Topology;
import dev.catwalk.lab.topology.TopologyFile;
import dev.catwalk.net.addr.Prefix;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The expectations of {@code lab up}, from its own files. */
class PoliciesTest {
  private static final Path ROOT = root();

  private static Path root() {
    Path at = Path.of("").toAbsolutePath();
    while (!Files.exists(at.resolve("lab/topology"))) {
      at = at.getParent();
    }
    return at;
  }

  private static List<Place> places(Plan plan) {
    List<Place> places = new ArrayList<>();
    Prefix pool = plan.pool().cidr();
    for (Plan.Pod pod : plan.pods()) {
      places.add(
          new Place(pod.fullName(), pool.at(1 + places.size()), pod.port(), pod.otherPorts()));
    }
    plan.client().ifPresent(c -> places.add(new Place(c.name(), c.address(), 0)));
    return places;
  }

  @Test
  void frontendOnlyClosesTheBackendToAllButTheFrontend() throws Exception {
    Path file = ROOT.resolve("lab/topology/first-light.yaml");
    Plan plan =
        Planner.plan(TopologyFile.parse(file.toString(), Files.readString(file)), Options.NONE);
    Policies.Text pods = new Policies.Text("pods", PodManifests.render(plan));
    String name = plan.topology().steps().getFirst().manifest();
    Policies.Text policy = new Policies.Text(name, Files.readString(ROOT.resolve(name)));
    List<Place> places = places(plan);

    Policies before = Policies.read(List.of(pods), places);
    Policies after = Policies.read(List.of(pods, policy), places);

    int closed = 0;
    for (Probe probe : Matrix.everyPair(places)) {
      assertTrue(before.pass(probe), probe.toString());
      boolean toBackend = probe.to().startsWith("shop/backend");
      boolean allowed =
          probe.from().startsWith("shop/frontend") && probe.protocol() == Protocol.TCP;
      assertEquals(!toBackend || allowed, after.pass(probe), probe.toString());
      closed += after.pass(probe) ? 0 : 1;
    }
    assertTrue(closed > 0);
  }

  @Test
  void theManifestsOfCalicoAclComeToWhatIsPublished() throws Exception {
    Path file = ROOT.resolve("lab/topology/calico-acl.yaml");
    Plan plan =
        Planner.plan(TopologyFile.parse(file.toString(), Files.readString(file)), Options.NONE);
    List<Place> places = places(plan);
    List<Policies.Text> texts = new ArrayList<>();
    texts.add(new Policies.Text("pods", PodManifests.render(plan)));
    assertEquals(4 * 3 * 4, Matrix.everyPair(places).size());
    for (Topology.Step step : plan.topology().steps()) {
      texts.add(
          new Policies.Text(step.manifest(), Files.readString(ROOT.resolve(step.manifest()))));
      Policies policies = Policies.read(texts, places);
      Published published = Published.parse(step.open().orElseThrow());
      for (Probe probe : Matrix.everyPair(places)) {
        assertEquals(published.pass(probe), policies.pass(probe), step + " " + probe);
      }
    }
    assertEquals(5, texts.size());
  }

  @Test
  void aBrokenManifestIsNamedWithItsLine() {
    IllegalArgumentException e = assertThrows(
        IllegalArgumentException.class,
        () -> Policies.read(
            List.of(new Policies.Text("odd.yaml", "kind: NetworkPolicy\nspec: {}\n")), List.of()));
    assertFalse(e.getMessage().isBlank());
    assertTrue(e.getMessage().contains("odd.yaml:"), e.getMessage());
  }
}
