package dev.catwalk.bgp.rib;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.ClusterList;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each rung of the ladder alone, and the order of the rungs. */
class DecisionTest {
  private static final Nlri PREFIX = Nlri.of(Prefix.parse("10.0.0.0/24"));

  /**
   * One path in words: slot, kind, then {@code key=value}: lp, path (with dashes), origin, med, nh,
   * id (the peer's), oid (ORIGINATOR_ID), cl (length of CLUSTER_LIST).
   */
  private record Told(Source source, PathAttributes attributes) {
    static Told of(String words) {
      String[] parts = words.trim().split(" +");
      int slot = Integer.parseInt(parts[0]);
      Source.Kind kind = Source.Kind.valueOf(parts[1]);
      int id = slot;
      PathAttributes.Builder out =
          PathAttributes.builder(Origin.IGP, AsPath.EMPTY, IpAddress.v4(0x0a00_0000 + slot));
      for (String part : Arrays.copyOfRange(parts, 2, parts.length)) {
        String value = part.substring(part.indexOf('=') + 1);
        switch (part.substring(0, part.indexOf('='))) {
          case "lp" -> out.localPref(Long.parseLong(value));
          case "path" ->
            out.asPath(AsPath.sequence(
                Arrays.stream(value.split("-")).mapToLong(Long::parseLong).toArray()));
          case "origin" -> out.origin(Origin.valueOf(value));
          case "med" -> out.med(Long.parseLong(value));
          case "nh" -> out.nextHop(IpAddress.parse(value));
          case "id" -> id = Integer.parseInt(value);
          case "oid" -> out.originatorId(Integer.parseInt(value));
          case "cl" -> out.clusterList(ClusterList.of(new int[Integer.parseInt(value)]));
          default -> throw new AssertionError(part);
        }
      }
      Source source = slot == 0
          ? Source.LOCAL
          : new Source(slot, "p" + slot, kind, IpAddress.v4(0x0a00_0000 + slot), id);
      return new Told(source, out.build());
    }
  }

  @ParameterizedTest(name = "{2}")
  @CsvSource(delimiter = '|', textBlock = """
          0 LOCAL                     | 1 EBGP lp=900                  | not our own route
          2 EBGP lp=101 path=1-2-3    | 1 EBGP lp=100 path=1           | lower LOCAL_PREF
          2 EBGP path=1               | 1 EBGP lp=99                   | lower LOCAL_PREF
          2 EBGP path=5-6             | 1 EBGP path=1-2-3              | longer AS_PATH
          2 EBGP path=5-6             | 1 EBGP path=5-6 origin=EGP     | higher ORIGIN
          2 EBGP path=5-6 med=3       | 1 EBGP path=5-7 med=4          | higher MED from the same neighbour AS
          2 EBGP path=5-6             | 1 EBGP path=5-7 med=1          | higher MED from the same neighbour AS
          1 EBGP path=5-6 med=9       | 2 EBGP path=6-6 med=1          | higher BGP identifier
          2 EBGP path=5-6             | 1 IBGP path=5-7                | learned by iBGP
          2 EBGP path=5-6 med=1       | 1 IBGP path=5-7 med=1          | learned by iBGP
          2 IBGP nh=10.9.0.1          | 1 IBGP nh=10.8.0.1             | farther next hop
          2 IBGP id=1 nh=10.9.0.1     | 1 IBGP id=2 nh=10.9.0.1        | higher BGP identifier
          2 IBGP id=-2                | 1 IBGP id=-1                   | higher BGP identifier
          2 IBGP id=9 oid=1           | 1 IBGP id=2                    | higher BGP identifier
          2 IBGP id=3 oid=1 cl=1      | 1 IBGP id=3 oid=1 cl=2         | longer CLUSTER_LIST
          1 IBGP id=3                 | 2 IBGP id=3                    | higher peer address
          """)
  void theRungThatDecides(String winner, String loser, String why) {
    for (int order = 0; order < 2; order++) {
      Rib rib = rib(1, false);
      for (String words : order == 0 ? List.of(winner, loser) : List.of(loser, winner)) {
        Told told = Told.of(words);
        rib.announce(told.source, PREFIX, told.attributes, null);
      }
      List<PathInfo> paths = rib.explain(PREFIX.get(0));
      assertEquals(Told.of(winner).source, paths.get(0).source(), "order " + order);
      assertEquals("best", paths.get(0).why());
      assertEquals(why, paths.get(1).why());
    }
  }

  @Test
  void medIsComparedBeforeTheRungsBelowItAndOnlyWithinOneNeighbour() {
    // pairwise: c beats b, b beats a, a beats c
    List<String> all = List.of(
        "1 EBGP id=3 path=5-9 med=1", "2 EBGP id=2 path=6-9 med=5", "3 EBGP id=1 path=5-8 med=2");
    int[][] orders = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (int[] order : orders) {
      Rib rib = rib(1, false);
      for (int i : order) {
        Told told = Told.of(all.get(i));
        rib.announce(told.source, PREFIX, told.attributes, null);
        rib.decide(10, null, new Listeners());
      }
      assertEquals("p2", rib.explain(PREFIX.get(0)).get(0).source().name());
    }
  }

  @Test
  void pathsThroughDifferentAsAreUsedTogetherWhenRelaxed() {
    List<String> all = List.of(
        "1 EBGP path=5-9",
        "2 EBGP path=6-9",
        "3 EBGP path=5-9",
        "4 EBGP path=5-7-9",
        "5 IBGP path=5-9");
    assertEquals(List.of("p1"), used(all, 1, true));
    assertEquals(List.of("p1", "p3"), used(all, 8, false));
    assertEquals(List.of("p1", "p2", "p3"), used(all, 8, true));
    assertEquals(List.of("p1", "p2"), used(all, 2, true));
  }

  @Test
  void theExplanationSaysWhatIsUsedBesideTheBest() {
    Rib rib = rib(2, true);
    for (String words : List.of("2 EBGP path=6-9", "1 EBGP path=5-9", "3 EBGP path=5-7-9")) {
      Told told = Told.of(words);
      rib.announce(told.source, PREFIX, told.attributes, null);
    }
    Told looped = Told.of("4 EBGP path=1");
    rib.announce(looped.source, PREFIX, looped.attributes, Refusal.OWN_AS_IN_PATH);
    assertEquals(
        List.of(
            "p1 best",
            "p2 used beside the best: higher BGP identifier",
            "p3 longer AS_PATH",
            "p4 refused: our own AS is in its AS_PATH"),
        rib.explain(PREFIX.get(0)).stream()
            .map(p -> p.source().name() + " " + p.why())
            .toList());
  }

  private static List<String> used(List<String> all, int maximum, boolean relax) {
    Rib rib = rib(maximum, relax);
    for (String words : all) {
      Told told = Told.of(words);
      rib.announce(told.source, PREFIX, told.attributes, null);
    }
    List<RouteListener.RouteChange> changes = new java.util.ArrayList<>();
    rib.decide(10, changes, new Listeners());
    assertEquals(1, changes.size());
    return changes.get(0).paths().stream().map(p -> p.source().name()).toList();
  }

  private static Rib rib(int maximum, boolean relax) {
    return new Rib(
        Family.IPV4, maximum, relax, nextHop -> nextHop.v4Bits() >>> 16 == 0x0a09 ? 1 : 5);
  }
}
