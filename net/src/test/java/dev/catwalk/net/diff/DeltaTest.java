package dev.catwalk.net.diff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class DeltaTest {

  @Test
  void ofSets() {
    Delta<String> delta =
        Delta.between(new TreeSet<>(List.of("c", "a", "b")), new TreeSet<>(List.of("b", "z", "y")));
    assertEquals(new Delta<>(List.of("a", "c"), List.of(), List.of("y", "z")), delta);
  }

  @Test
  void ofMaps() {
    Delta<Integer> delta = Delta.between(
        new TreeMap<>(Map.of("add", 1, "keep", 2, "turn", 3)),
        new TreeMap<>(Map.of("keep", 2, "turn", 4, "drop", 5)));
    assertEquals(new Delta<>(List.of(1), List.of(new Delta.Change<>(4, 3)), List.of(5)), delta);
  }

  @Test
  void equalStatesNeedNothing() {
    assertTrue(
        Delta.between(new TreeMap<>(Map.of(1, 1)), new TreeMap<>(Map.of(1, 1))).isEmpty());
  }
}
