package dev.catwalk.raftstore.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The leases of {@link KvMachine} and the log's time, which is there only while there is a lease. A
 * lease begins to count when time has passed once more after it was granted or kept alive, from the
 * end of that time on: so nothing counts that lay before. Not thread-safe.
 */
final class Leases {
  private static final long MIN_PERIOD_MS = 250;
  private static final long MAX_PERIOD_MS = 1000;

  /** A lease's time is told in so many parts. */
  private static final int PARTS = 4;

  /**
   * What passes at once counts for no more than so many periods, which is at most half of any lease's
   * time: a leader that stood still takes from nobody the time to keep a lease alive.
   */
  private static final int PERIODS_AT_ONCE = 2;

  /** Leases that end in one revision. */
  private static final int ENDED_AT_ONCE = 4096;

  /** No more of them end in that revision when their keys have so many characters. */
  private static final int CHARACTERS_AT_ONCE = Lease.MAX_KEYS * KvMachine.MAX_KEY;

  /** Of a lease that does not count yet. */
  private static final long NOT_YET = 0;

  private static final class Held {
    final long ttlMs;
    final TreeSet<String> keys = new TreeSet<>();
    long dueMs = NOT_YET;

    Held(long ttlMs) {
      this.ttlMs = ttlMs;
    }
  }

  private final TreeMap<Long, Held> leases = new TreeMap<>();
  private final TreeMap<Long, TreeSet<Long>> due = new TreeMap<>();
  private final TreeSet<Long> renewed = new TreeSet<>();
  private final TreeMap<Long, Integer> ttls = new TreeMap<>();
  private long nowMs;

  boolean isEmpty() {
    return leases.isEmpty();
  }

  boolean has(long id) {
    return leases.containsKey(id);
  }

  int size() {
    return leases.size();
  }

  /** See {@link TimedMachine#periodMs}. */
  long periodMs() {
    return leases.isEmpty() ? 0 : Math.clamp(ttls.firstKey() / PARTS, MIN_PERIOD_MS, MAX_PERIOD_MS);
  }

  void grant(long id, long ttlMs) {
    leases.put(id, new Held(ttlMs));
    ttls.merge(ttlMs, 1, Integer::sum);
    renewed.add(id);
  }

  /** The lease's time to live; null if there is no such lease. */
  @Nullable
  Long keepAlive(long id) {
    Held held = leases.get(id);
    if (held == null) {
      return null;
    }
    uncount(id, held);
    renewed.add(id);
    return held.ttlMs;
  }

  private void uncount(long id, Held held) {
    TreeSet<Long> with = due.get(held.dueMs);
    if (with != null && with.remove(id) && with.isEmpty()) {
      due.remove(held.dueMs);
    }
    held.dueMs = NOT_YET;
  }

  /** The keys that such a lease had; null if there is none. */
  @Nullable
  List<String> revoke(long id) {
    Held held = leases.remove(id);
    if (held == null) {
      return null;
    }
    uncount(id, held);
    renewed.remove(id);
    if (Objects.requireNonNull(ttls.merge(held.ttlMs, -1, Integer::sum)) == 0) {
      ttls.remove(held.ttlMs);
    }
    if (leases.isEmpty()) {
      nowMs = 0;
    }
    return List.copyOf(held.keys);
  }

  /** Time has passed; the leases that are due, in the order in which they became so. */
  List<Long> elapse(long elapsedMs) {
    nowMs += Math.clamp(elapsedMs, 0, PERIODS_AT_ONCE * periodMs());
    for (long id : renewed) {
      Held held = Objects.requireNonNull(leases.get(id));
      held.dueMs = nowMs + held.ttlMs;
      due.computeIfAbsent(held.dueMs, at -> new TreeSet<>()).add(id);
    }
    renewed.clear();
    List<Long> ending = new ArrayList<>();
    int characters = 0;
    // A millisecond that has begun has not passed: what is due now ends with the next.
    for (TreeSet<Long> ids : due.headMap(nowMs).values()) {
      for (long id : ids) {
        Held held = Objects.requireNonNull(leases.get(id));
        characters += held.keys.stream().mapToInt(String::length).sum();
        if (ending.size() == ENDED_AT_ONCE
            || !ending.isEmpty() && characters > CHARACTERS_AT_ONCE) {
          return ending;
        }
        ending.add(id);
      }
    }
    return ending;
  }

  /** Whether a key may be put with such a lease beside others that are to be. */
  boolean hasRoom(long id, TreeSet<String> more) {
    Held held = Objects.requireNonNull(leases.get(id));
    long added = more.stream().filter(key -> !held.keys.contains(key)).count();
    return held.keys.size() + added <= Lease.MAX_KEYS;
  }

  void attach(long id, String key) {
    Objects.requireNonNull(leases.get(id)).keys.add(key);
  }

  void detach(long id, String key) {
    Held held = leases.get(id);
    if (held != null) {
      held.keys.remove(key);
    }
  }

  /** One as it stands; null if there is none. */
  @Nullable
  Lease lease(long id) {
    Held held = leases.get(id);
    if (held == null) {
      return null;
    }
    long remaining = held.dueMs == NOT_YET ? held.ttlMs : Math.max(0, held.dueMs - nowMs);
    return new Lease(id, held.ttlMs, remaining, held.keys);
  }

  /** All by their ids. */
  List<Lease> all() {
    List<Lease> all = new ArrayList<>();
    for (long id : leases.keySet()) {
      all.add(Objects.requireNonNull(lease(id)));
    }
    return all;
  }

  /** All but the keys, which say themselves whose they are. */
  void encode(Sink out) {
    out.u64(nowMs).u32(leases.size());
    leases.forEach((id, held) -> out.u64(id).u64(held.ttlMs).u64(held.dueMs));
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws MalformedException if it is something else
   */
  static Leases decode(Source in) {
    Leases decoded = new Leases();
    decoded.nowMs = in.u64();
    for (int left = in.count(24); left > 0; left--) {
      long id = in.u64();
      if (decoded.has(id)) {
        throw new MalformedException("lease " + id + " is there twice");
      }
      decoded.grant(id, in.u64());
      long dueMs = in.u64();
      if (dueMs != NOT_YET) {
        Objects.requireNonNull(decoded.leases.get(id)).dueMs = dueMs;
        decoded.renewed.remove(id);
        decoded.due.computeIfAbsent(dueMs, at -> new TreeSet<>()).add(id);
      }
    }
    if (decoded.isEmpty()) {
      throw new MalformedException("leases without a lease");
    }
    return decoded;
  }
}
