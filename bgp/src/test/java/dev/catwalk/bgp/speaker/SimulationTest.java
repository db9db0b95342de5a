package dev.catwalk.bgp.speaker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Networks by seed: {@code -Dcatwalk.bgp.seeds=N} runs N of them in place of 300, {@code
 * -Dcatwalk.bgp.seed=S} begins with another than 1. A failure names its seed.
 */
class SimulationTest {
  private static final long COUNT = Long.getLong("catwalk.bgp.seeds", 300);
  private static final long FROM = Long.getLong("catwalk.bgp.seed", 1);

  @Test
  void everyTableOfEveryNetworkIsTheOracles() {
    ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    LongStream.range(FROM, FROM + COUNT).parallel().forEach(seed -> {
      try {
        new Simulation(seed).run();
      } catch (AssertionError e) {
        failures.add(e.getMessage());
      }
    });
    assertEquals(List.of(), List.copyOf(failures), () -> failures.size() + " of " + COUNT);
  }

  /** Each has failed once. */
  @ParameterizedTest
  @ValueSource(longs = {8})
  void whatFailedOnceFailsNoMore(long seed) {
    Simulation simulation = new Simulation(seed, false);
    simulation.run();
    assertTrue(simulation.size() >= Simulation.LEAST);
  }

  /** Of 300 seeds many have each of them. */
  @Test
  void theSeedsHaveAllExtras() {
    List<String> all = LongStream.rangeClosed(1, 300)
        .mapToObj(seed -> new Simulation(seed).toString())
        .toList();
    for (String extra : List.of("longLived", "addPath", "roles", "limits", "aggregates")) {
      long with = all.stream().filter(s -> s.contains(extra + "=true")).count();
      assertTrue(with >= 15, () -> extra + " " + with);
    }
    for (String extra : List.of("bfd", "guests", "far")) {
      long with = all.stream().filter(s -> s.contains(extra + "=true")).count();
      assertTrue(with >= 30, () -> extra + " " + with);
    }
    for (String pair : List.of("kernels", "with transit.*aggregates")) {
      assertTrue(
          all.stream().filter(s -> s.matches("(?s).*" + pair + "=true.*")).count() >= 5,
          all::toString);
    }
  }

  @Test
  void theNetworksAreOfTheSizesThatWereAskedFor() {
    TreeMap<Integer, Integer> count = new TreeMap<>();
    IntStream.rangeClosed(1, 3000)
        .forEach(seed -> count.merge(new Simulation(seed).size(), 1, Integer::sum));
    int smaller =
        count.headMap(Simulation.MEDIAN).values().stream().mapToInt(i -> i).sum();
    int larger = count.tailMap(Simulation.MEDIAN, false).values().stream()
        .mapToInt(i -> i)
        .sum();
    assertTrue(smaller <= 1500 && larger <= 1500, count::toString);
    assertEquals(Simulation.LEAST, count.firstKey());
    assertTrue(count.lastKey() > 190 && count.lastKey() <= Simulation.MOST, count::toString);
  }
}
