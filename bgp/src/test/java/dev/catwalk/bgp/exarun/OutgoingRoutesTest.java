package dev.catwalk.bgp.exarun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.exabgp.Commands;
import dev.catwalk.bgp.exabgp.MalformedException;
import dev.catwalk.bgp.exabgp.Route;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many routes a neighbour may have, those that wait for their watchdogs included. */
class OutgoingRoutesTest {
  private static final String WAITING = " next-hop self watchdog dog withdraw";

  private static Route route(String command) throws MalformedException {
    return Commands.routes(command).getFirst().get(0);
  }

  @Test
  void whatWaitsForAWatchdogIsCounted() throws MalformedException {
    OutgoingRoutes routes = new OutgoingRoutes(true, 2);
    for (int turn = 0; turn < 2; turn++) {
      assertTrue(routes.add(route("announce route 10.0.0.0/8" + WAITING)));
      assertTrue(routes.add(route("announce route 11.0.0.0/8" + WAITING)));
    }
    assertFalse(routes.add(route("announce route 12.0.0.0/8" + WAITING)));
    assertFalse(routes.add(route("announce route 12.0.0.0/8 next-hop self watchdog cat withdraw")));
    assertTrue(routes.add(route("announce route 13.0.0.0/8 next-hop self")));
    assertTrue(routes.add(route("withdraw route 13.0.0.0/8 watchdog dog")), "it goes all the same");
    assertEquals(List.of(), routes.all());
    routes.watchdog("dog", true);
    assertEquals(
        List.of("10.0.0.0/8", "11.0.0.0/8"),
        routes.all().stream().map(Route::name).toList());
  }

  @Test
  void whatTheFileHasNoMoreIsItsWatchdogsNoMore() throws MalformedException {
    OutgoingRoutes routes = new OutgoingRoutes(true, 2);
    List<Route> both = List.of(
        route("announce route 10.0.0.0/8" + WAITING), route("announce route 11.0.0.0/8" + WAITING));
    routes.fix(both);
    routes.fix(both.subList(1, 2));
    routes.watchdog("dog", true);
    assertEquals(List.of("11.0.0.0/8"), routes.all().stream().map(Route::name).toList());
    assertTrue(routes.add(route("announce route 12.0.0.0/8" + WAITING)), "there is room again");
  }
}
