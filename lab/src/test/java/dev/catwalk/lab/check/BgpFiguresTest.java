package dev.catwalk.lab.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

class BgpFiguresTest {
  private static final BgpCase COLD =
      BgpCase.ALL.stream().filter(c -> c.name().equals("t1m-cold")).findFirst().orElseThrow();

  private static final SequencedMap<String, String> PEERS = new LinkedHashMap<>();

  static {
    PEERS.put("bird", "2.0.12");
    PEERS.put("frr", "8.4.4");
  }

  private static final List<String> LINES = List.of(
      "t1m,bird,1,table,t_all_full_s,2.0",
      "t1m,bird,2,table,t_all_full_s,4.0",
      "t1m,catwalk,1,table,t_all_full_s,9",
      "t1m,catwalk,2,table,t_all_full_s,2.4",
      "t1m,catwalk,3,table,t_all_full_s,2.1",
      "t1m,catwalk,3,table,t_last_update_s,-1",
      "something else");

  @Test
  void theMedianOfWhatWasReached() {
    BgpFigures figures = BgpFigures.read(LINES);
    assertEquals(OptionalDouble.of(3.0), figures.median("bird", "t_all_full_s"));
    assertEquals(OptionalDouble.of(2.4), figures.median("catwalk", "t_all_full_s"));
    assertEquals(OptionalDouble.empty(), figures.median("catwalk", "t_last_update_s"));
    assertEquals(OptionalDouble.empty(), figures.median("frr", "t_all_full_s"));
  }

  @Test
  void aRatioIsOfOneRun() {
    List<Measurement> rows = BgpFigures.read(LINES).rows(COLD, "catwalk", "bird", PEERS);
    assertEquals(
        List.of(
            "t1m-cold t_all_full_s, catwalk",
            "t1m-cold t_all_full_s, bird 2.0.12",
            "t1m-cold t_all_full_s, of bird's",
            "t1m-cold t_all_full_s, frr 8.4.4"),
        rows.stream().map(Measurement::what).toList());
    assertEquals(0.8, rows.get(2).value(), 1e-9);
    assertFalse(rows.get(2).missed());
    assertEquals(Double.POSITIVE_INFINITY, rows.getLast().value());
    assertFalse(rows.getLast().missed(), "what another cannot do is no fault of ours");
    assertTrue(Measurement.text(rows).contains("not reached"));
  }

  @Test
  void aCaseThatWeDidNotEndIsMissed() {
    List<Measurement> rows =
        BgpFigures.read(LINES.subList(0, 2)).rows(COLD, "catwalk", "bird", PEERS);
    assertTrue(rows.get(2).missed());
  }

  @Test
  void oneTurnThatWeDidNotEndIsNotMadeGoodByTheOthers() {
    List<String> lines = new ArrayList<>(LINES);
    lines.add("t1m,catwalk,4,table,t_all_full_s,-1.000");
    List<Measurement> rows = BgpFigures.read(lines).rows(COLD, "catwalk", "bird", PEERS);
    assertTrue(rows.get(2).missed());
  }
}
