package dev.catwalk.lab.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.lab.policy.Placement.Placed;
import dev.catwalk.lab.policy.Placement.UnplayableException;
import dev.catwalk.net.addr.Family;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlacementTest {
  private static final String PODS = """
      {"ns": "x", "name": "a", "ip": "10.65.1.2"}, {"ns": "x", "name": "b", "ip": "10.65.2.2"},
      {"ns": "x", "name": "c", "ip": "10.65.3.2"}""";

  private static PolicyCase one(String pods, String more, String probes) {
    return CaseFile.parse(
            "f.json",
            "[{\"id\": \"c\", \"pods\": [" + pods + "]" + more + ", \"probes\": [" + probes + "]}]")
        .getFirst();
  }

  private static String probe(String from, String to) {
    return "{\"from\": \"" + from + "\", \"to\": \"" + to
        + "\", \"protocol\": \"TCP\", \"port\": 80}";
  }

  private static Placed placed(PolicyCase one) throws UnplayableException {
    return Placement.of(List.of(one), 3).place(one);
  }

  private static String why(PolicyCase one) {
    return String.valueOf(
        assertThrows(UnplayableException.class, () -> placed(one)).getMessage());
  }

  @Test
  void podsAreOnTheNodesThatHaveTheirBlocks() throws UnplayableException {
    Placed placed = placed(one(PODS, "", ""));
    assertEquals("{x/a=node1, x/b=node2, x/c=node3}", placed.nodesOf().toString());
    assertEquals("10.65.2.2", placed.spots().get("x/b").address().toString());
  }

  @Test
  void oneNodeTakesAllOfThem() {
    Placement placement = Placement.of(List.of(one(PODS, "", "")), 1);
    assertEquals("{IPV4=10.65.0.0/22}", placement.nodes().getFirst().blocks().toString());
  }

  @Test
  void anAddressThatIsNoneOrAnothersIsReplaced() throws UnplayableException {
    String pods = PODS + """
        , {"ns": "x", "name": "d", "ip": "10.65.2.2"}, {"ns": "x", "name": "e", "ip": "10.65.3.:"}
        """;
    Placed placed = placed(one(pods, "", ""));
    assertEquals("10.65.2.250", placed.spots().get("x/d").address().toString());
    assertEquals("10.65.3.250", placed.spots().get("x/e").address().toString());
    assertEquals(2, placed.notes().size());
  }

  @Test
  void aFinishedPodMayShareItsAddressAndComesFirst() throws UnplayableException {
    String pods = PODS + """
        , {"ns": "x", "name": "done", "ip": "10.65.2.2", "phase": "Succeeded"}
        """;
    Placed placed = placed(one(pods, "", ""));
    assertEquals("x/done", placed.pods().getFirst().pod().fullName());
    assertEquals("10.65.2.2", placed.spots().get("x/done").address().toString());
    assertEquals("10.65.2.2", placed.spots().get("x/b").address().toString());
  }

  @Test
  void aPodOnAHostsNetworkIsOnAnotherNodeThanWhatItTalksWith() throws UnplayableException {
    String pods = PODS + """
        , {"ns": "x", "name": "h", "ip": "172.18.0.11", "hostNetwork": true}
        """;
    Placed placed = placed(one(pods, "", probe("x/h", "x/a") + "," + probe("x/b", "x/h")));
    assertEquals("node3", placed.nodesOf().get("x/h"));
    assertTrue(placed.spots().get("x/h").pod().isEmpty(), "it has no interface of its own");
    assertEquals(3, placed.pods().size());
  }

  @Test
  void aNodeOfTheCaseIsTheOneThatHasItsPods() throws UnplayableException {
    String pods = """
        {"ns": "x", "name": "b", "ip": "10.65.2.2", "node": "n1"},
        {"ns": "x", "name": "a", "ip": "10.65.1.2", "node": "n2"},
        {"ns": "x", "name": "h", "ip": "172.18.0.1", "hostNetwork": true}""";
    String nodes = """
        , "nodes": [{"name": "n1", "ip": "172.18.0.1"}, {"name": "n2", "ip": "172.18.0.2"},
        {"name": "n3", "ip": "172.18.0.3"}]""";
    Placed placed = placed(one(pods, nodes, probe("node:n1", "x/b")));
    assertEquals("node2", placed.spots().get("node:n1").space());
    assertEquals("node1", placed.spots().get("node:n2").space());
    assertEquals("node3", placed.spots().get("node:n3").space());
    assertEquals("node2", placed.nodesOf().get("x/h"), "by its node's address");
  }

  @Test
  void outsideIsWhatNobodyElseIs() throws UnplayableException {
    String externals = ", \"externals\": [{\"name\": \"wan\", \"ip\": \"203.0.113.9\"}]";
    Placed placed = placed(one(PODS, externals, probe("ext:wan", "x/a")));
    assertEquals(Placement.OUTSIDE, placed.spots().get("ext:wan").space());
  }

  @Test
  void aBlockOfEachFamilyWherePodsHaveBoth() throws UnplayableException {
    String pods = PODS + ", {\"ns\": \"y\", \"name\": \"v6\", \"ip\": \"2001:db8:1::2\"}";
    PolicyCase one = one(pods, "", "");
    Placement placement = Placement.of(List.of(one), 3);
    assertEquals(
        "{IPV4=10.65.1.0/24, IPV6=2001:db8:1::/120}",
        placement.nodes().getFirst().blocks().toString());
    assertEquals("node1", placement.place(one).nodesOf().get("y/v6"));
    assertTrue(placement.nodes().stream().allMatch(n -> n.blocks().containsKey(Family.IPV6)));
  }

  @Test
  void whatHasNoPlaceIsNamed() {
    assertTrue(why(one(PODS, "", probe("x/a", "x/z"))).contains("nothing is called 'x/z'"));
    String far = PODS + """
        , {"ns": "x", "name": "d", "ip": "10.97.0.1"}, {"ns": "x", "name": "e", "ip": "10.98.0.1"},
        {"ns": "x", "name": "f", "ip": "10.99.0.1"}""";
    assertTrue(why(one(far, "", "")).contains("try with more --nodes"));
    String torn = """
        {"ns": "x", "name": "a", "ip": "10.65.1.2", "node": "n"},
        {"ns": "x", "name": "b", "ip": "10.65.2.2", "node": "n"}""";
    assertTrue(why(one(torn, "", "")).contains("not of one block"));
    String mixed = PODS + ", {\"ns\": \"y\", \"name\": \"v6\", \"ip\": \"2001:db8:1::2\"}";
    assertTrue(why(one(mixed, "", probe("x/a", "y/v6"))).contains("one address family"));
  }
}
