package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.raftstore.machine.StateMark;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StateComparisonTest {
  /** Member, revision, and whether it was in our state there: "b=7" or "b!7". */
  private static StateComparison seen(int members, String comparisons) {
    StateComparison comparison = new StateComparison(members);
    for (String word : comparisons.isEmpty() ? new String[0] : comparisons.split(" ")) {
      long revision = Long.parseLong(word.substring(2));
      comparison.compared(
          word.substring(0, 1),
          new StateMark(revision, 1),
          new StateMark(revision, word.charAt(1) == '=' ? 1 : 2));
    }
    return comparison;
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      all agree                                | 3 | b=7 c=9             | b | on
      one follower differs, nothing else known | 3 | c!7                 | b | on
      one follower differs from leader a       | 3 | c!7                 | a | on
      the leader differs, nothing else known   | 3 | b!7                 | b | disputed
      the leader differs, the other agreed     | 3 | b!7 c=7             | b | on
      the same, seen in the other order        | 3 | c=9 b!7             | b | on
      the leader differs, the other was ours   | 3 | c=6 b!7             | b | disputed
      both others differ                       | 3 | b!7 c!9             | a | out
      both differ and no leader is known       | 3 | b!7 c!9             |   | out
      a pair that differs                      | 2 | b!7                 | a | out
      a minority of five differs               | 5 | b!7 c!7 d=7 e=8     | d | on
      a majority of five differs               | 5 | b!7 c!7 d!7 e=8     | e | out
      two of five, and the leader among them   | 5 | b!7 c!7 d=7         | b | disputed
      a member that began anew                 | 3 | b!7 b=9 c=9         | b | on
      an older agreement heals nothing         | 3 | b!7 b=5             | b | disputed
      """)
  void aMemberGoesOnWhileAMajorityMayShareItsState(
      String name, int members, String comparisons, String leader, String verdict) {
    StateComparison comparison = seen(members, comparisons);
    String seen = comparison.verdict() != null
        ? "out"
        : comparison.dispute(leader) != null ? "disputed" : "on";
    assertEquals(verdict, seen);
  }

  /** One that learns is no majority's part, and neither is one that has left. */
  @Test
  void whoDoesNotVoteDoesNotCount() {
    StateComparison comparison = seen(3, "");
    comparison.voters(List.of("a", "b", "c"));
    comparison.compared("d", new StateMark(7, 1), new StateMark(7, 2));
    assertNull(comparison.others());
    comparison.compared("b", new StateMark(7, 1), new StateMark(7, 2));
    comparison.compared("d", new StateMark(9, 1), new StateMark(9, 1));
    assertNotNull(comparison.dispute("b"));
    comparison.voters(List.of("a", "c"));
    assertNull(comparison.others());
  }

  @Test
  void theVerdictNamesWhoDiffersAndWhere() {
    StateComparison comparison = seen(3, "b!7 c!9 b!8");
    String why = comparison.verdict();
    assertTrue(why.contains("b (seen at revision 7) and c (seen at revision 9)"), why);
  }

  @Test
  void afterASnapshotOfTheLeaderNothingIsKnown() {
    StateComparison comparison = seen(3, "b!7 c!7");
    assertNotNull(comparison.others());
    comparison.restart();
    assertNull(comparison.verdict());
    assertNull(comparison.dispute("b"));
    assertNull(comparison.others());
    assertFalse(comparison.confirmed("b", 1));
  }

  @Test
  void whatIsConfirmedIsNotAskedAgain() {
    StateComparison comparison = seen(3, "b=7 c!7");
    assertTrue(comparison.confirmed("b", 7));
    assertFalse(comparison.confirmed("b", 8));
    assertFalse(comparison.confirmed("c", 7), "it may have begun anew");
  }
}
