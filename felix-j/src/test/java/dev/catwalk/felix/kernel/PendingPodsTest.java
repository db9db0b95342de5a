package dev.catwalk.felix.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.felix.calc.DesiredKernel;
import dev.catwalk.felix.calc.Ruleset;
import dev.catwalk.felix.kernel.PendingPods.Doing;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PendingPodsTest {
  private final PendingPods pods = new PendingPods();

  private static DesiredKernel desired(long revision, String... podLinks) {
    return new DesiredKernel(
        revision,
        new TreeMap<>(),
        new TreeSet<>(List.of(podLinks)),
        new TreeSet<>(),
        Ruleset.EMPTY);
  }

  @Test
  void aWiredPodIsKeptUntilAStateThatKnowsItIsWritten() {
    pods.wired("cwa");
    pods.settled(desired(1));
    assertEquals(Map.of("cwa", Doing.WIRED), pods.now(), "an older state was still being written");
    pods.settled(desired(2, "cwa"));
    assertEquals(Map.of(), pods.now());
  }

  @Test
  void aPodIsKeptAsLongAsItIsBeingWired() {
    pods.wiring("cwa");
    pods.settled(desired(1, "cwa"));
    assertEquals(Map.of("cwa", Doing.WIRING), pods.now(), "its link may not be there yet");
    pods.wired("cwa");
    pods.settled(desired(1, "cwa"));
    assertEquals(Map.of(), pods.now());
  }

  @Test
  void anUnwiredPodIsKeptUntilAStateWithoutItIsWritten() {
    pods.unwired("cwa");
    pods.settled(desired(1, "cwa"));
    assertEquals(Map.of("cwa", Doing.UNWIRED), pods.now());
    pods.settled(desired(2));
    assertEquals(Map.of(), pods.now());
  }

  @Test
  void aPodThatFailedIsNobodys() {
    pods.wired("cwa");
    pods.wired("cwb");
    pods.forget("cwa");
    assertEquals(Map.of("cwb", Doing.WIRED), pods.now());
  }
}
