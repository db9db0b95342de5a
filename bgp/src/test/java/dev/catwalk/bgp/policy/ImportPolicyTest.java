package dev.catwalk.bgp.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.bgp.rib.Refusal;
import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.ClusterList;
import dev.catwalk.bgp.wire.Communities;
import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.IpAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImportPolicyTest {
  private static final IpAddress OWN = IpAddress.parse("10.0.0.1");

  @ParameterizedTest(name = "next hop {0}")
  @CsvSource({
    "10.0.0.2,",
    "2001:db8::1,",
    "fe80::1,",
    "10.0.0.1, OWN_NEXT_HOP",
    "0.0.0.0, BAD_NEXT_HOP",
    "0.1.2.3, BAD_NEXT_HOP",
    "127.0.0.1, BAD_NEXT_HOP",
    "224.0.0.5, BAD_NEXT_HOP",
    "240.0.0.1, BAD_NEXT_HOP",
    "255.255.255.255, BAD_NEXT_HOP",
    "::, BAD_NEXT_HOP",
    "::1, BAD_NEXT_HOP",
    "ff02::1, BAD_NEXT_HOP",
  })
  void nextHopMustBeAnotherHost(String nextHop, Refusal expected) {
    PathAttributes attributes = PathAttributes.builder(
            Origin.IGP, AsPath.sequence(65001), IpAddress.parse(nextHop))
        .build();
    assertEquals(expected, new ImportPolicy(65000, 7, false).check(attributes, OWN::equals));
  }

  /** RFC 8326 §4.2. */
  @ParameterizedTest(name = "ibgp {0}, marked {1}")
  @CsvSource({"false, true, 0", "false, false, 200", "true, true, 200"})
  void whatWillGoIsTheLastChoice(boolean ibgp, boolean marked, long localPref) {
    PathAttributes attributes = PathAttributes.builder(
            Origin.IGP, AsPath.sequence(65001), IpAddress.parse("10.0.0.2"))
        .localPref(200)
        .communities(Communities.of(1, marked ? Communities.GRACEFUL_SHUTDOWN : 2))
        .build();
    PathAttributes taken = new ImportPolicy(65000, 7, ibgp).adjust(attributes);
    assertEquals(localPref, taken.localPref().orElseThrow());
  }

  @ParameterizedTest(name = "ibgp {0}, path {1}, originator {2}, cluster {3}")
  @CsvSource({
    "false, 65001, 0, 0,",
    "false, 65000, 0, 0, OWN_AS_IN_PATH",
    "true, 65000, 0, 0, OWN_AS_IN_PATH",
    "true, 65001, 7, 8, OWN_ORIGINATOR",
    "true, 65001, 8, 7, OWN_CLUSTER",
    "true, 65001, 8, 8,",
  })
  void loops(boolean ibgp, long as, int originator, int cluster, Refusal expected) {
    PathAttributes.Builder out =
        PathAttributes.builder(Origin.IGP, AsPath.sequence(65002, as), IpAddress.parse("10.0.0.2"));
    if (originator != 0) {
      out.originatorId(originator).clusterList(ClusterList.of(9, cluster));
    }
    assertEquals(expected, new ImportPolicy(65000, 7, ibgp).check(out.build(), OWN::equals));
  }
}
