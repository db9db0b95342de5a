package dev.catwalk.felix.kernel;

import dev.catwalk.felix.calc.DesiredKernel;
import dev.catwalk.felix.netlink.wire.Inbound;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where a kernel thread finds its work: the newest desired state (older ones are overwritten) and
 * what the monitor heard. Any thread puts, one takes.
 */
final class Inbox {
  /** Changes that wait; beyond it all are dropped and the kernel's state is read anew. */
  static final int MAX_HEARD = 20_000;

  /**
   * What has come in.
   *
   * @param desired the newest desired state so far, whether new or not
   * @param overflow whether changes were lost
   * @param woken whether anything has come in at all, or only time has passed
   * @param heardUntil the newest {@link #ask mark} before which nothing is unheard any more
   */
  record Work(
      Optional<DesiredKernel> desired,
      List<Inbound> heard,
      boolean overflow,
      boolean woken,
      long heardUntil) {}

  private Optional<DesiredKernel> desired = Optional.empty();
  private List<Inbound> heard = new ArrayList<>();
  private boolean overflow;
  private boolean woken;
  private boolean closed;
  private long asked;
  private long heardUntil;

  synchronized void desire(DesiredKernel newest) {
    desired = Optional.of(newest);
    wake();
  }

  synchronized void hear(List<Inbound> messages) {
    if (heard.size() + messages.size() > MAX_HEARD) {
      lost();
      return;
    }
    heard.addAll(messages);
    wake();
  }

  /** Some changes were not told. */
  synchronized void lost() {
    heard.clear();
    overflow = true;
    wake();
  }

  /** Wants to know when all has been heard that had happened by now. Marks ascend. */
  synchronized void ask(long mark) {
    asked = mark;
  }

  synchronized long asked() {
    return asked;
  }

  /** Nothing is left to hear of what happened before that mark was asked about. */
  synchronized void heardUntil(long mark) {
    heardUntil = mark;
  }

  synchronized void wake() {
    woken = true;
    notifyAll();
  }

  synchronized void close() {
    closed = true;
    notifyAll();
  }

  synchronized boolean isClosed() {
    return closed;
  }

  /**
   * Waits for something new, at most that long.
   *
   * @param atMost zero or more
   */
  synchronized Work take(Duration atMost) throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (!woken && !closed) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        break;
      }
      wait(left / 1_000_000, (int) (left % 1_000_000));
    }
    Work work = new Work(desired, heard, overflow, woken, heardUntil);
    heard = new ArrayList<>();
    overflow = false;
    woken = false;
    return work;
  }
}
