package dev.catwalk.bgp.rib;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What one peer has been told, and of what it must hear anew: a set of prefixes, never a queue of
 * messages. A peer that reads slowly hears the newest state when it reads again. Belongs to an
 * {@link ExportGroup}.
 */
public final class AdjRibOut {
  private final int slot;
  private final Stirred others;
  private ExportGroup group;
  final Bits announced = new Bits();
  final Bits pending = new Bits();

  /** By prefix; {@link PathsGroup}'s alone. */
  PathsGroup.@Nullable Told[] told = new PathsGroup.Told[0];

  private int cursor;
  private boolean endOfRibDue = true;
  private boolean endOfRibHeld;
  private boolean endOfRefreshDue;
  private boolean writable = true;
  private boolean stirred;
  private boolean left;

  AdjRibOut(int slot, boolean endOfRibHeld, ExportGroup group, Stirred others) {
    this.slot = slot;
    this.endOfRibHeld = endOfRibHeld;
    this.group = group;
    this.others = others;
  }

  ExportGroup group() {
    return group;
  }

  /** It belongs to that one from now on. */
  void join(ExportGroup other) {
    group = other;
  }

  /** Nothing is told to it any more. */
  void leave() {
    left = true;
    announced.clear();
    pending.clear();
  }

  /** It must hear of that prefix. */
  void await(int p) {
    if (pending.add(p)) {
      stir();
    }
  }

  /** Where there is something to do for it, that is known from now on. */
  void stir() {
    if (!stirred && hasWork()) {
      stirred = true;
      others.add(this);
    }
  }

  /** It is its turn. */
  void settle() {
    stirred = false;
  }

  /** Prefixes from {@code top} on are none any more. */
  void truncate(int top) {
    announced.truncate(top);
    pending.truncate(top);
    if (told.length > top) {
      told = Arrays.copyOf(told, top);
    }
  }

  /** The peer's, as in {@link Source}. */
  public int slot() {
    return slot;
  }

  /** How many prefixes the peer holds from us. */
  public int announcedCount() {
    return announced.count();
  }

  /** Whether its channel takes more; while it does not, prefixes wait. */
  public void setWritable(boolean writable) {
    this.writable = writable;
    stir();
  }

  /** Whether something waits that could be sent now. */
  public boolean hasWork() {
    return writable && !left && (isEndOfRibDue() || endOfRefreshDue || pending.count() > 0);
  }

  /** Whether it has been told all, and may hear each change as it happens. */
  public boolean isInStep() {
    return writable && !isEndOfRibDue() && !endOfRefreshDue && pending.count() == 0;
  }

  private boolean isEndOfRibDue() {
    return endOfRibDue && !endOfRibHeld;
  }

  /** The End-of-RIB marker need not wait any longer for what is yet to be learned or originated. */
  public void releaseEndOfRib() {
    endOfRibHeld = false;
    stir();
  }

  /** Moves at most {@code limit} waiting prefixes to {@code into}, in turn. */
  void take(int limit, IntList into) {
    while (pending.count() > 0 && into.size() < limit) {
      int next = pending.next(cursor);
      if (next < 0) {
        cursor = 0;
        continue;
      }
      pending.remove(next);
      into.add(next);
      cursor = next + 1;
    }
  }

  /** Whether the End-of-RIB marker is to follow what was just sent. */
  boolean takeEndOfRib() {
    boolean due = isEndOfRibDue() && pending.count() == 0;
    endOfRibDue &= !due;
    return due;
  }

  /**
   * Everything is told again, between markers if it may be so: not before the first exchange is
   * marked to be over (RFC 7313 §4).
   *
   * @return whether it may
   */
  public boolean beginRefresh() {
    endOfRefreshDue = !endOfRibDue;
    stir();
    return endOfRefreshDue;
  }

  /** Whether the marker of a refresh is to follow what was just sent. */
  boolean takeEndOfRefresh() {
    boolean due = endOfRefreshDue && pending.count() == 0;
    endOfRefreshDue &= !due;
    return due;
  }
}
