package dev.catwalk.lab.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.lab.check.Expected;
import dev.catwalk.lab.check.Probe;
import dev.catwalk.lab.check.RouterView;
import dev.catwalk.lab.topology.Options;
import dev.catwalk.lab.topology.Plan;
import dev.catwalk.lab.topology.Planner;
import dev.catwalk.lab.topology.TopologyFile;
import dev.catwalk.net.addr.IpAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Cables, real routers, probes and their removal, with no agent yet. */
class RealNetworkTest {
  private static final int WITHIN_MS = 20_000;

  private Site site;
  private Plan plan;

  @BeforeEach
  void build() throws Exception {
    site = TestSites.make("real");
    Path file = site.home().resolve("lab/topology/underlay.yaml");
    plan = Planner.plan(TopologyFile.parse(file.toString(), Files.readString(file)), Options.NONE);
    Files.createDirectories(site.state());
    Cabling.build(site, plan);
    Routers.start(site, plan);
  }

  @AfterEach
  void remove() throws LabException {
    if (site != null) {
      Teardown.remove(site);
      assertEquals(List.of(), Teardown.leftovers(site));
    }
  }

  @Test
  void birdAndFrrCarryPacketsFromTheClientToEveryNode() throws Exception {
    assertTrue(
        Exec.await(WITHIN_MS, () -> sessionsOfRouters() == 4), () -> views().toString());
    List<Probe> probes = plan.nodes().stream()
        .map(n -> new Probe("client", n.name(), n.address(), Probe.Protocol.PING, 0))
        .toList();
    assertTrue(
        Exec.await(
            WITHIN_MS,
            () ->
                Prober.send(site, probes, site::netns).stream().allMatch(a -> a.startsWith("ok "))),
        () -> views().toString());
    Plan.Router frr = plan.routers().get(1);
    String client = plan.client().orElseThrow().address() + "/32";
    assertTrue(Routers.view(site, frr).routes().stream()
        .anyMatch(r -> r.prefix().toString().equals(client) && r.asPath().equals("65000")));
    assertEquals(
        "65000 65001 64601", Expected.asPath(plan, frr, plan.nodes().get(0)).orElseThrow());
    assertEquals("64602", Expected.asPath(plan, frr, plan.nodes().get(1)).orElseThrow());
  }

  private long sessionsOfRouters() throws LabException {
    return Routers.views(site, plan).stream()
        .flatMap(v -> v.sessions().stream())
        .filter(RouterView.Session::established)
        .count();
  }

  private List<RouterView> views() {
    try {
      return Routers.views(site, plan);
    } catch (LabException e) {
      return List.of(new RouterView(e.getMessage(), List.of(), List.of()));
    }
  }

  @Test
  void aProbeTellsRefusedSilenceAndNoWayApart() throws Exception {
    String node = plan.nodes().getFirst().name();
    IpAddress self = plan.nodes().getFirst().address();
    Exec.must(List.of("ip", "-n", site.netns(node), "route", "add", "unreachable", "192.0.2.9"));
    List<String> answers = Prober.send(
        site,
        List.of(
            new Probe(node, "self", self, Probe.Protocol.TCP, 9),
            new Probe(node, "nobody", plan.pool().cidr().at(1), Probe.Protocol.TCP, 9),
            new Probe(node, "blocked", IpAddress.parse("192.0.2.9"), Probe.Protocol.PING, 0)),
        site::netns);
    assertEquals("refused", answers.get(0));
    assertTrue(answers.get(1).matches("timeout|unreachable.*"), answers.get(1));
    assertTrue(answers.get(2).startsWith("unreachable"), answers.get(2));
  }

  @Test
  void aFailureShowsTheCommandAndWhatItSaid() {
    LabException e =
        assertThrows(LabException.class, () -> Exec.must(List.of("ip", "link", "show", "nodev")));
    assertTrue(e.getMessage().contains("'ip link show nodev'"), e.getMessage());
    assertTrue(e.getMessage().contains("does not exist"), e.getMessage());
  }

  @Test
  void whatWasStartedOutsideOfNamespacesIsFoundByItsMark() throws Exception {
    Process stray =
        site.start(site.state().resolve("stray.log"), Map.of(), List.of("sleep", "600"));
    Exec.must(List.of("ip", "netns", "delete", site.netns("tor1")));
    Teardown.remove(site);
    assertEquals(List.of(), Teardown.leftovers(site));
    assertTrue(Exec.await(WITHIN_MS, () -> !stray.isAlive()));
  }

  @Test
  void whatAKilledRouterKeptElsewhereGoesToo() throws Exception {
    Path scratch = Path.of("/var/tmp/frr");
    List<Path> kept = new ArrayList<>();
    for (String daemon : List.of("zebra", "bgpd")) {
      String pid = Files.readString(site.root("tor2").resolve(daemon + ".pid")).strip();
      ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
      kept.add(scratch.resolve(daemon + "." + pid));
    }
    assertTrue(kept.stream().allMatch(Files::exists), kept::toString);
    Teardown.remove(site);
    assertTrue(kept.stream().noneMatch(Files::exists), kept::toString);
  }

  @Test
  void theLockIsOneOnlyAndOutlivesTheRemovalOfItsFile() throws Exception {
    LabLock.holding(site, () -> {
      LabException e = assertThrows(LabException.class, () -> LabLock.holding(site, () -> {}));
      String self = Long.toString(ProcessHandle.current().pid());
      assertTrue(e.getMessage().contains("process " + self), e.getMessage());
      Teardown.remove(site);
      LabLock.holding(site, () -> assertEquals(1, Teardown.leftovers(site).size()));
    });
  }
}
