package dev.catwalk.raftstore.voters;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.raftstore.machine.MemberChange.Join;
import dev.catwalk.raftstore.machine.MemberChange.Leave;
import dev.catwalk.raftstore.machine.Roster;
import dev.catwalk.raftstore.machine.Roster.Seat;
import dev.catwalk.raftstore.voters.Situation.Node;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One decision at a time, and what a leader keeps in mind for it. */
class VoterChoiceTest {
  private static final VoterRule THREE = new VoterRule(3, List.of("zone", "rack"), 600_000);
  private static final VoterRule FIVE = new VoterRule(5, List.of("rack"), 600_000);

  /**
   * Each word is a node. Members: {@code *} leads, {@code v} votes, {@code l} learns, with {@code
   * >NAME} in NAME's place; {@code c} offers itself. Then its name, rack, {@code ~} (silent) or
   * {@code +} and for how many seconds; {@code !} if it is shunned, {@code ?} if its labels are not
   * known.
   */
  private static Situation situation(String text) {
    TreeMap<String, Seat> seats = new TreeMap<>();
    TreeMap<String, Node> nodes = new TreeMap<>();
    String leader = "";
    for (String word : text.trim().split(" +")) {
      String[] part = word.substring(1).split(":");
      boolean answers = part[2].charAt(0) == '+';
      String seconds = part[2].replaceAll("[^0-9]", "");
      String address = part[0] + ":7420";
      TreeMap<String, String> labels = new TreeMap<>();
      if (!part[1].isEmpty()) {
        labels.put("rack", part[1]);
      }
      nodes.put(
          part[0],
          new Node(
              address,
              part[2].endsWith("?") ? null : labels,
              answers,
              1000L * Integer.parseInt(seconds),
              part[2].endsWith("!")));
      char kind = word.charAt(0);
      if (kind != 'c') {
        seats.put(part[0], new Seat(address, kind != 'l', part.length > 3 ? part[3] : ""));
      }
      leader = kind == '*' ? part[0] : leader;
    }
    return new Situation(new Roster(7, seats, 0), leader, true, nodes);
  }

  private static String told(Choice choice) {
    return switch (choice) {
      case Choice.Wait wait -> "wait";
      case Choice.Step(Join join, String why) ->
        join.replaces().isEmpty() ? "join " + join.name() : join.name() + " for " + join.replaces();
      case Choice.Step(Leave leave, String why) -> "leave " + leave.name();
      case Choice.Step step -> step.toString();
    };
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
    two come, one after the other | *a:r1:+900 ce:r1:+99 cc:r2:+99 cd:r3:+99           | join c
    the second                    | *a:r1:+900 vc:r2:+9 ce:r1:+99 cd:r3:+99            | join d
    one alone would not help      | *a:r1:+900 cc:r2:+99                               | wait
    the second place of two racks | *a:r1:+900 vb:r1:+9 ce:r1:+99 cf:r2:+99            | join f
    equals by name                | *a:r1:+900 cd:r2:+99 cc:r2:+99                     | join c
    no labels at all              | *a::+900 cd::+99 cc::+99                           | join c
    labelled before others        | *a:r1:+900 cb::+99 cd:r2:+99                       | join d
    one that comes and goes       | *a:r1:+900 cb:r2:+59 cd:r3:+99                     | wait
    shunned                       | *a:r1:+900 cb:r2:+99! cd:r3:+99                    | wait
    silent ones are not chosen    | *a:r1:+900 cb:r2:~99 cd:r3:+99                     | wait
    gone for good                 | *a:r1:+900 vb:r2:~600 vc:r3:+9 cd:r2:+60 ce:r1:+60 | d for b
    not yet                       | *a:r1:+900 vb:r2:~599 vc:r3:+9 cd:r2:+60           | wait
    nobody else is there          | *a:r1:+900 vb:r2:~600 vc:r3:+9                     | wait
    two of three                  | *a:r1:+900 vb:r2:~900 vc:r3:~900 cd:r2:+60         | wait
    half of four                  | *a:r:+9 vb:r:~900 vc:r:~900 vd:r:+9 ce:r:+60       | wait
    one of two                    | *a:r1:+900 vb:r2:~900 cd:r2:+60 ce:r3:+60          | wait
    an even number becomes odd    | *a:r:+900 vb:r:~900 vc:r:+9 vd:r:+9                | leave b
    somebody learns               | *a:r1:+900 lb:r2:+9 cc:r3:+99                      | wait
    somebody was to learn         | *a:r1:+900 lb:r2:~299 cc:r3:+99                    | wait
    and does not come             | *a:r1:+900 lb:r2:~300 cc:r3:+99                    | leave b
    in the place of one that left | *a:r1:+9 vb:r2:~900 vc:r3:+9 ld:r4:~300:b          | leave d
    the place is taken            | *a:r1:+9 vb:r2:+900 vc:r3:+9 vd:r4:+9:b            | wait
    one too many                  | *a:r1:+9 vb:r2:+9 vc:r1:+9 vd:r3:+9                | leave c
    never the leader              | va:r2:+9 vb:r3:+9 *c:r1:+9 vd:r1:+9                | leave d
    well spread                   | *a:r1:+900 vb:r2:+900 vc:r3:+900 cd:r4:+900        | wait
    two of three in a rack        | *a:r1:+900 vb:r1:+900 vc:r2:+900 cd:r3:+900        | d for b
    two racks cannot be better    | *a:r1:+900 vb:r1:+900 vc:r2:+900 cd:r2:+900        | wait
    all in a rack                 | *a:r1:+900 vb:r1:+900 vc:r1:+900 cd:r2:+900        | d for b
    only if all is well for long  | *a:r1:+900 vb:r1:+900 vc:r2:+599 cd:r3:+900        | wait
    the new one too               | *a:r1:+900 vb:r1:+900 vc:r2:+900 cd:r3:+599        | wait
    not while places are unknown  | *a:r1:+900 vb:r1:+900 vc:r2:+900? cd:r3:+900       | wait
    nowhere is no place           | *a::+900 vb::+900 vc:r2:+900 cd:r3:+900            | wait
    the leader stays              | va:r1:+900 *b:r1:+900 vc:r2:+900 cd:r3:+900        | d for a
    """)
  void threeAreWanted(String name, String nodes, String expected) {
    assertEquals(expected, told(VoterChoice.next(THREE, situation(nodes))));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
    from three to five          | *a:1:+9 vb:2:+9 vc:3:+9 cd:1:+60 ce:2:+60                | join d
    not by one                  | *a:1:+9 vb:2:+9 vc:3:+9 ce:2:+60                         | wait
    the fifth                   | *a:1:+9 vb:2:+9 vc:3:+9 vd:1:+60 ce:1:+60 cf:2:+60       | join f
    two are gone, none to come  | *a:1:+9 vb:2:~600 vc:3:~600 vd:1:+9 ve:2:+9              | leave b
    and the second              | *a:1:+9 vc:3:~700 vd:1:+9 ve:2:+9                        | leave c
    one is gone, none to come   | *a:1:+9 vb:2:~600 vc:3:+9 vd:1:+9 ve:2:+9                | wait
    three of five in a rack     | *a:1:+900 vb:1:+900 vc:1:+900 vd:2:+900 ve:2:+900 cf:3:+900 | f for b
    two and two and one         | *a:1:+900 vb:1:+900 vc:2:+900 vd:2:+900 ve:3:+900 cf:4:+900 | wait
    """)
  void fiveAreWanted(String name, String nodes, String expected) {
    assertEquals(expected, told(VoterChoice.next(FIVE, situation(nodes))));
  }

  /** A rack of one zone is another one than that of another zone, and the zone comes first. */
  @Test
  void racksAreInZones() {
    TreeMap<String, Node> nodes = new TreeMap<>();
    String[][] all = {
      {"a", "z1", "r1"}, {"b", "z1", "r1"}, {"c", "z1", "r2"}, {"d", "z2", "r1"}, {"e", "z3", "r1"}
    };
    for (String[] node : all) {
      nodes.put(
          node[0],
          new Node(
              node[0] + ":1",
              new TreeMap<>(java.util.Map.of("zone", node[1], "rack", node[2])),
              true,
              900_000,
              false));
    }
    Roster roster = Roster.founders(new TreeMap<>(java.util.Map.of("a", "a:1")));
    Situation now = new Situation(roster, "a", true, nodes);
    assertEquals("join d", told(VoterChoice.next(THREE, now)));
    roster = roster.with("d", new Seat("d:1", true, ""));
    assertEquals("join e", told(VoterChoice.next(THREE, new Situation(roster, "a", true, nodes))));
    nodes.keySet().removeAll(List.of("d", "e"));
    roster = Roster.founders(new TreeMap<>(java.util.Map.of("a", "a:1")));
    assertEquals("join c", told(VoterChoice.next(THREE, new Situation(roster, "a", true, nodes))));
  }

  @Test
  void nothingWhileAChangeIsUnderWay() {
    Situation now = situation("*a:r1:+900 cc:r2:+99 cd:r3:+99");
    assertInstanceOf(
        Choice.Wait.class,
        VoterChoice.next(THREE, new Situation(now.roster(), "a", false, now.nodes())));
  }

  /** Two nodes at one address: one was renamed, and is a member under its earlier name. */
  @Test
  void anAddressOfAMemberIsNotChosenAgain() {
    Situation now = situation("*a:r1:+900 vb:r2:+99 cd:r3:+99");
    TreeMap<String, Node> nodes = new TreeMap<>(now.nodes());
    nodes.put("d", new Node("b:7420", new TreeMap<>(), true, 99_000, false));
    assertEquals(
        "wait", told(VoterChoice.next(THREE, new Situation(now.roster(), "a", true, nodes))));
  }

  @Test
  void aLeaderKeepsInMindSinceWhenNodesAnswer() {
    Sightings seen = new Sightings(THREE);
    Roster roster = Roster.founders(new TreeMap<>(java.util.Map.of("a", "a:1", "b", "b:1")));
    TreeMap<String, String> labels = new TreeMap<>(java.util.Map.of("rack", "r1"));
    seen.offered("c", "c:1", labels, 0);
    seen.look(roster, "a", true, name -> true, 100, 0);
    seen.offered("c", "c:1", labels, 90);
    Situation now = seen.look(roster, "a", true, name -> false, 100, 150);
    assertEquals(new Node("c:1", labels, true, 150, false), now.nodes().get("c"));
    assertFalse(now.answers("b"), "it was asked and does not");
    assertTrue(now.answers("a"), "the leader does");
    now = seen.look(roster, "a", true, name -> true, 100, 191);
    assertFalse(now.answers("c"), "its offer is old");
    assertEquals(0, now.nodes().get("b").sinceMs(), "it answers since now");
    seen.offered("c", "c:1", labels, 200);
    now = seen.look(roster, "a", true, name -> true, 100, 201);
    assertEquals(0, now.nodes().get("c").sinceMs(), "a break begins it anew");
    assertEquals(10, now.nodes().get("b").sinceMs());
    long later = 200 + 2 * THREE.replaceAfterMs() + 1;
    now = seen.look(roster, "a", true, name -> true, 100, later);
    assertFalse(now.nodes().containsKey("c"), "forgotten at last");
  }

  @Test
  void whoeverWasChosenInVainIsNotChosenAgainSoon() {
    Sightings seen = new Sightings(THREE);
    Roster roster = Roster.founders(new TreeMap<>(java.util.Map.of("a", "a:1")))
        .with("c", new Seat("c:1", false, ""));
    seen.offered("c", "c:1", new TreeMap<>(), 0);
    seen.took(new Choice.Step(new Leave("c"), ""), roster, 10);
    Roster after = roster.without("c");
    long end = 10 + 2 * THREE.replaceAfterMs();
    assertTrue(
        seen.look(after, "a", true, name -> true, 100, end - 1).nodes().get("c").shunned());
    seen.offered("c", "c:1", new TreeMap<>(), end);
    assertFalse(
        seen.look(after, "a", true, name -> true, 100, end).nodes().get("c").shunned());
  }

  /** Whoever offers itself under many names costs no more than a named amount of memory. */
  @Test
  void offersAreBounded() {
    Sightings seen = new Sightings(THREE);
    for (int i = 0; i < Sightings.MAX_NODES + 10; i++) {
      seen.offered("x" + i, "x:1", new TreeMap<>(), 0);
    }
    Roster roster = Roster.founders(new TreeMap<>(java.util.Map.of("a", "a:1", "b", "b:1")));
    Situation now = seen.look(roster, "a", true, name -> true, 100, 0);
    assertEquals(Sightings.MAX_NODES + 2, now.nodes().size());
    assertTrue(now.answers("b"), "members are kept in mind all the same");
  }
}
