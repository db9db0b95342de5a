package dev.catwalk.bgp.rib;

import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which prefixes wait for a decision, and whose turn it is: each source has a queue of those that it
 * touched, and of each that has one {@link #GO} are taken before the next one's. So what little one
 * changes does not wait for all that another one does. A prefix is taken once, whoever touched it.
 */
final class Touched {
  /** So many of one source are taken at a time. */
  static final int GO = 256;

  private final Bits waiting = new Bits();
  private @Nullable Queue[] queues = new Queue[8]; // by slot; null: none of its wait
  private final ArrayDeque<Queue> turns = new ArrayDeque<>();
  private int taken; // of the first one's go

  /** Numbers in a ring, first in first out. */
  private static final class Queue {
    final int slot;
    private int[] ring = new int[16];
    private int first;
    private int size;

    Queue(int slot) {
      this.slot = slot;
    }

    void add(int p) {
      if (size == ring.length) {
        int[] larger = Arrays.copyOfRange(ring, first, first + 2 * size);
        System.arraycopy(ring, 0, larger, size - first, first);
        ring = larger;
        first = 0;
      }
      ring[first + size & ring.length - 1] = p;
      size++;
    }

    int remove() {
      int p = ring[first];
      first = first + 1 & ring.length - 1;
      size--;
      return p;
    }
  }

  int count() {
    return waiting.count();
  }

  boolean get(int p) {
    return waiting.get(p);
  }

  /**
   * It waits from now on, if it does not yet. Where another source touched it first it has a place
   * behind this one's few as well, and is decided at the earlier of both.
   */
  void add(int p, int slot) {
    Queue queue = slot < queues.length ? queues[slot] : null;
    if (!waiting.add(p) && queue != null && queue.size >= GO) {
      return;
    }
    if (queue == null) {
      queue = new Queue(slot);
      if (slot >= queues.length) {
        queues = Arrays.copyOf(queues, Math.max(slot + 1, 2 * queues.length));
      }
      queues[slot] = queue;
      turns.add(queue);
    }
    queue.add(p);
  }

  /** The next one, which waits no longer; {@link PrefixIndex#NONE}: there is none. */
  int take() {
    for (Queue queue = turns.peek(); queue != null; queue = turns.peek()) {
      int p = queue.remove();
      taken++;
      if (queue.size == 0) {
        queues[queue.slot] = null;
        turns.remove();
        taken = 0;
      } else if (taken >= GO) {
        turns.add(turns.remove());
        taken = 0;
      }
      if (waiting.remove(p)) {
        return p;
      }
    }
    return PrefixIndex.NONE;
  }

  /** Prefixes from {@code top} on are none any more; none waits. */
  void truncate(int top) {
    waiting.truncate(top);
  }
}
