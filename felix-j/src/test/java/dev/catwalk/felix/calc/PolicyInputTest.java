package dev.catwalk.felix.calc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.acl.model.WorkloadKey;
import dev.catwalk.felix.model.ClusterState;
import dev.catwalk.felix.model.Endpoint;
import dev.catwalk.net.addr.IpAddress;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PolicyInputTest {

  @Test
  void aNamespaceWithoutAnObjectStaysUnknown() {
    Endpoint pod = new Endpoint(
        "node1",
        "c1",
        "eth0",
        "shop",
        "web",
        new TreeMap<>(),
        List.of(IpAddress.parse("10.42.0.2")),
        "cw0123456789a",
        "",
        List.of());

    PolicyInput.Gathered gathered =
        new PolicyInput().gather(ClusterState.empty(), "node1", List.of(pod));

    assertEquals("cw0123456789a", gathered.links().get(new WorkloadKey("shop", "web")));
    // An invented object would have no labels, and then match "every namespace but those labelled"
    assertTrue(gathered.state().namespaces().isEmpty(), () -> gathered.state().toString());
  }
}
