package dev.catwalk.bgp.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.bgp.fsm.Event;
import dev.catwalk.bgp.fsm.Timer;
import dev.catwalk.bgp.speaker.Happening;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TimersTest {

  @Test
  void behaveAsAListOfTimesThatIsSearchedEachTime() {
    SplittableRandom random = new SplittableRandom(3);
    Timers timers = new Timers();
    TreeMap<Long, long[]> model = new TreeMap<>(); // peer to due time and generation
    long now = Long.MAX_VALUE - 5000; // nanoTime may wrap
    for (int i = 0; i < 20_000; i++) {
      long peer = random.nextInt(20);
      switch (random.nextInt(4)) {
        case 0, 1 -> {
          long due = now + random.nextInt(400);
          timers.arm(peer, Timer.HOLD, 0, i, due);
          model.put(peer, new long[] {due, i});
        }
        case 2 -> {
          timers.disarm(peer, Timer.HOLD, 0);
          model.remove(peer);
        }
        default -> now += random.nextInt(60);
      }
      List<Happening> expected = new ArrayList<>();
      long at = now;
      model.entrySet().stream()
          .filter(e -> e.getValue()[0] - at <= 0)
          .forEach(e -> expected.add(
              new Happening.OfPeer(e.getKey(), new Event.Expired(Timer.HOLD, 0, e.getValue()[1]))));
      model.values().removeIf(v -> v[0] - at <= 0);
      List<Happening> found = new ArrayList<>(timers.expired(now));
      found.sort(
          (a, b) -> Long.compare(((Happening.OfPeer) a).peer(), ((Happening.OfPeer) b).peer()));
      assertEquals(expected, found);
      long next = timers.nextNanos(now + 1_000_000);
      long wanted = model.values().stream().mapToLong(v -> v[0] - at).min().orElse(1_000_000);
      assertEquals(true, next - at <= wanted, "looks again in time");
    }
  }
}
