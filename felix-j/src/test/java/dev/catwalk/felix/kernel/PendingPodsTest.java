package dev.catwalk.felix.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.felix.calc.DesiredKernel;
import dev.catwalk.felix.calc.Ruleset;
import dev.catwalk.felix.kernel.PendingPods.Doing;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
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
    pods.wiring("cwa", List.of());
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

  @Test
  void theRouteOfAnAddressIsHeldUntilAStateKnowsThePod() {
    Prefix place = Prefix.parse("10.0.0.1/32");
    pods.wiring("cwa", List.of(place.address()));
    assertTrue(pods.isHeld(place, "cwa"), "its link may not be there yet");
    assertFalse(pods.isHeld(Prefix.parse("10.0.0.2/32"), ""));
    pods.wired("cwa");
    assertTrue(pods.isHeld(place, ""), "from whom an older state takes it");
    assertFalse(pods.isHeld(place, "cwa"), "somebody may have deleted it");
    pods.settled(desired(2, "cwa"));
    assertFalse(pods.isHeld(place, ""));
    pods.wiring("cwb", List.of(place.address()));
    pods.unwired("cwb");
    assertFalse(pods.isHeld(place, ""), "a pod that is removed holds nothing");
  }

  @Test
  void noPodIsBegunWhileRoutesOfAddressesAreWritten() throws Exception {
    Prefix place = Prefix.parse("10.0.0.1/32");
    AtomicReference<Thread> adding = new AtomicReference<>();
    pods.apart(() -> {
      adding.set(Thread.ofPlatform().start(() -> pods.wiring("cwa", List.of(place.address()))));
      while (adding.get().getState() != Thread.State.WAITING) {
        assertNotEquals(Thread.State.TERMINATED, adding.get().getState(), "it has to wait");
        Thread.onSpinWait();
      }
      assertFalse(pods.isHeld(place, ""), "so what is being written is not a pod's");
      return place;
    });
    adding.get().join();
    assertTrue(pods.isHeld(place, ""));
  }
}
