package dev.catwalk.ipam.machine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * No address twice and none forgotten, by chance and many times. {@code -Dcatwalk.ipam.seeds=10000}
 * and {@code -Dcatwalk.ipam.operations=1000} say how many; the first seed is {@code
 * catwalk.ipam.first}.
 */
class SimulationTest {
  private static final long SEEDS = Long.getLong("catwalk.ipam.seeds", 500);
  private static final long FIRST = Long.getLong("catwalk.ipam.first", 1);
  private static final int OPERATIONS = Integer.getInteger("catwalk.ipam.operations", 1000);

  @Test
  void noAddressTwiceAndNoneForgotten() {
    AtomicLong given = new AtomicLong();
    AtomicLong givenBack = new AtomicLong();
    AtomicLong servedWhileCut = new AtomicLong();
    AtomicLong adopted = new AtomicLong();
    AtomicLong lent = new AtomicLong();
    AtomicLong moved = new AtomicLong();
    LongStream.range(FIRST, FIRST + SEEDS).parallel().forEach(seed -> {
      Simulation simulation = run(seed, seed % 2 == 0);
      lent.addAndGet(simulation.lent);
      moved.addAndGet(simulation.moved);
      given.addAndGet(simulation.given);
      givenBack.addAndGet(simulation.givenBack);
      servedWhileCut.addAndGet(simulation.servedWhileCut);
      adopted.addAndGet(simulation.adopted);
    });
    System.out.println(
        SEEDS + " seeds of " + OPERATIONS + " operations: " + given + " addresses given, "
            + servedWhileCut + " behind a cut, " + givenBack + " blocks given back, " + adopted
            + " taken over after the loss of a disk, " + lent + " set apart, " + moved
            + " moved with their names");
    assertTrue(
        given.get() > 20 * SEEDS
            && givenBack.get() > SEEDS / 8
            && servedWhileCut.get() > SEEDS
            && adopted.get() > SEEDS / 8
            && lent.get() > SEEDS
            && moved.get() > SEEDS / 8,
        () -> given + " given, " + givenBack + " given back, " + servedWhileCut + " behind a cut");
  }

  /**
   * What a start without the log's word would do: a machine that was off may have been replaced under
   * its name meanwhile, and its block be another's.
   */
  @Test
  void aMachineThatWasOffAndTrustsItsDiskAloneGivesAnAddressTwice() {
    boolean twice = false;
    for (long seed = 1; seed < 200 && !twice; seed++) {
      try {
        new Simulation(seed, true, false).run(OPERATIONS);
      } catch (AssertionError e) {
        twice = String.valueOf(e.getMessage()).contains("is given twice");
      }
    }
    assertTrue(twice);
  }

  /** Seeds that once failed. */
  @ParameterizedTest
  @ValueSource(longs = {21, 47, 48, 68, 131, 164})
  void seedsThatFailedOnce(long seed) {
    assertTrue(run(seed, false).given > 0);
  }

  /** The same with addresses set apart. */
  @ParameterizedTest
  @ValueSource(longs = {3922})
  void seedsThatFailedOnceWithSharing(long seed) {
    assertTrue(run(seed, true).lent > 0);
  }

  private static Simulation run(long seed, boolean sharing) {
    try {
      Simulation simulation = new Simulation(seed, false, sharing);
      simulation.run(OPERATIONS);
      return simulation;
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
    }
  }
}
