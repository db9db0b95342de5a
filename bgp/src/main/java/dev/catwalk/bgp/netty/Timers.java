package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.fsm.Event;
import dev.catwalk.bgp.fsm.Timer;
import dev.catwalk.bgp.speaker.Deadline;
import dev.catwalk.bgp.speaker.Happening;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The speaker loop's timers. To arm one again for later, as each message does with the hold timer,
 * costs a look-up: the queue is only told when the earlier time has come. Times are those of {@code
 * System.nanoTime}. One thread.
 */
final class Timers {

  private sealed interface Key {}

  private record OfSession(long peer, Timer timer, long owner) implements Key {}

  private record OfSpeaker(long peer, Deadline deadline) implements Key {}

  /** A timer; its place in the queue may be earlier than its time. */
  private static final class Armed {
    final Key key;
    long generation;
    long dueNanos;
    long queuedNanos;
    boolean active = true;

    Armed(Key key) {
      this.key = key;
    }
  }

  /** Outlived where its timer was queued again at another time. */
  private record Place(long atNanos, Armed armed) {}

  private final HashMap<Key, Armed> armed = new HashMap<>();
  private final PriorityQueue<Place> queue =
      new PriorityQueue<>((a, b) -> Long.signum(a.atNanos - b.atNanos));

  void arm(long peer, Timer timer, long owner, long generation, long dueNanos) {
    arm(new OfSession(peer, timer, owner), generation, dueNanos);
  }

  void remind(long peer, Deadline deadline, long generation, long dueNanos) {
    arm(new OfSpeaker(peer, deadline), generation, dueNanos);
  }

  private void arm(Key key, long generation, long dueNanos) {
    Armed entry = armed.get(key);
    boolean fresh = entry == null;
    if (entry == null) {
      entry = new Armed(key);
      armed.put(key, entry);
    }
    entry.active = true;
    entry.generation = generation;
    entry.dueNanos = dueNanos;
    if (fresh || entry.queuedNanos - dueNanos > 0) {
      enqueue(entry, dueNanos);
    }
  }

  /** It keeps its place in the queue, for the case that it is armed again. */
  void disarm(long peer, Timer timer, long owner) {
    Armed entry = armed.get(new OfSession(peer, timer, owner));
    if (entry != null) {
      entry.active = false;
    }
  }

  /** When the loop should look again; {@code otherwise} where nothing is armed. */
  long nextNanos(long otherwise) {
    Place first = queue.peek();
    while (first != null && isOutlived(first)) {
      queue.remove();
      first = queue.peek();
    }
    return first == null ? otherwise : first.atNanos;
  }

  /** What has run out by now, in the order of time; it is armed no more. */
  List<Happening> expired(long nowNanos) {
    List<Happening> out = new ArrayList<>();
    for (Place first = queue.peek();
        first != null && first.atNanos - nowNanos <= 0;
        first = queue.peek()) {
      queue.remove();
      Armed entry = first.armed;
      if (isOutlived(first)) {
        continue;
      }
      if (entry.active && entry.dueNanos - nowNanos > 0) {
        enqueue(entry, entry.dueNanos);
        continue;
      }
      armed.remove(entry.key);
      entry.queuedNanos = first.atNanos - 1; // any other place of it is outlived
      if (entry.active) {
        out.add(happening(entry.key, entry.generation));
      }
    }
    return out;
  }

  private static Happening happening(Key key, long generation) {
    return switch (key) {
      case OfSession(long peer, Timer timer, long owner) ->
        new Happening.OfPeer(peer, new Event.Expired(timer, owner, generation));
      case OfSpeaker(long peer, Deadline deadline) -> new Happening.Due(peer, deadline, generation);
    };
  }

  private void enqueue(Armed entry, long atNanos) {
    entry.queuedNanos = atNanos;
    queue.add(new Place(atNanos, entry));
  }

  private static boolean isOutlived(Place place) {
    return place.armed.queuedNanos != place.atNanos;
  }
}
