package dev.catwalk.bgp.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.catwalk.bgp.policy.ExportPolicy.Presence;
import dev.catwalk.bgp.rib.Source;
import dev.catwalk.bgp.rib.Source.Kind;
import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.Attribute;
import dev.catwalk.bgp.wire.ClusterList;
import dev.catwalk.bgp.wire.Communities;
import dev.catwalk.bgp.wire.ExtendedCommunities;
import dev.catwalk.bgp.wire.Octets;
import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.IpAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExportPolicyTest {
  private static final IpAddress SELF = IpAddress.parse("10.0.0.1");
  private static final IpAddress THEIRS = IpAddress.parse("10.0.0.9");
  private static final int CLUSTER = 7;

  private static ExportPolicy to(Kind kind) {
    return new ExportPolicy(65000, CLUSTER, kind, SELF, true);
  }

  private static Source from(Kind kind) {
    return kind == Kind.LOCAL ? Source.LOCAL : new Source(3, "p3", kind, THEIRS, 33);
  }

  private static PathAttributes.Builder learned() {
    return PathAttributes.builder(Origin.EGP, AsPath.sequence(65001, 65002), THEIRS);
  }

  @ParameterizedTest(name = "{0} to {1}: {2}")
  @CsvSource({
    "LOCAL, EBGP, true", "LOCAL, IBGP, true", "LOCAL, CLIENT, true",
    "EBGP, EBGP, true", "EBGP, IBGP, true", "EBGP, CLIENT, true",
    "IBGP, EBGP, true", "IBGP, IBGP, false", "IBGP, CLIENT, true",
    "CLIENT, EBGP, true", "CLIENT, IBGP, true", "CLIENT, CLIENT, true",
  })
  void whoHearsWhat(Kind from, Kind to, boolean heard) {
    assertEquals(heard, to(to).export(learned().build(), from(from)) != null);
  }

  @ParameterizedTest(name = "{0} to {1} without transit: {2}")
  @CsvSource({"EBGP, EBGP, false", "EBGP, IBGP, true", "IBGP, EBGP, true", "LOCAL, EBGP, true"})
  void aNodeIsNoRoadBetweenItsSwitches(Kind from, Kind to, boolean heard) {
    ExportPolicy policy = new ExportPolicy(65000, CLUSTER, to, SELF, false);
    assertEquals(heard, policy.export(learned().build(), from(from)) != null);
  }

  /** RFC 4360 §6: the T bit keeps them in the AS. */
  @ParameterizedTest
  @CsvSource({"EBGP, EBGP, false", "IBGP, EBGP, false", "EBGP, IBGP, true", "CLIENT, IBGP, true"})
  void whatExtendedCommunitiesLeaveTheAs(Kind from, Kind to, boolean all) {
    ExtendedCommunities both =
        ExtendedCommunities.of(0x0002_fde9_0000_0001L, 0x4300_0000_0000_0001L);
    PathAttributes told = to(to).export(learned().extendedCommunities(both).build(), from(from));
    assertEquals(
        all ? both : ExtendedCommunities.of(0x0002_fde9_0000_0001L),
        told.extendedCommunities().orElseThrow());
    PathAttributes other = learned()
        .extendedCommunities(ExtendedCommunities.of(0x4300_0000_0000_0001L))
        .build();
    assertEquals(all, to(to).export(other, from(from)).extendedCommunities().isPresent());
  }

  /** RFC 8326 §3. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({"EBGP,", "IBGP, 0", "CLIENT, 0"})
  void whoLeavesSaysSoThenNothing(Kind to, Long localPref) {
    PathAttributes in = learned().communities(Communities.of(1)).build();
    PathAttributes told = departing(to, Presence.LEAVING).export(in, from(Kind.LOCAL));
    assertEquals(
        Communities.of(1, Communities.GRACEFUL_SHUTDOWN), told.communities().orElseThrow());
    assertEquals(localPref, told.localPref().isPresent() ? told.localPref().getAsLong() : null);
    assertNull(departing(to, Presence.GONE).export(in, from(Kind.LOCAL)));
  }

  /** Others would send to us what our kernel does not forward yet. */
  @ParameterizedTest
  @CsvSource({
    "EBGP, LOCAL, true", "EBGP, EBGP, false", "EBGP, IBGP, false", "EBGP, CLIENT, false",
    "IBGP, LOCAL, true", "IBGP, EBGP, true", "CLIENT, EBGP, true", "CLIENT, CLIENT, true"
  })
  void whoComesTellsOtherAsesItsOwnRoutesAlone(Kind to, Kind from, boolean told) {
    PathAttributes in = learned().build();
    assertEquals(told, departing(to, Presence.COMING).export(in, from(from)) != null);
    assertNotNull(departing(to, Presence.HERE).export(in, from(from)));
  }

  private static ExportPolicy departing(Kind to, Presence stage) {
    return new ExportPolicy(65000, CLUSTER, to, SELF, true, stage);
  }

  @Test
  void outsideTheAsOurNumberAndAddressStandForTheRoute() {
    PathAttributes in = learned()
        .med(5)
        .localPref(200)
        .originatorId(1)
        .clusterList(ClusterList.of(2))
        .communities(Communities.of(1))
        .unrecognised(List.of(new Attribute.Unrecognised(0xc0, 99, Octets.of((byte) 1))))
        .build();
    PathAttributes expected = PathAttributes.builder(
            Origin.EGP, AsPath.sequence(65000, 65001, 65002), SELF)
        .communities(Communities.of(1))
        .unrecognised(List.of(new Attribute.Unrecognised(0xc0, 99, Octets.of((byte) 1))))
        .build();
    assertEquals(expected, to(Kind.EBGP).export(in, from(Kind.CLIENT)));
    assertEquals(
        5, to(Kind.EBGP).export(in, Source.LOCAL).med().orElseThrow(), "our own MED goes out");
  }

  @Test
  void intoTheAsARouteKeepsItsNextHopAndGetsALocalPref() {
    PathAttributes in = learned().med(5).build();
    assertEquals(
        learned().med(5).localPref(100).build(), to(Kind.IBGP).export(in, from(Kind.EBGP)));
    PathAttributes own =
        PathAttributes.builder(Origin.IGP, AsPath.EMPTY, IpAddress.v4(0)).build();
    assertEquals(SELF, to(Kind.IBGP).export(own, Source.LOCAL).nextHop());
  }

  @Test
  void aReflectedRouteTellsItsOriginatorAndClusters() {
    PathAttributes in = learned().localPref(300).build();
    PathAttributes once = to(Kind.IBGP).export(in, from(Kind.CLIENT));
    assertEquals(
        learned()
            .localPref(300)
            .originatorId(33)
            .clusterList(ClusterList.of(CLUSTER))
            .build(),
        once);
    PathAttributes twice = new ExportPolicy(65000, 8, Kind.CLIENT, SELF, true)
        .export(once, new Source(4, "p4", Kind.IBGP, THEIRS, 44));
    assertEquals(
        learned()
            .localPref(300)
            .originatorId(33)
            .clusterList(ClusterList.of(8, CLUSTER))
            .build(),
        twice);
  }

  @Test
  void wellKnownCommunitiesHoldBack() {
    PathAttributes here =
        learned().communities(Communities.of(Communities.NO_EXPORT)).build();
    assertNull(to(Kind.EBGP).export(here, from(Kind.EBGP)));
    assertNotNull(to(Kind.IBGP).export(here, from(Kind.EBGP)));
    PathAttributes confed =
        learned().communities(Communities.of(Communities.NO_EXPORT_SUBCONFED)).build();
    assertNull(to(Kind.EBGP).export(confed, from(Kind.EBGP)));
    PathAttributes nowhere =
        learned().communities(Communities.of(1, Communities.NO_ADVERTISE)).build();
    assertNull(to(Kind.IBGP).export(nowhere, from(Kind.EBGP)));
  }
}
