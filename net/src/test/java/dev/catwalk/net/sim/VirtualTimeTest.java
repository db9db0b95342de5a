package dev.catwalk.net.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VirtualTimeTest {

  @Test
  void runsInOrderOfTimeThenOfScheduling() {
    VirtualTime time = new VirtualTime(1);
    List<String> seen = new ArrayList<>();
    time.after(20, () -> seen.add("c@" + time.nowMs()));
    time.after(10, () -> seen.add("a@" + time.nowMs()));
    time.after(10, () -> seen.add("b@" + time.nowMs()));
    time.after(15, () -> seen.add("never")).cancel();
    time.after(30, () -> seen.add("late"));
    time.run(20);
    assertEquals(List.of("a@10", "b@10", "c@20"), seen);
    assertEquals(20, time.nowMs());
  }

  @Test
  void stopsAtTheConditionOrTheLimit() {
    VirtualTime time = new VirtualTime(1);
    int[] count = {0};
    Runnable[] tick = new Runnable[1];
    tick[0] = () -> {
      count[0]++;
      time.after(1000, tick[0]);
    };
    time.after(1000, tick[0]);
    assertTrue(time.runUntil(() -> count[0] == 5, 60_000));
    assertEquals(5000, time.nowMs());
    assertFalse(time.runUntil(() -> count[0] == 50, 10_000));
    assertEquals(15_000, time.nowMs());
  }

  @Test
  void oneSeedIsOneHistory() {
    assertEquals(history(7), history(7));
    assertNotEquals(history(7), history(8));
  }

  private static long history(long seed) {
    VirtualTime time = new VirtualTime(seed);
    Link<Integer> link = new Link<>(time, i -> time.trace("got " + i), 1, 50, 0.3);
    for (int i = 0; i < 100; i++) {
      link.send(i);
    }
    time.run(1000);
    return time.traceHash();
  }

  @Test
  void streamKeepsOrderAndLosesOnlyWhatACutCatches() {
    VirtualTime time = new VirtualTime(3);
    List<Integer> got = new ArrayList<>();
    Link<Integer> link = new Link<>(time, got::add, 1, 50, 0);
    for (int i = 0; i < 10; i++) {
      link.send(i);
    }
    time.run(60);
    assertEquals(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), got);
    link.send(10);
    link.cut();
    link.send(11);
    assertTrue(link.isCut());
    link.heal();
    link.send(12);
    time.run(60);
    assertEquals(12, got.getLast());
    assertEquals(11, got.size());
  }
}
