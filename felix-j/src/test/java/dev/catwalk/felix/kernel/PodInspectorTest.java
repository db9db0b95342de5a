package dev.catwalk.felix.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.felix.calc.PodWiring;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.MacAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What CHECK sees of a pod on the real kernel, where nobody repairs it meanwhile. */
class PodInspectorTest {
  private TestNetns nets;
  private KernelService kernel;
  private PodWiring pod;

  @BeforeEach
  void wirePod() throws Exception {
    nets = TestNetns.open();
    Path node = nets.add("n");
    pod = new PodWiring(
        "a",
        nets.add("a").toString(),
        "eth0",
        List.of(IpAddress.parse("10.42.7.2"), IpAddress.parse("fd00:7::2")),
        PodWiring.DEFAULT_MTU,
        Optional.of(MacAddress.parse("0a:00:00:00:00:01")));
    // Desires nothing: so nothing is repaired.
    kernel = KernelService.start(Optional.of(node), Optional.empty());
    kernel.wirePod(pod).get(30, TimeUnit.SECONDS);
  }

  @AfterEach
  void remove() throws Exception {
    if (kernel != null) {
      kernel.close();
    }
    if (nets != null) {
      nets.close();
    }
  }

  private record Damage(String where, String command, String kinds) {}

  @Test
  void everyDamageIsNamedAndWiringAgainRepairsIt() throws Exception {
    assertEquals("", kinds());
    String host = pod.hostName();
    for (Damage damage : List.of(
        new Damage("a", "ip addr del 10.42.7.2/32 dev eth0", "ADDRESS"),
        new Damage("a", "ip -6 addr del fd00:7::2/128 dev eth0", "ADDRESS"),
        new Damage("a", "ip route replace default dev eth0", "ROUTE"),
        new Damage("a", "ip route del default", "ROUTE"),
        new Damage("a", "ip -6 route del default", "ROUTE"),
        new Damage("a", "ip neigh del 169.254.1.1 dev eth0", "NEIGHBOUR"),
        new Damage(
            "a",
            "ip neigh change fe80::1 dev eth0 lladdr 0a:00:00:00:00:09 nud permanent",
            "NEIGHBOUR"),
        new Damage("n", "ip route del 10.42.7.2", "ROUTE"),
        new Damage("n", "ip -6 route del fd00:7::2", "ROUTE"),
        new Damage("n", "ip link set " + host + " down", "LINK ROUTE ROUTE"),
        new Damage("n", "ip link del " + host, "LINK LINK"))) {
      nets.in(damage.where(), damage.command());
      String seen = kinds(); // the kernel may take more with it
      assertTrue(
          List.of(seen.split(" ")).containsAll(List.of(damage.kinds().split(" "))),
          () -> damage + ": " + seen);
      kernel.wirePod(pod).get(30, TimeUnit.SECONDS);
      assertEquals("", kinds(), damage.command());
    }
  }

  @Test
  void anotherMacIsNamed() throws Exception {
    nets.in("a", "ip link set eth0 address 0a:00:00:00:00:02");
    assertTrue(kinds().startsWith("LINK"), "and the kernel has forgotten the neighbours");
  }

  @Test
  void aFurtherInterfaceIsSeenInItsOwnTable() throws Exception {
    PodWiring further = new PodWiring(
        "a", pod.netns(), "net1", List.of(IpAddress.parse("10.42.7.3")), PodWiring.DEFAULT_MTU);
    for (int i = 0; i < 2; i++) {
      kernel.wirePod(further).get(30, TimeUnit.SECONDS);
      assertEquals(List.of(), kernel.inspectPod(further).get(30, TimeUnit.SECONDS));
      assertEquals("", kinds());
    }
    assertTrue(nets.in("a", "ip route get 192.0.2.1 from 10.42.7.3").contains("dev net1"));
    assertTrue(nets.in("a", "ip route get 192.0.2.1").contains("dev eth0"));
    assertEquals(1, nets.in("a", "ip rule").split("10.42.7.3", -1).length - 1);
  }

  @Test
  void aNamespaceThatIsGoneIsSaid() throws Exception {
    PodWiring gone = pod.in("/run/netns/cw-none");
    ExecutionException e =
        assertThrows(ExecutionException.class, () -> kernel.inspectPod(gone).get());
    assertTrue(e.getCause().getMessage().contains("/run/netns/cw-none"), e.toString());
  }

  private String kinds() throws Exception {
    return kernel.inspectPod(pod).get(30, TimeUnit.SECONDS).stream()
        .map(d -> d.kind().toString())
        .collect(Collectors.joining(" "));
  }
}
