package dev.catwalk.felix.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.felix.calc.Gateway;
import dev.catwalk.felix.calc.Leftover;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class LearnedRoutesTest {
  private static final Prefix BLOCK = Prefix.parse("10.42.7.0/24");
  private static final long BEGIN =
      Long.valueOf(Long.MAX_VALUE - 1); // a clock may overflow; no constant, then

  @Test
  void whatWasFoundGoesAMomentAfterPeersHaveToldAll() {
    TreeMap<Prefix, List<Gateway>> found = new TreeMap<>();
    found.put(
        BLOCK,
        List.of(
            Gateway.of(IpAddress.parse("192.0.2.1")), Gateway.of(IpAddress.parse("192.0.2.2"))));
    LearnedRoutes routes = new LearnedRoutes(new Leftover(found, new TreeSet<>()), false);
    assertEquals(found, routes.now());

    routes.tick(BEGIN);
    assertEquals(found, routes.now(), "nobody has told all");

    routes.converged(BEGIN);
    routes.tick(BEGIN + LearnedRoutes.LINGER_NANOS - 1);
    assertEquals(found, routes.now());
    assertFalse(routes.isSettled());
    routes.tick(BEGIN + LearnedRoutes.LINGER_NANOS);
    assertEquals(new TreeMap<>(), routes.now());
    assertTrue(routes.isSettled());
  }
}
