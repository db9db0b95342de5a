package dev.catwalk.felix.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.felix.calc.DesiredKernel;
import dev.catwalk.felix.calc.Gateway;
import dev.catwalk.felix.calc.Leftover;
import dev.catwalk.felix.calc.RouteTarget;
import dev.catwalk.felix.calc.Ruleset;
import dev.catwalk.felix.kernel.NetlinkSocket.OverflowException;
import dev.catwalk.felix.kernel.RouteKeeper.Heard;
import dev.catwalk.felix.netlink.wire.Inbound;
import dev.catwalk.felix.netlink.wire.NextHop;
import dev.catwalk.felix.netlink.wire.Route;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Reconciling against a kernel that fails. */
class RouteKeeperTest {
  private static final String POD = "cw00000000001";
  private static final PendingPods NO_PODS = new PendingPods();

  private final FakeKernel kernel = new FakeKernel();
  private final RouteKeeper keeper = new RouteKeeper(kernel);

  @Test
  void whateverFailsWhenTheEndIsTheSame() throws Exception {
    for (int n = 0; n < 16; n++) {
      for (boolean lost : List.of(true, false)) {
        FakeKernel failing = new FakeKernel();
        startingPoint(failing);
        failing.loseAfter = lost ? n : -1;
        failing.refuseAfter = lost ? -1 : n;
        RouteKeeper one = new RouteKeeper(failing);
        int passes = 0;
        boolean inSync = false;
        while (!inSync && passes++ < 5) {
          try {
            one.resync();
            one.reconcile(desired(), NO_PODS);
            inSync = one.failures().isEmpty();
          } catch (OverflowException e) {
            assertTrue(lost);
          }
        }
        String when = (lost ? "answer " : "request ") + n;
        assertEquals(
            List.of("10.42.7.0/24", "10.42.7.2/32", "10.42.9.0/24", "198.51.100.0/24"),
            failing.destinations(Family.IPV4),
            when);
        assertEquals(new TreeSet<>(List.of(1, 5)), new TreeSet<>(failing.links.keySet()), when);
        long writes = one.writes();
        one.reconcile(desired(), NO_PODS);
        assertEquals(writes, one.writes(), "and then there is nothing to do: " + when);
      }
    }
  }

  @Test
  void additionsComeFirstAndRemovalsLast() throws Exception {
    startingPoint(kernel);
    keeper.resync();
    keeper.reconcile(desired(), NO_PODS);
    assertEquals(
        List.of("AddRoute", "ReplaceRoute", "AddRoute", "DeleteRoute", "DeleteLink"),
        kernel.written);
    assertEquals(0, keeper.routeRepairs());
  }

  @Test
  void whatSomebodyDeletedIsARepair() throws Exception {
    startingPoint(kernel);
    keeper.resync();
    keeper.reconcile(desired(), NO_PODS);
    keeper.heardUntil(keeper.pass());
    assertEquals(Heard.RECONCILE, keeper.heard(kernel.deleteByHand("10.42.9.0/24")));
    keeper.reconcile(desired(), NO_PODS);
    assertEquals(1, keeper.routeRepairs());
    assertTrue(kernel.destinations(Family.IPV4).contains("10.42.9.0/24"));
  }

  @Test
  void aRouteWeDidNotKnowOfAsksForAnotherLook() throws Exception {
    keeper.resync();
    Route there = Route.ours(Prefix.parse("10.42.9.0/24"), Route.Kind.BLACKHOLE, List.of());
    kernel.routes.put(RouteKeeper.Key.of(there), there);
    kernel.link(5, POD, "veth");
    assertFalse(keeper.reconcile(desired(), NO_PODS));
    keeper.resync();
    assertTrue(keeper.reconcile(desired(), NO_PODS));
    assertTrue(keeper.failures().isEmpty(), () -> keeper.failures().toString());
  }

  @Test
  void aForeignRouteInTheWayIsReportedAndWaitedFor() throws Exception {
    kernel.link(5, POD, "veth");
    Route foreign =
        new Route(Prefix.parse("10.42.9.0/24"), Route.MAIN, 4, Route.Kind.BLACKHOLE, 0, List.of());
    kernel.routes.put(RouteKeeper.Key.of(foreign), foreign);
    keeper.resync();
    keeper.reconcile(desired(), NO_PODS);
    assertTrue(keeper.reconcile(desired(), NO_PODS), "no third look");
    assertEquals(foreign, kernel.routes.get(RouteKeeper.Key.of(foreign)));
    assertTrue(keeper.failures().get("route 10.42.9.0/24").contains("EEXIST"));
    assertEquals(Heard.RECONCILE, keeper.heard(kernel.deleteByHand("10.42.9.0/24")));
    keeper.reconcile(desired(), NO_PODS);
    assertTrue(keeper.failures().isEmpty());
  }

  @Test
  void anInterfaceThatIsGoneTakesNoOtherWayAlong() throws Exception {
    Prefix prefix = Prefix.parse("198.51.100.0/24");
    TreeMap<Prefix, RouteTarget> routes = new TreeMap<>();
    routes.put(
        prefix,
        new RouteTarget.Gateways(List.of(
            new Gateway(IpAddress.parse("fe80::1"), "up7"),
            new Gateway(IpAddress.parse("fe80::2"), "up8"))));
    DesiredKernel desired =
        new DesiredKernel(1, routes, new TreeSet<>(), new TreeSet<>(), Ruleset.EMPTY);
    kernel.link(7, "up7", "veth");
    keeper.resync();
    keeper.reconcile(desired, NO_PODS);
    assertEquals(new TreeMap<>(), keeper.failures());
    assertEquals(new TreeSet<>(), keeper.refused());
    assertEquals(
        List.of(NextHop.via(IpAddress.parse("fe80::1"), 7)),
        kernel.routes.firstEntry().getValue().nextHops());
    kernel.links.clear();
    kernel.link(8, "up8", "veth");
    keeper.resync();
    keeper.reconcile(desired, NO_PODS);
    assertEquals(
        List.of(NextHop.via(IpAddress.parse("fe80::2"), 8)),
        kernel.routes.firstEntry().getValue().nextHops());
    kernel.links.clear();
    keeper.resync();
    keeper.reconcile(desired, NO_PODS);
    assertEquals(new TreeSet<>(List.of(prefix)), keeper.refused());
  }

  @Test
  void whereRoutesOfOthersLeadIsKnown() throws Exception {
    kernel.link(7, "up7", "veth");
    foreign("192.0.2.0/24", 0, NextHop.device(7));
    foreign("0.0.0.0/0", 100, NextHop.via(IpAddress.parse("192.0.2.1"), 7));
    foreign("0.0.0.0/0", 50, NextHop.via(IpAddress.parse("192.0.2.2"), 7));
    foreign("10.9.0.0/16", 0);
    NextHop unnamed = new NextHop(Optional.of(IpAddress.parse("10.77.0.1")), 7, 1, true);
    foreign("10.8.0.0/16", 0, unnamed);
    keeper.resync();
    assertEquals(
        "{0.0.0.0/0=Gateways[gateways=[192.0.2.2]], 10.8.0.0/16=Gateways[gateways=[10.77.0.1%up7]],"
            + " 10.9.0.0/16=Blackhole[], 192.0.2.0/24=Device[link=up7]}",
        keeper.others().orElseThrow().toString());
    Route lower = foreign("0.0.0.0/0", 50, NextHop.via(IpAddress.parse("192.0.2.2"), 7));
    assertEquals(Heard.NOTHING, keeper.heard(new Inbound.RouteGone(lower)));
    assertEquals(
        "Gateways[gateways=[192.0.2.1]]",
        keeper.others().orElseThrow().get(Prefix.parse("0.0.0.0/0")).toString());
    Route one = foreign("2001:db8::/64", 256, NextHop.device(7));
    Route other = foreign("2001:db8::/64", 256, NextHop.device(8));
    assertEquals(Heard.NOTHING, keeper.heard(new Inbound.RouteIs(one, false)));
    assertEquals(Heard.NOTHING, keeper.heard(new Inbound.RouteIs(other, false)));
    assertEquals(Heard.RESYNC, keeper.heard(new Inbound.RouteGone(other)), "one of two is left");
    for (int i = 0; i <= Others.LIMIT; i++) {
      Prefix prefix = IpAddress.v4(0x0b000000 + i).asPrefix();
      keeper.heard(new Inbound.RouteIs(
          new Route(prefix, Route.MAIN, 4, Route.Kind.BLACKHOLE, 0, List.of()), false));
    }
    assertEquals(Optional.empty(), keeper.others());
  }

  private Route foreign(String prefix, int metric, NextHop... hops) {
    Route.Kind kind = hops.length == 0 ? Route.Kind.UNREACHABLE : Route.Kind.UNICAST;
    Route route = new Route(Prefix.parse(prefix), Route.MAIN, 4, kind, metric, List.of(hops));
    kernel.routes.put(RouteKeeper.Key.of(route), route);
    return route;
  }

  @Test
  void whatCniHasJustDoneOutranksAnOlderDesiredState() throws Exception {
    startingPoint(kernel);
    kernel.link(6, "cw0000000000a", "veth");
    Route fresh =
        Route.ours(Prefix.parse("10.42.7.9/32"), Route.Kind.UNICAST, List.of(NextHop.device(6)));
    kernel.routes.put(RouteKeeper.Key.of(fresh), fresh);
    PendingPods pods = new PendingPods();
    pods.wired("cw0000000000a");
    pods.unwired(POD);
    kernel.links.remove(5);
    kernel.routes.remove(new RouteKeeper.Key(Prefix.parse("10.42.7.2/32"), Route.MAIN, 0));
    keeper.resync();
    keeper.reconcile(desired(), pods);
    assertTrue(keeper.failures().isEmpty(), () -> keeper.failures().toString());
    assertTrue(kernel.destinations(Family.IPV4).contains("10.42.7.9/32"));
    assertTrue(kernel.links.containsKey(6));
  }

  @Test
  void whatCniIsAtIsLeftToIt() throws Exception {
    startingPoint(kernel);
    PendingPods pods = new PendingPods();
    pods.wiring(POD, List.of(IpAddress.parse("10.42.7.2")));
    kernel.links.remove(5);
    keeper.resync();
    keeper.reconcile(desired(), pods);
    assertTrue(keeper.failures().isEmpty(), "a link that is not there yet is no failure");
    Route made =
        Route.ours(Prefix.parse("10.42.7.2/32"), Route.Kind.UNICAST, List.of(NextHop.device(5)));
    kernel.routes.put(RouteKeeper.Key.of(made), made);
    keeper.resync(); // its route has been read, its link not yet
    keeper.reconcile(desired(), pods);
    assertEquals(made, kernel.routes.get(RouteKeeper.Key.of(made)));
    kernel.link(5, POD, "veth");
    keeper.resync();
    keeper.reconcile(desired(), pods);
    assertEquals(made, kernel.routes.get(RouteKeeper.Key.of(made)));
    assertTrue(kernel.links.containsKey(5));
  }

  @Test
  void linksSayWhenRoutesMustBeReadAnew() throws Exception {
    kernel.link(1, "up1", "");
    kernel.link(5, POD, "veth");
    keeper.resync();
    Inbound.LinkIs same = new Inbound.LinkIs(kernel.links.get(1));
    assertEquals(Heard.NOTHING, keeper.heard(same));
    assertEquals(Heard.RESYNC, keeper.heard(new Inbound.LinkGone(kernel.links.get(1))));
    assertEquals(Heard.RESYNC, keeper.heard(same));
    assertEquals(Heard.RECONCILE, keeper.heard(new Inbound.LinkGone(kernel.links.get(5))));
  }

  /** A stale route and link of ours, one route to change, one that is right, one foreign. */
  private static void startingPoint(FakeKernel kernel) {
    kernel.link(1, "up1", "");
    kernel.link(5, POD, "veth");
    kernel.link(7, "cw00000000077", "veth");
    for (Route route : List.of(
        Route.ours(Prefix.parse("10.42.77.0/24"), Route.Kind.BLACKHOLE, List.of()),
        Route.ours(Prefix.parse("10.42.9.0/24"), Route.Kind.BLACKHOLE, List.of()),
        new Route(
            Prefix.parse("198.51.100.0/24"), Route.MAIN, 4, Route.Kind.BLACKHOLE, 0, List.of()))) {
      kernel.routes.put(RouteKeeper.Key.of(route), route);
    }
  }

  private static DesiredKernel desired() {
    TreeMap<Prefix, RouteTarget> routes = new TreeMap<>();
    routes.put(Prefix.parse("10.42.7.0/24"), new RouteTarget.Blackhole());
    routes.put(Prefix.parse("10.42.7.2/32"), new RouteTarget.Device(POD));
    routes.put(
        Prefix.parse("10.42.9.0/24"),
        new RouteTarget.Gateways(List.of(Gateway.of(IpAddress.parse("192.0.2.1")))));
    return new DesiredKernel(
        1, routes, new TreeSet<>(List.of(POD)), new TreeSet<>(), Ruleset.EMPTY);
  }

  @Test
  void whatAnEarlierAgentLeftIsReadBack() throws Exception {
    kernel.link(5, POD, "veth");
    keeper.resync();
    TreeMap<Prefix, RouteTarget> routes = new TreeMap<>();
    List<Gateway> hops =
        List.of(Gateway.of(IpAddress.parse("192.0.2.1")), Gateway.of(IpAddress.parse("192.0.2.2")));
    routes.put(Prefix.parse("10.42.9.0/24"), new RouteTarget.Gateways(hops));
    routes.put(Prefix.parse("10.42.7.0/24"), new RouteTarget.Blackhole());
    routes.put(Prefix.parse("10.43.0.9/32"), new RouteTarget.Device(POD)); // a block of one address
    keeper.reconcile(
        new DesiredKernel(1, routes, new TreeSet<>(List.of(POD)), new TreeSet<>(), Ruleset.EMPTY),
        NO_PODS);

    RouteKeeper next = new RouteKeeper(kernel);
    next.resync();
    TreeMap<Prefix, List<Gateway>> gateways = new TreeMap<>();
    gateways.put(Prefix.parse("10.42.9.0/24"), hops);
    TreeSet<Prefix> own =
        new TreeSet<>(List.of(Prefix.parse("10.42.7.0/24"), Prefix.parse("10.43.0.9/32")));
    assertEquals(new Leftover(gateways, own), next.leftover());
    assertEquals(1, next.pods().size());
    assertEquals(List.of(IpAddress.parse("10.43.0.9")), next.pods().getFirst().addresses());
  }

  /** A block of one address and the pod that has it: one place in the kernel, two who write there. */
  @Test
  void whatWeHearMayBeOlderThanWhatWeWrote() throws Exception {
    kernel.link(5, POD, "veth");
    keeper.resync();
    Route pods =
        Route.ours(Prefix.parse("10.0.0.1/32"), Route.Kind.UNICAST, List.of(NextHop.device(5)));
    kernel.routes.put(RouteKeeper.Key.of(pods), pods); // by who makes its interface
    Inbound.RouteIs unheard = new Inbound.RouteIs(pods, false);
    assertFalse(keeper.reconcile(block(new RouteTarget.Blackhole()), NO_PODS));
    keeper.resync();
    assertTrue(keeper.reconcile(block(new RouteTarget.Blackhole()), NO_PODS));
    assertEquals(Heard.RESYNC, keeper.heard(unheard), "it happened before our write");
    keeper.reconcile(block(new RouteTarget.Device(POD)), NO_PODS);
    assertEquals(pods, kernel.routes.get(RouteKeeper.Key.of(pods)), "and is not believed");
  }

  @Test
  void whatWeHearAfterAllThatWasBeforeIsBelieved() throws Exception {
    kernel.link(5, POD, "veth");
    keeper.resync();
    keeper.reconcile(block(new RouteTarget.Blackhole()), NO_PODS);
    long pass = keeper.pass();
    keeper.reconcile(block(new RouteTarget.Device(POD)), NO_PODS);
    keeper.heardUntil(pass);
    assertEquals(Heard.RESYNC, keeper.heard(kernel.deleteByHand("10.0.0.1/32")));
    keeper.heardUntil(keeper.pass());
    Inbound.RouteGone gone = new Inbound.RouteGone(
        Route.ours(Prefix.parse("10.0.0.1/32"), Route.Kind.UNICAST, List.of(NextHop.device(5))));
    assertEquals(Heard.RECONCILE, keeper.heard(gone));
    keeper.reconcile(block(new RouteTarget.Device(POD)), NO_PODS);
    assertEquals(List.of("10.0.0.1/32"), kernel.destinations(Family.IPV4));
  }

  @Test
  void ofMoreThanItRemembersItBelievesNothing() throws Exception {
    TreeMap<Prefix, RouteTarget> many = new TreeMap<>();
    for (int i = 0; i <= RouteCopy.MAX_WRITTEN; i++) {
      many.put(
          Prefix.parse("11." + i / 256 + "." + i % 256 + ".0/24"), new RouteTarget.Blackhole());
    }
    keeper.resync();
    keeper.reconcile(
        new DesiredKernel(1, many, new TreeSet<>(), new TreeSet<>(), Ruleset.EMPTY), NO_PODS);
    assertEquals(Heard.RESYNC, keeper.heard(kernel.deleteByHand("11.0.0.0/24")));
    assertEquals(Heard.RESYNC, keeper.heard(kernel.deleteByHand("11.39.16.0/24")));
    keeper.heardUntil(keeper.pass());
    assertEquals(Heard.RECONCILE, keeper.heard(kernel.deleteByHand("11.0.1.0/24")));
  }

  @Test
  void anOlderStateTakesNoRouteFromAPodThatCniHasMade() throws Exception {
    kernel.link(5, POD, "veth");
    Prefix place = Prefix.parse("10.0.0.1/32");
    PendingPods pods = new PendingPods();
    for (RouteTarget older : List.of(
        new RouteTarget.Blackhole(),
        new RouteTarget.Gateways(List.of(Gateway.of(IpAddress.parse("192.0.2.1")))))) {
      kernel.routes.clear();
      keeper.resync();
      keeper.reconcile(block(older), NO_PODS);
      pods.wiring(POD, List.of(place.address()));
      Route made = Route.ours(place, Route.Kind.UNICAST, List.of(NextHop.device(5)));
      kernel.routes.put(RouteKeeper.Key.of(made), made);
      for (String doing : List.of("is making", "has made")) {
        keeper.resync();
        keeper.reconcile(block(older), pods);
        assertEquals(made, kernel.routes.get(RouteKeeper.Key.of(made)), doing + " " + older);
        keeper.reconcile(none(), pods);
        assertEquals(made, kernel.routes.get(RouteKeeper.Key.of(made)), doing + ", no state");
        pods.wired(POD);
      }
      var unused = kernel.deleteByHand("10.0.0.1/32");
      keeper.resync();
      keeper.reconcile(block(new RouteTarget.Device(POD)), pods);
      assertEquals(made, kernel.routes.get(RouteKeeper.Key.of(made)), "its own is mended");
    }
  }

  private static DesiredKernel block(RouteTarget target) {
    TreeMap<Prefix, RouteTarget> routes = new TreeMap<>();
    routes.put(Prefix.parse("10.0.0.1/32"), target);
    TreeSet<String> links = new TreeSet<>(List.of(POD));
    return new DesiredKernel(1, routes, links, new TreeSet<>(), Ruleset.EMPTY);
  }

  private static DesiredKernel none() {
    TreeSet<String> links = new TreeSet<>(List.of(POD));
    return new DesiredKernel(1, new TreeMap<>(), links, new TreeSet<>(), Ruleset.EMPTY);
  }
}
