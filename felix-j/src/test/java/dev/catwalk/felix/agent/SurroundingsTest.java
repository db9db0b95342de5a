package dev.catwalk.felix.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.rib.Underlay;
import dev.catwalk.bgp.rib.Via;
import dev.catwalk.felix.calc.Gateway;
import dev.catwalk.felix.calc.RouteTarget;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SurroundingsTest {
  private final Surroundings surroundings = new Surroundings();
  private final TreeSet<IpAddress> none = new TreeSet<>();

  private static Optional<SortedMap<Prefix, RouteTarget>> routes() {
    TreeMap<Prefix, RouteTarget> routes = new TreeMap<>();
    Gateway named = new Gateway(IpAddress.parse("10.77.0.1"), "eth1");
    routes.put(Prefix.parse("0.0.0.0/0"), new RouteTarget.Gateways(List.of(named)));
    routes.put(Prefix.parse("10.9.0.0/24"), new RouteTarget.Device("eth0"));
    routes.put(Prefix.parse("10.56.0.0/24"), new RouteTarget.Blackhole());
    return Optional.of(routes);
  }

  @Test
  void linksAndPodsAreNeighboursAndRoutesLeadOn() {
    TreeSet<IpAddress> pods = new TreeSet<>(List.of(IpAddress.parse("10.42.0.5")));
    Underlay said = surroundings.look(routes(), pods).orElseThrow();
    assertEquals(
        new TreeSet<>(List.of(Prefix.parse("10.9.0.0/24"), Prefix.parse("10.42.0.5/32"))),
        said.links());
    assertEquals(
        List.of(new Via(IpAddress.parse("10.77.0.1"), "eth1")),
        said.routes().get(Prefix.parse("0.0.0.0/0")));
    assertEquals(List.of(), said.routes().get(Prefix.parse("10.56.0.0/24")));
    assertTrue(surroundings.look(routes(), pods).isEmpty(), "nothing new");
    assertTrue(surroundings.look(routes(), none).isPresent(), "a pod is gone");
  }

  /** Then the kernel has the last word, as if nobody looked. */
  @Test
  void whereOthersHaveTooManyRoutesAllIsANeighbour() {
    assertTrue(surroundings.look(routes(), none).isPresent());
    Underlay said = surroundings.look(Optional.empty(), none).orElseThrow();
    assertEquals(
        new TreeSet<>(List.of(Prefix.parse("0.0.0.0/0"), Prefix.parse("::/0"))), said.links());
    assertTrue(said.routes().isEmpty());
  }
}
