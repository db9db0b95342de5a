package dev.catwalk.felix.calc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.acl.model.WorkloadKey;
import dev.catwalk.felix.model.ClusterState;
import dev.catwalk.felix.model.Endpoint;
import dev.catwalk.net.addr.IpAddress;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PolicyInputTest {

  @Test
  void aNamespaceWithoutAnObjectStaysUnknown() {
    Endpoint pod = endpoint("eth0", "10.42.0.2", "cw0123456789a");

    PolicyInput.Gathered gathered =
        new PolicyInput().gather(ClusterState.empty(), "node1", List.of(pod));

    assertEquals(
        new TreeSet<>(List.of("cw0123456789a")),
        gathered.links().get(new WorkloadKey("shop", "web")));
    // An invented object would have no labels, and then match "every namespace but those labelled"
    assertTrue(gathered.state().namespaces().isEmpty(), () -> gathered.state().toString());
  }

  @Test
  void aPodOfTwoInterfacesIsOneWorkload() {
    PolicyInput.Gathered gathered = new PolicyInput()
        .gather(
            ClusterState.empty(),
            "node1",
            List.of(
                endpoint("eth0", "10.42.0.2", "cw0123456789a"),
                endpoint("net1", "10.42.0.3", "cw0123456789b")));

    WorkloadKey key = new WorkloadKey("shop", "web");
    assertEquals(
        new TreeSet<>(List.of("cw0123456789a", "cw0123456789b")),
        gathered.links().get(key));
    assertEquals(
        List.of(IpAddress.parse("10.42.0.2"), IpAddress.parse("10.42.0.3")),
        gathered.state().workloads().get(key).addresses());
  }

  private static Endpoint endpoint(String ifname, String ip, String link) {
    return new Endpoint(
        "node1",
        "c1",
        ifname,
        "shop",
        "web",
        new TreeMap<>(),
        List.of(IpAddress.parse(ip)),
        link,
        "",
        List.of());
  }
}
