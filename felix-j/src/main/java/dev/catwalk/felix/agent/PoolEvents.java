package dev.catwalk.felix.agent;

import dev.catwalk.felix.model.PoolUse;
import dev.catwalk.ipam.model.IpamState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the log when a pool comes near its end, before an ADD is refused. For the loop alone. */
final class PoolEvents {
  private static final Logger log = LoggerFactory.getLogger(PoolEvents.class);

  /** Two looks are so far apart at least: each goes through all blocks, nanoseconds. */
  private static final long APART_NANOS = 5_000_000_000L;

  /** Of these so many percent are told, once each until the pool has fallen below. */
  private static final List<Integer> LEVELS = List.of(80, 90, 100);

  /**
   * A pool has come to a level or fallen below it.
   *
   * @param level percent, 0 where it is below all levels
   */
  record Event(String pool, int level, boolean rises) {}

  private final TreeMap<String, Integer> levels = new TreeMap<>();
  private long seen = -1;
  private long lookedAt = System.nanoTime() - APART_NANOS;

  /** @param revision of the state */
  void look(IpamState state, long revision, long nowNanos) {
    if (revision == seen || nowNanos - lookedAt < APART_NANOS) {
      return;
    }
    seen = revision;
    lookedAt = nowNanos;
    for (Event event : changes(state)) {
      if (event.rises()) {
        log.warn(
            "a pool comes to its end: add one, or enlarge it pool={} used={}%",
            event.pool(), event.level());
      } else {
        log.info("a pool has room again pool={} below={}%", event.pool(), nextAfter(event.level()));
      }
    }
  }

  /** What has changed since the last state. */
  List<Event> changes(IpamState state) {
    List<Event> events = new ArrayList<>();
    TreeMap<String, Integer> now = new TreeMap<>();
    for (Map.Entry<String, Double> pool : PoolUse.percents(state).entrySet()) {
      int level = 0;
      for (int each : LEVELS) {
        level = pool.getValue() >= each ? each : level;
      }
      int before = levels.getOrDefault(pool.getKey(), 0);
      if (level != before) {
        events.add(new Event(pool.getKey(), level, level > before));
      }
      now.put(pool.getKey(), level);
    }
    levels.clear();
    levels.putAll(now);
    return events;
  }

  private static int nextAfter(int level) {
    return LEVELS.stream().filter(l -> l > level).findFirst().orElse(level);
  }
}
