package dev.catwalk.bgp.exarun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.exabgp.ConfigurationException;
import dev.catwalk.bgp.exabgp.RouteWriter;
import dev.catwalk.bgp.wire.AfiSafi;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What processes command and hear, and what neighbours are told of it. */
class ExaSpeakerTest {
  private static final String END_V4 = "0200000000";
  private static final String END_V6 = "0200000007900f0003000201";

  private static String announced(String prefix, String nextHop, String more) {
    return announced(prefix, nextHop, more, "");
  }

  /** @param more before LOCAL_PREF, by their types, and behind it */
  private static String announced(String prefix, String nextHop, String more, String behind) {
    String attributes = "4001010040020040" + "0304" + nextHop + more + "40050400000064" + behind;
    return String.format("020000%04x%s%s", attributes.length() / 2, attributes, prefix);
  }

  private static String withdrawn(String prefix) {
    return String.format("02%04x%s0000", prefix.length() / 2, prefix);
  }

  private static final String FIXED = announced("18c63364", "0a000001", "");

  @Test
  void aNeighbourIsToldTheFilesRoutesAndThenTheirEnd() throws ConfigurationException {
    Stage stage = new Stage(Stage.SOME);
    stage.deeds.clear();
    stage.establish(0);
    List<String> told = stage.told(0);
    assertEquals(List.of(FIXED, END_V4, END_V6), told.subList(told.size() - 3, told.size()));
    assertEquals(
        List.of("neighbor 10.0.0.2 connected", "neighbor 10.0.0.2 up"), stage.heard("one"));
  }

  @Test
  void aRouteThatTheFileHasTwiceIsToldTwiceAndTheLaterOneLast() throws ConfigurationException {
    Stage stage = new Stage(Stage.SOME.replace(
        "route 198.51.100.0/24 next-hop self;",
        "route 198.51.100.0/24 next-hop 10.0.0.9; route 198.51.100.0/24 next-hop self;"));
    stage.establish(0);
    List<String> told = stage.told(0);
    assertEquals(
        List.of(announced("18c63364", "0a000009", ""), FIXED, END_V4, END_V6),
        told.subList(told.size() - 4, told.size()));
  }

  @Test
  void aCommandIsForTheNeighboursOfItsProcessOrForThoseItNames() throws ConfigurationException {
    Stage stage = new Stage(Stage.SOME);
    stage.establish(0);
    stage.establish(1);
    assertEquals(
        List.of("done"), stage.say("one", "announce route 203.0.113.0/24 next-hop 10.0.0.9"));
    assertEquals(List.of(announced("18cb0071", "0a000009", "")), stage.told(0));
    assertEquals(List.of(), stage.told(1));
    stage.say("two", "withdraw route 203.0.113.0/24");
    assertEquals(List.of(withdrawn("18cb0071")), stage.told(0));
    assertEquals(1, stage.told(1).size());
    stage.say(
        "two",
        "neighbor 10.0.0.2 local-as 65001, neighbor 10.0.0.9 announce route"
            + " 203.0.113.0/24 next-hop 10.0.0.9");
    assertEquals(1, stage.told(0).size());
    assertEquals(List.of(), stage.told(1));
    assertEquals(
        List.of("error"),
        stage.say("two", "neighbor 10.0.0.2 peer-as 1 withdraw route 203.0.113.0/24"));
  }

  @Test
  void whatIsSaidTwiceIsToldOnce() throws ConfigurationException {
    Stage stage = new Stage(Stage.SOME);
    stage.establish(0);
    stage.say("one", "announce route 203.0.113.0/24 next-hop 10.0.0.9 med 7");
    assertEquals(1, stage.told(0).size());
    stage.say("one", "announce route 203.0.113.0/24 med 7 next-hop 10.0.0.9");
    assertEquals(List.of(), stage.told(0));
    stage.say("one", "announce route 203.0.113.0/24 next-hop 10.0.0.9 med 8");
    assertEquals(List.of(announced("18cb0071", "0a000009", "80040400000008")), stage.told(0));
  }

  @Test
  void whatIsInCommonIsTheSameAsWhatIsSaidOfEach() throws ConfigurationException {
    Stage stage = new Stage(Stage.SOME);
    stage.establish(0);
    stage.say(
        "one",
        "group attributes next-hop 10.0.0.9 community [ 5:5 1:1 ] ;"
            + " announce route 203.0.113.0/25 community 3:3 ; announce route 203.0.113.128/25");
    String both = "c0080800010001" + "00050005";
    String three = "c0080c00010001" + "00030003" + "00050005";
    assertEquals(
        List.of(
            announced("19cb007100", "0a000009", "", three),
            announced("19cb007180", "0a000009", "", both)),
        stage.told(0));
    String said = "announce route 203.0.113.0/25 next-hop 10.0.0.9 community ";
    stage.say("one", said + "[ 3:3 5:5 1:1 ]");
    assertEquals(List.of(), stage.told(0));
    stage.say("one", said + "[ 3:3 5:5 1:1 1:1 ]");
    assertEquals(1, stage.told(0).size());
    stage.say("one", said + "[ 1:1 5:5 ]");
    assertEquals(List.of(announced("19cb007100", "0a000009", "", both)), stage.told(0));
    stage.say("one", said + "[ 1:1 5:6 ]");
    assertEquals(1, stage.told(0).size());
  }

  /** A path that is said to be empty goes without our own AS, which is added where none is said. */
  @Test
  void anEmptyPathIsNotThatOfARouteWithoutOne() throws ConfigurationException {
    Stage stage = new Stage(Stage.SOME);
    stage.establish(1);
    stage.say(
        "two",
        "group announce route 203.0.113.0/25 next-hop 10.0.0.9 ;"
            + " announce route 203.0.113.128/25 next-hop 10.0.0.9 as-path [ ]");
    assertEquals(
        List.of(
            "0200000014" + "40010100" + "40020602010000fde9" + "4003040a000009" + "19cb007100",
            "020000000e" + "40010100" + "400200" + "4003040a000009" + "19cb007180"),
        stage.told(1));
  }

  @Test
  void aSelectorIsOfTheWholeNeighbour() throws ConfigurationException {
    Stage stage = new Stage(Stage.SOME);
    String said = " announce route 203.0.113.0/24 next-hop 10.0.0.9";
    for (String some : List.of(
        "neighbor *",
        "neighbor 10.0.0.2 local-ip 10.0.0.1 local-as 65001 peer-as 65001 router-id 10.0.0.1",
        "neighbor 10.0.0.9, neighbor 10.0.0.2 family-allowed in-open")) {
      assertEquals(List.of("done"), stage.say("one", some + said), some);
    }
    for (String none : List.of(
        "neighbor 10.0.0.2 local-ip 10.0.0.2",
        "neighbor 10.0.0.2 local-as 65002",
        "neighbor 10.0.0.2 peer-as 065001",
        "neighbor 10.0.0.2 peer-as any",
        "neighbor 10.0.0.2 router-id 10.0.0.2",
        "neighbor 10.0.0.2 router-id ::a00:1",
        "neighbor here")) {
      assertEquals(List.of("error"), stage.say("one", none + said), none);
    }
  }

  @Test
  void routesWithTheSameAttributesShareAMessage() throws ConfigurationException {
    Stage stage = new Stage(Stage.SOME);
    stage.establish(0);
    stage.say("one", "announce attributes next-hop 10.0.0.9 nlri 203.0.113.0/25 203.0.113.128/25");
    assertEquals(List.of(announced("19cb007100" + "19cb007180", "0a000009", "")), stage.told(0));
  }

  @Test
  void aWatchdogAnnouncesAndWithdrawsItsRoutes() throws ConfigurationException {
    Stage stage = new Stage(Stage.SOME);
    stage.establish(0);
    assertEquals(List.of("done"), stage.say("one", "announce watchdog dog"));
    assertEquals(List.of(announced("18c00002", "0a000009", "")), stage.told(0));
    stage.say("one", "withdraw watchdog dog");
    assertEquals(List.of(withdrawn("18c00002")), stage.told(0));
  }

  @Test
  void endsRefreshesAndFlushesAreSent() throws ConfigurationException {
    Stage stage = new Stage(Stage.SOME);
    assertEquals(List.of("error"), stage.say("one", "announce eor"));
    stage.establish(0);
    assertEquals(List.of("done"), stage.say("one", "announce eor ipv6 unicast"));
    assertEquals(List.of(END_V6), stage.told(0));
    stage.say("one", "announce route-refresh ipv4 unicast");
    assertEquals(List.of("0500010001"), stage.told(0));
    stage.say("one", "flush adj-rib out");
    assertTrue(stage.told(0).contains(FIXED), () -> stage.told(0).toString());
  }

  @Test
  void aNeighbourThatAsksIsToldAgainBetweenTwoMarks() throws ConfigurationException {
    Stage stage = new Stage(Stage.SOME);
    stage.establish(0);
    stage.deeds.clear();
    stage.received(0, RouteWriter.routeRefresh(AfiSafi.IPV4_UNICAST, 0));
    assertEquals(List.of("0500010101", FIXED, "0500010201"), stage.told(0));
  }

  @Test
  void acknowledgementsCanBeTurnedOffAndOn() throws ConfigurationException {
    Stage stage = new Stage(Stage.SOME);
    assertEquals(List.of("done"), stage.say("one", "disable-ack"));
    assertEquals(List.of(), stage.say("one", "announce route 203.0.113.0/24 next-hop self"));
    assertEquals(List.of("done"), stage.say("one", "ack enable"));
    assertEquals(List.of(), stage.say("one", "silence-ack"));
  }

  @Test
  void whatIsNoCommandIsAnErrorAndChangesNothing() throws ConfigurationException {
    Stage stage = new Stage(Stage.SOME);
    stage.establish(0);
    for (String line : List.of(
        "anounce route 10.0.0.0/8 next-hop self",
        "announce route 10.0.0.0/33 next-hop self",
        "announce route 10.0.0.0/8",
        "announce route-refresh",
        "neighbor",
        "teardown x",
        "show adj-rib",
        "show adj-rib both",
        "flush adj-rib in",
        "announce route 10.0.0.1/24 next-hop self",
        "show it")) {
      assertEquals(List.of("error"), stage.say("one", line), line);
      assertEquals(List.of(), stage.told(0), line);
    }
    assertEquals(List.of(), stage.say("nobody", "announce eor"));
  }

  @Test
  void whatIsToldAndHeardCanBeShown() throws ConfigurationException {
    Stage stage = new Stage(Stage.SOME);
    stage.establish(0);
    assertEquals(
        List.of("neighbor 10.0.0.2 ipv4 unicast 198.51.100.0/24 next-hop self", "done"),
        stage.say("one", "show adj-rib out"));
    stage.received(
        0,
        HexFormat.of()
            .parseHex(
                "ffffffffffffffffffffffffffffffff0030" + announced("18cb0071", "0a000002", "")));
    assertEquals(
        List.of(FULL + "203.0.113.0/24 next-hop 10.0.0.2 origin igp local-preference 100", "done"),
        stage.say("one", "show adj-rib in extensive"));
    List<String> summary = stage.say("one", "show neighbor summary");
    assertEquals(4, summary.size());
    assertEquals(NeighborText.SUMMARY, summary.getFirst());
    assertEquals(
        "10.0.0.2        65001     0:00:00 established           3          1", summary.get(1));
    assertEquals(
        "10.0.0.3        65003        down connect               0          0", summary.get(2));
    stage.say("one", "announce attributes med 7 next-hop self nlri 10.1.0.0/16 10.2.0.0/16");
    assertTrue(
        stage
            .say("one", "show adj-rib out extensive")
            .contains(FULL + "10.2.0.0/16 next-hop self med 7"),
        () -> stage.heard("one").toString());
    assertTrue(
        stage.say("one", "show neighbor 10.0.0.3 extensive").stream()
            .anyMatch(line -> line.startsWith("   down for") && line.strip().endsWith(" 0:00:00")),
        "since it was made");
    List<String> all = stage.say("one", "show neighbor 10.0.0.2 extensive");
    assertTrue(
        all.contains("   hold-time                         90             120                "));
    assertTrue(
        all.contains("   route-refresh:               enabled         enabled                "));
    assertTrue(
        all.contains("   update:                            4               1                "),
        all::toString);
  }

  private static final String FULL = "neighbor 10.0.0.2 local-ip 10.0.0.1 local-as 65001 peer-as"
      + " 65001 router-id 10.0.0.1 family-allowed in-open ipv4 unicast ";

  /** What ExaBGP 4.2.21 answers, and to what it says nothing. */
  @Test
  void answersAreThoseOfExaBgp() throws ConfigurationException {
    Stage stage = new Stage(Stage.SOME);
    stage.establish(0);
    for (String line : List.of(
        "announce flow route { match { source 10.0.0.0/8; } then { discard; } }",
        "announce operational foo",
        "neighbor 10.0.0.99 teardown 4",
        "# a remark")) {
      assertEquals(List.of("done"), stage.say("one", line), line);
      assertEquals(List.of(), stage.told(0), line);
    }
    assertEquals(
        List.of("neighbor 10.0.0.2 ipv4 unicast 198.51.100.0/24 next-hop self", "done"),
        stage.say("one", "show adj-rib out"),
        "no flow rule is kept for a neighbour without that family");
    assertEquals(List.of(), stage.say("one", "reset"));
    assertEquals(3, stage.say("one", "show neighbor").size());
  }

  @Test
  void aProcessThatEndsIsStartedAgainSoOften() throws ConfigurationException {
    Stage stage = new Stage(Stage.SOME);
    assertEquals(1, stage.launched("one"));
    for (int i = 0; i < 10; i++) {
      stage.ended("one");
    }
    assertEquals(Children.MOST_STARTS, stage.launched("one"));
    stage.reload(Stage.SOME);
    assertEquals(1, stage.launched("one"));
    stage.pass(61);
    stage.ended("one");
    assertEquals(2, stage.launched("one"));
    assertEquals(0, stage.launched("two"));
  }

  @Test
  void aReloadTouchesOnlyWhatChanged() throws ConfigurationException {
    Stage stage = new Stage(Stage.SOME);
    stage.establish(0);
    stage.establish(1);
    stage.reload(Stage.SOME
        .replace("route 198.51.100.0/24 next-hop self;", "route 10.0.0.0/8 next-hop self;")
        .replace("peer-as 65003;", "peer-as 65003; hold-time 9;"));
    assertEquals(List.of(withdrawn("18c63364"), announced("080a", "0a000001", "")), stage.told(0));
    assertEquals(List.of("030603"), stage.told(1));
    assertEquals(
        1, stage.deeds.stream().filter(deed -> deed instanceof ExaDeed.Dial).count());
  }

  @Test
  void thePartsOfAPrefixAreRoutesOfTheirOwn() throws ConfigurationException {
    String split = Stage.SOME.replace(
        "route 198.51.100.0/24 next-hop self;", "route 198.51.100.0/24 next-hop self split /26;");
    Stage stage = new Stage(split);
    stage.establish(0);
    String all = "1ac6336400" + "1ac6336440" + "1ac6336480" + "1ac63364c0";
    assertTrue(stage.told(0).contains(announced(all, "0a000001", "")), stage.told(0)::toString);
    stage.say("one", "withdraw route 198.51.100.64/26");
    assertEquals(List.of(withdrawn("1ac6336440")), stage.told(0));
    stage.reload(split);
    assertEquals(List.of(announced("1ac6336440", "0a000001", "")), stage.told(0));
    stage.reload(split.replace("198.51.100.0/24", "198.51.100.0/25"));
    assertEquals(List.of(withdrawn("1ac6336480" + "1ac63364c0")), stage.told(0));
  }

  @Test
  void aTeardownEndsTheSessionWithItsCode() throws ConfigurationException {
    Stage stage = new Stage(Stage.SOME);
    stage.establish(0);
    assertEquals(
        List.of("neighbor 10.0.0.2 down - stopped", "done"), stage.say("one", "teardown 4"));
    assertEquals("030604", stage.told(0).getFirst());
  }

  @Test
  void theEndIsToldToAll() throws ConfigurationException {
    Stage stage = new Stage(Stage.SOME);
    stage.establish(0);
    stage.say("one", "shutdown");
    assertTrue(stage.deeds.contains(new ExaDeed.Exit()), () -> stage.deeds.toString());
    stage.deeds.clear();
    stage.deeds.addAll(stage.speaker.stop(9));
    assertEquals(List.of("030602"), stage.told(0));
    assertEquals(List.of("neighbor 10.0.0.2 down - stopped", "shutdown 1 2"), stage.heard("one"));
    assertTrue(stage.deeds.contains(new ExaDeed.Terminate("two")), () -> stage.deeds.toString());
  }
}
