package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may begin with an empty directory. */
class ArrivalTest {
  /** The standing of n2 or n3: f fresh, j joining, m member that knows n1's disk, o another, - away. */
  private static void put(Map<String, Standing> answers, String name, String what) {
    Standing fresh = Standing.fresh(name.charAt(1));
    switch (what) {
      case "f" -> answers.put(name, fresh);
      case "j" -> answers.put(name, fresh.joining());
      case "m" -> answers.put(name, fresh.member(new TreeMap<>(Map.of("n1", 1L))));
      case "o" -> answers.put(name, fresh.member(new TreeMap<>(Map.of("n1", 99L))));
      default -> assertEquals("-", what);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "fresh,   f, f, Found", // all are here and empty
    "fresh,   f, -, Wait", // n3 may hold the state
    "fresh,   -, -, Wait",
    "fresh,   f, m, Found", // n3 has begun and knows this disk
    "fresh,   m, -, Found",
    "fresh,   o, -, Join", // n2 knows another disk of n1
    "fresh,   o, f, Join",
    "fresh,   f, j, Wait", // n3 has lost its disk: there was a cluster
    "joining, m, m, Join", // whatever they know now: the earlier disk may have voted
    "joining, f, f, Wait",
    "joining, -, o, Join"
  })
  void decisions(String mine, String n2, String n3, String expected) {
    Standing fresh = Standing.fresh(1);
    Map<String, Standing> answers = new TreeMap<>();
    put(answers, "n2", n2);
    put(answers, "n3", n3);
    Arrival arrival = Arrival.decide(
        "n1", mine.equals("fresh") ? fresh : fresh.joining(), List.of("n2", "n3"), answers);
    assertEquals(expected, arrival.getClass().getSimpleName());
  }

  @Test
  void standingsKeepWhatTheyHold() throws Exception {
    Standing standing =
        Standing.fresh(-5).member(7, 1234, new TreeMap<>(Map.of("a b", -1L, "n", 3L)));
    assertEquals(standing, Standing.parse(standing.text()));
    assertFalse(standing.caughtUp(1233));
    assertTrue(standing.caughtUp(1234));
    assertFalse(Standing.fresh(1).caughtUp(Long.MAX_VALUE), "nobody votes before it is a member");
    assertThrows(IOException.class, () -> Standing.parse("catwalk-standing 1\nphase LOST\n"));
    assertThrows(IOException.class, () -> Standing.parse(""));
  }
}
